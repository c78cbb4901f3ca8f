import { checkUpOf } from './check-up.ts';
import { reportOf } from './report.ts';

/** `lockhub doctor`: prints what is wrong. The exit code is 0 where nothing is, 1 otherwise. */
export async function runDoctor(options: { readonly config: string; readonly json: boolean }): Promise<void> {
  const checkUp = await checkUpOf(options.config);
  const lines = options.json ? [JSON.stringify(checkUp)] : reportOf(checkUp);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  process.exitCode = checkUp.findings.length === 0 ? 0 : 1;
}
