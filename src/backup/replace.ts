import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { BackupError } from './errors.ts';
import { checkBackup } from './read-file.ts';

const DAY_MS = 86_400_000;

/** Where a person is asked. */
interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly asks: boolean;
}

interface Replacement {
  readonly file: string;
  readonly configFile: string;
  /** Rejects with what a person can mend. */
  readonly restore: () => Promise<readonly string[]>;
}

/** Asked one after the other before anything is done; a person who says no to one has something to do first. */
const QUESTIONS = [
  'Is the old hub switched off, and will it stay off? Two hubs with one identity would fight over locks and cloud.',
  'Are sticks plugged in here: the old ones, or new ones of the same kind that are in no network?',
] as const;

/**
 * Says what the backup is, asks what only a person can know, restores, and answers what is left to do. Rejects like
 * `restore`, and with a `BackupError` of kind `declined` when the person said no.
 */
export async function walkThrough(terminal: Terminal, replacement: Replacement): Promise<readonly string[]> {
  const say = (line: string): void => void terminal.output.write(`${line}\n`);
  const { hub_id: hubId, made_at: madeAt, version, recipients } = await checkBackup(replacement.file);
  const opener = recipients.some(({ kind }) => kind === 'recovery') ? 'a recovery key' : 'its own hub alone';
  say(`1. The backup: ${hubId}, made ${madeAt} by lockhub ${version}, opens with ${opener}.`);
  const ageDays = Math.floor((Date.now() - Date.parse(madeAt)) / DAY_MS);
  if (ageDays > 1) {
    say(`   It is ${ageDays} days old. Codes that were made on the hub itself since then are not in it.`);
  }
  if (terminal.asks && !(await agrees(terminal))) {
    throw new BackupError('declined', 'Nothing was done.');
  }
  say('2. Restoring.');
  const done = await replacement.restore();
  return [...done.map((line) => `   ${line}`), '3. What is left:', ...leftToDo(replacement.configFile)];
}

function leftToDo(configFile: string): readonly string[] {
  return [
    `   - look at the ports under radios in ${configFile}: ls /dev/serial/by-id`,
    '   - start the hub: systemctl start lockhub. A new stick gets the network of the old one first,',
    '     which takes some minutes; locks need not be paired again, and no code is written anew.',
    '   - open the page: every lock should be online within ten minutes.',
    '   - take the old stick out of use for good: two sticks with one network disturb each other.',
  ];
}

async function agrees({ input, output }: Terminal): Promise<boolean> {
  const lines = createInterface({ input, output });
  const closed = once(lines, 'close').then(() => 'no');
  try {
    for (const question of QUESTIONS) {
      const answer = await Promise.race([lines.question(`${question} [yes/no] `), closed]);
      if (!/^y(es)?$/i.test(answer.trim())) return false;
    }
    return true;
  } finally {
    lines.close();
  }
}
