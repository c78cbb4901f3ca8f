import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { describe } from './commands.ts';

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
 * `lockhub replace`: says what the backup is, asks what only a person can know, restores, and says what is left to do.
 * False: the person said no, and nothing was done. Rejects like `restore`.
 */
export async function walkThrough(terminal: Terminal, replacement: Replacement): Promise<boolean> {
  const say = (line: string): void => void terminal.output.write(`${line}\n`);
  const { header, line } = await describe(replacement.file);
  say(`1. The backup: ${line}.`);
  const ageDays = Math.floor((Date.now() - Date.parse(header.made_at)) / DAY_MS);
  if (ageDays > 1) {
    say(`   It is ${ageDays} days old. Codes that were made on the hub itself since then are not in it.`);
  }
  if (terminal.asks && !(await agrees(terminal))) {
    say('Nothing was done.');
    return false;
  }
  say('2. Restoring.');
  for (const done of await replacement.restore()) say(`   ${done}`);
  say('3. What is left:');
  say(`   - look at the ports under radios in ${replacement.configFile}: ls /dev/serial/by-id`);
  say('   - start the hub: systemctl start lockhub. A new stick gets the network of the old one first,');
  say('     which takes some minutes; locks need not be paired again, and no code is written anew.');
  say('   - open the page: every lock should be online within ten minutes.');
  say('   - take the old stick out of use for good: two sticks with one network disturb each other.');
  return true;
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
