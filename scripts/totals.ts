import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What is needed of vitest's JSON report. */
const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  success: z.boolean(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/**
 * Prints the closing line of `scripts/test`. A test file that could not even be loaded counts as one failure, and so
 * does a run that failed without saying where. The checks before the tests count as one that passed.
 */
function closingLine(text: string, vitestFailed: boolean): { readonly line: string; readonly ok: boolean } {
  const report = reportSchema.parse(JSON.parse(text));
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const counted = report.numFailedTests + unloaded;
  const failed = counted === 0 && (vitestFailed || !report.success) ? 1 : counted;
  const passed = report.numPassedTests + 1;
  return { line: `${passed} passed, ${failed} failed`, ok: failed === 0 && report.numPassedTests > 0 };
}

const [reportFile = '', vitestStatus] = process.argv.slice(2);
try {
  const { line, ok } = closingLine(readFileSync(reportFile, 'utf8'), vitestStatus !== '0');
  console.log(line);
  process.exitCode = ok ? 0 : 1;
} catch {
  // Without a report there is nothing to count: vitest itself failed, and said why above.
  console.log('1 passed, 1 failed');
  process.exitCode = 1;
}
