import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { SECOND_MS } from '../core/time.ts';

const ASK_TIMEOUT_MS = 3 * SECOND_MS;

/** Of systemd-timesyncd, while it runs: it makes the file in it when it has set the clock for the first time. */
const TIMESYNCD_FOLDER = '/run/systemd/timesync';
const TIMESYNCD_FILE = `${TIMESYNCD_FOLDER}/synchronized`;

/** Numbers of adjtimex(2) on the two machines that the hub runs on. */
const ADJTIMEX: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 159, arm64: 171 };

/** Asks the kernel without changing anything (modes 0); 5 is TIME_ERROR: the clock is not synchronised. */
const ASK_KERNEL = (call: number): string =>
  `my $buffer = "\\0" x 512; my $state = syscall(${call}, $buffer); exit($state < 0 ? 2 : $state == 5 ? 1 : 0)`;

/**
 * Whether a time service holds the wall clock of this machine. The kernel knows it of whatever service there is
 * (timesyncd, chrony, ntpd), and forgets it when somebody sets the date by hand. Node can't ask it, so `timedatectl` is
 * asked, which the sandbox of the unit lets through (D-Bus), then (where there is no D-Bus, as in a container) `perl`,
 * which every Debian has and the sandbox refuses; then the file that timesyncd leaves. Each question to `timedatectl`
 * starts a service of systemd, whose journal may be on the card, so none is asked while timesyncd has set no clock yet.
 * Nobody to ask: it is not. Never rejects.
 */
export async function isSynchronised(): Promise<boolean> {
  if ((await isThere(TIMESYNCD_FOLDER)) && !(await isThere(TIMESYNCD_FILE))) return false;
  const said = await output('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  if (said?.text === 'yes' || said?.text === 'no') return said.text === 'yes';
  const call = ADJTIMEX[process.arch];
  const asked = call === undefined ? undefined : await output('perl', ['-e', ASK_KERNEL(call)]);
  if (asked?.code === 0 || asked?.code === 1) return asked.code === 0;
  return isThere(TIMESYNCD_FILE);
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

interface Output {
  readonly code: number | null;
  readonly text: string;
}

/** What a program printed and how it ended; `undefined`: there is none, or it took too long. */
function output(program: string, args: readonly string[]): Promise<Output | undefined> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: ASK_TIMEOUT_MS, encoding: 'utf8' }, (error, text) => {
      if (error !== null && child.exitCode === null) resolve(undefined);
      else resolve({ code: child.exitCode, text: text.trim() });
    });
  });
}
