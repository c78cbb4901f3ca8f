/**
 * Node writes no diagnostic report, whatever `NODE_OPTIONS` says: one has the environment in it, and goes to a file that
 * anybody may read.
 */
export function writeNoReports(): void {
  const { report } = process;
  report.reportOnFatalError = false;
  report.reportOnUncaughtException = false;
  report.reportOnSignal = false;
}
