import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import { BackupError } from './errors.ts';
import { checkBackup } from './read-file.ts';
import type { Progress, Replacement } from './replacement.ts';

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 1000;

/** Where a person is asked. */
interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  readonly asks: boolean;
}

interface Replacing {
  readonly file: string;
  readonly configFile: string;
  /** What was restored here before, and is not to be restored once more. */
  readonly before: () => Replacement | null;
  /** Rejects with what a person can mend. */
  readonly restore: () => Promise<readonly string[]>;
  /** Gives up the certificate of the old hub; answers what a person has to tell the cloud. `null`: it is to stay. */
  readonly renew: (() => Promise<readonly string[]>) | null;
}

/** Asked one after the other before anything is done; a person who says no to one has something to do first. */
const QUESTIONS = [
  'Is the old hub switched off or gone, and will it stay off? Two hubs with one identity would fight over locks and cloud.',
  'Are sticks plugged in here: the old ones, or new ones of the same kind that are in no network?',
] as const;

/**
 * Says what the backup is, asks what only a person can know, restores, takes a new identity, and answers what is left to
 * do. Begun once more after an interruption, it goes on where it was. Rejects like `restore`, and with a `BackupError` of
 * kind `declined` when the person said no.
 */
export async function walkThrough(terminal: Terminal, replacing: Replacing): Promise<readonly string[]> {
  const say = (line: string): void => void terminal.output.write(`${line}\n`);
  const { hub_id: hubId, made_at: madeAt, version, recipients } = await checkBackup(replacing.file);
  const opener = recipients.some(({ kind }) => kind === 'recovery') ? 'a recovery key' : 'its own hub alone';
  say(`1. The backup: ${hubId}, made ${madeAt} by lockhub ${version}, opens with ${opener}.`);
  const ageDays = Math.floor((Date.now() - Date.parse(madeAt)) / DAY_MS);
  if (ageDays > 1) {
    say(`   It is ${ageDays} days old. Codes that were made on the hub itself since then are not in it.`);
  }
  if (terminal.asks && !(await agrees(terminal))) {
    throw new BackupError('declined', 'Nothing was done.');
  }
  if (replacing.before()?.made_at === madeAt) say('2. It was restored here already.');
  else {
    say('2. Restoring.');
    for (const line of await replacing.restore()) say(`   ${line}`);
  }
  if (replacing.renew !== null) {
    say('3. A new identity, so that the certificate of the old hub can be revoked.');
    if (replacing.before()?.is_renamed === true) say('   It has one already: lockhub claim shows the code.');
    else for (const line of await replacing.renew()) say(`   ${line}`);
  }
  return ['4. What is left:', ...leftToDo(replacing.configFile, hubId, replacing.renew !== null)];
}

function leftToDo(configFile: string, hubId: string, isRenewed: boolean): readonly string[] {
  const cloud = [
    `   - in the cloud: revoke the certificate of the old hub, set the name ${hubId} free, and claim it with the code`,
    `     above (reference cloud: revoke ${hubId}; release ${hubId}; claim CODE).`,
  ];
  return [
    `   - look at the ports under radios in ${configFile}: ls /dev/serial/by-id`,
    '   - start the hub: systemctl start lockhub. A new stick gets the network of the old one first,',
    '     which takes some minutes; locks need not be paired again, and no code is written anew.',
    ...(isRenewed ? cloud : []),
    `   - lockhub replace --config ${configFile} waits until every lock has answered; the page says it too.`,
    '   - take the old stick out of use for good: two sticks with one network disturb each other.',
  ];
}

/**
 * Waits until every lock has answered the hub that runs, and tells whatever changes. Rejects with a `BackupError` of kind
 * `incomplete` when some have not in time.
 */
export async function untilAllAnswer(
  say: (line: string) => void,
  look: () => Progress,
  nameOf: (deviceId: string) => string,
  withinMs: number,
): Promise<readonly string[]> {
  const untilMs = performance.now() + withinMs;
  for (let told = ''; ;) {
    const { locks, silent, writes } = look();
    const line = `${locks - silent.length} of ${locks} locks have answered.`;
    if (line !== told) say(line);
    told = line;
    if (silent.length === 0) return [writtenText(writes)];
    if (performance.now() >= untilMs) {
      throw new BackupError(
        'incomplete',
        `These locks have not answered: ${silent.map(nameOf).join(', ')}. Does the hub run, are its radios up (lockhub doctor), and is each of them near? Ask again later; nothing has to be done anew.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function writtenText(writes: number): string {
  return writes === 0
    ? 'No code was written or erased since the restore.'
    : `${writes} writes since the restore: wishes of the cloud that are newer than the backup, or codes that have ended. The page names them, lock by lock.`;
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
