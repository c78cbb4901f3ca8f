import { afterAll, describe, expect, test } from 'vitest';
import { judge } from '../../../src/core/offline/judge.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant } from '../../../src/core/time.ts';
import { offlineCode } from '../../../src/reference-cloud/offline-code.ts';
import { CLEAN, DOOR, doorSecret, SECRET } from '../../support/offline-door.ts';
import { ClockWorld } from './clock-world.ts';
import { BOOT, CUT, END, FAMILIES, START, WITNESS_CODE, type Knowledge } from './families.ts';

const YEAR_MS = 365 * DAY_MS;
/** NTP is reached so late after the boot, where it is. */
const NTP_MS = 20 * MINUTE_MS;
const CLOUD_MS = 5 * MINUTE_MS;
const UNLOCK_MS = 10 * MINUTE_MS;
const CELLS_MIN = 600;

interface Wall {
  readonly name: string;
  /** What the wall clock shows at the boot, by the true time. */
  readonly shows: (truth: Instant) => Instant;
  /** `boot`: the system is synchronised when the hub starts; `later`: after a while, which steps its clock. */
  readonly ntp?: 'boot' | 'later';
  /** Somebody sets the date by hand after a while, which ends the synchronisation. */
  readonly handMs?: number;
  /** The config says that this clock is right. */
  readonly isVouchedFor?: true;
  /** It is a virtual machine, whose host keeps this clock. */
  readonly isHosted?: true;
  /** That clock looks as if it were right. */
  readonly isBelieved?: true;
}

const WALLS: readonly Wall[] = [
  { name: 'right, though nobody says so', shows: (truth) => truth },
  { name: '1970', shows: () => 0 },
  { name: 'a year back', shows: (truth) => truth - YEAR_MS },
  { name: 'a day back', shows: (truth) => truth - DAY_MS },
  { name: 'an hour back', shows: (truth) => truth - HOUR_MS },
  { name: 'an hour ahead', shows: (truth) => truth + HOUR_MS },
  { name: 'a year ahead', shows: (truth) => truth + YEAR_MS },
  { name: '2038', shows: () => Date.parse('2038-01-19T03:14:00Z') },
  { name: 'a year back until NTP steps it', shows: (truth) => truth - YEAR_MS, ntp: 'later' },
  { name: 'a year ahead until NTP steps it', shows: (truth) => truth + YEAR_MS, ntp: 'later' },
  { name: 'right until somebody sets it ahead', shows: (truth) => truth, ntp: 'boot', handMs: YEAR_MS },
  { name: 'right until somebody sets it back', shows: (truth) => truth, ntp: 'boot', handMs: -DAY_MS },
  { name: 'right, as the host keeps it', shows: (truth) => truth, isHosted: true, isBelieved: true },
  { name: 'a year ahead, as the host keeps it', shows: (truth) => truth + YEAR_MS, isHosted: true },
  { name: '1970, as the host keeps it', shows: () => 0, isHosted: true },
  { name: '1970, though the config says it is right', shows: () => 0, isVouchedFor: true },
  { name: 'a day back, though the config says it is right', shows: (t) => t - DAY_MS, isVouchedFor: true },
];

interface Help {
  readonly name: string;
  readonly witnesses: number;
  readonly cloud?: 'answers' | 'waited';
}

/** The last two with `scripts/test --full` only. */
const HELP = (
  [
    { name: 'nobody else', witnesses: 0 },
    { name: 'a cloud', witnesses: 0, cloud: 'answers' },
    { name: 'two witnesses', witnesses: 2 },
    { name: 'one witness', witnesses: 1 },
    { name: 'a message that waited for an hour', witnesses: 0, cloud: 'waited' },
  ] satisfies readonly Help[]
).slice(0, process.env['LOCKHUB_TEST_FULL'] === '1' ? 5 : 3);

/** What the hub can know, worked out from the sources alone. */
function knowledge({ ntp, isVouchedFor, isBelieved, name }: Wall, { witnesses, cloud }: Help): Knowledge {
  const isWrong = isVouchedFor === true && name.startsWith('a day');
  const heldAt = ntp === undefined ? null : BOOT + (ntp === 'boot' ? 0 : NTP_MS + MINUTE_MS);
  const ntpAt = isBelieved === true ? BOOT : heldAt;
  const answerAt = cloud === 'answers' ? BOOT + CLOUD_MS : null;
  // A lock is asked a minute after the boot, and again while that goes on.
  const askedAt = BOOT + 2 * MINUTE_MS;
  const witnessAt = witnesses > 0 && !isWrong ? askedAt : null;
  const exactAt = first(ntpAt, answerAt);
  const endAt = first(exactAt, witnesses > 1 ? witnessAt : null);
  const saidAt = cloud === 'waited' ? BOOT + CLOUD_MS : null;
  const isExactSoon = endAt === exactAt;
  return {
    beginAt: first(exactAt, witnessAt, saidAt),
    behindMs: exactAt !== null ? 0 : saidAt !== null ? HOUR_MS : 15 * MINUTE_MS,
    endAt: isWrong && witnesses > 0 && exactAt === null ? null : endAt,
    exactAt,
    // Until the cloud takes the hub's side.
    isDisputed: isWrong && cloud === undefined,
    slackMs: isExactSoon ? 0 : 5 * MINUTE_MS,
  };
}

function first(...instants: readonly (Instant | null)[]): Instant | null {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Plays one world, and answers what was wrong in it, by family. */
async function play(wall: Wall, help: Help): Promise<readonly string[]> {
  const knows = knowledge(wall, help);
  const world = new ClockWorld(START, help.witnesses);
  const wrong = new Set<string>();
  try {
    await before(world);
    world.wall.aheadMs = wall.shows(BOOT) - BOOT;
    world.wall.isHosted = wall.isHosted === true;
    world.wall.isSynchronised = wall.ntp === 'boot' || wall.isVouchedFor === true;
    await world.boot();
    world.time.at(BOOT + NTP_MS, () => step(world, wall));
    world.time.at(BOOT + CLOUD_MS, () => speak(world, help));
    world.time.at(BOOT + UNLOCK_MS, () => unlock(world));
    const door = doorLook(world, knows, wrong);
    await world.pass(END, () => {
      const { now } = world.time;
      for (const { name, lock, spec, looks, must, mustNot } of FAMILIES) {
        const isThere =
          looks === 'opens' ? world.opens(lock, spec.pin ?? '') : world.holds(lock, spec.pin ?? '');
        const at = new Date(now).toISOString();
        if (isThere && mustNot(now, knows)) wrong.add(`${name}: there at ${at}`);
        if (!isThere && must(now, knows)) wrong.add(`${name}: missing at ${at}`);
      }
      door();
    });
    wrongUnlock(world, knows, wrong, help);
    return firsts(wrong);
  } finally {
    world.end();
  }
}

function specs(lock: number) {
  return FAMILIES.filter((family) => family.lock === lock);
}

/** The life before the power cut, in which all is well. */
async function before(world: ClockWorld): Promise<void> {
  await world.boot();
  await world.pass(START + 3 * MINUTE_MS);
  world.want(
    0,
    specs(0).map(({ spec, first: at = spec }) => at),
  );
  world.want(
    1,
    specs(1).map(({ spec }) => spec),
  );
  world.want(2, [WITNESS_CODE]);
  await world.pass(CUT - 10 * MINUTE_MS);
  world.want(
    0,
    specs(0).map(({ spec }) => spec),
  );
  await world.pass(CUT);
  world.cut();
  await world.pass(BOOT);
}

function step({ wall }: ClockWorld, { ntp, handMs }: Wall): void {
  if (ntp === 'later') Object.assign(wall, { aheadMs: 0, isSynchronised: true });
  if (handMs !== undefined) Object.assign(wall, { aheadMs: handMs, isSynchronised: false });
}

function speak(world: ClockWorld, { cloud }: Help): void {
  if (cloud === 'answers') world.connect();
  const sentAt = new Date(world.time.now - HOUR_MS).toISOString();
  if (cloud === 'waited') world.hear('sync', { v: 1, cloud_time: sentAt });
}

const COMMAND = 'd0000000-0000-4000-8000-000000000001';

function unlock(world: ClockWorld): void {
  const expires_at = new Date(world.time.now + HOUR_MS).toISOString();
  const params = { device_id: world.stateOf(0).lock.deviceId };
  world.hear('command', { v: 1, command_id: COMMAND, type: 'unlock_door', params, expires_at });
}

/** No door is opened by command while the hub does not know the time. */
function wrongUnlock(world: ClockWorld, { exactAt }: Knowledge, wrong: Set<string>, { cloud }: Help): void {
  const isKnown = exactAt !== null && exactAt < BOOT + UNLOCK_MS;
  const isOpen = world.locks[0]?.bolt === 'unlocked';
  if (isOpen !== isKnown) wrong.add(`unlock by command: the door is ${isOpen ? 'open' : 'shut'}`);
  // Only a cloud that is there is told what came of it.
  if (cloud === 'answers' && world.results.get(COMMAND) !== (isKnown ? 'succeeded' : 'clock_uncertain')) {
    wrong.add(`unlock by command: the cloud was told ${world.results.get(COMMAND)}`);
  }
}

/** A code that follows from a secret alone, judged every minute. */
function doorLook(world: ClockWorld, { endAt }: Knowledge, wrong: Set<string>): () => void {
  const startsAt = Date.parse('2026-11-24T10:00:00Z');
  const endsAt = startsAt + 2 * HOUR_MS;
  const [from = '', to = ''] = [startsAt, endsAt].map((at) => new Date(at).toISOString());
  const digits = offlineCode(SECRET, { deviceId: DOOR, startsAt: from, endsAt: to });
  return () => {
    const { now } = world.time;
    const { verdict } = judge({ digits, deviceId: DOOR }, [doorSecret(SECRET)], CLEAN, world.now());
    const isOpen = verdict.kind === 'opened';
    const isNear = now >= startsAt - HOUR_MS && now < endsAt + HOUR_MS;
    const isInside = now > startsAt && now < endsAt;
    const at = new Date(now).toISOString();
    if (isOpen && (!isNear || endAt === null)) wrong.add(`offline code: opens at ${at}`);
    if (!isOpen && isInside && endAt !== null && now > endAt + MINUTE_MS) {
      wrong.add(`offline code: does not open at ${at}`);
    }
  };
}

/** Of each family what was wrong first. */
function firsts(wrong: ReadonlySet<string>): readonly string[] {
  const kinds = new Map<string, string>();
  for (const text of wrong) {
    const kind = text.replace(/ at .*/, '');
    if (!kinds.has(kind)) kinds.set(kind, text);
  }
  return [...kinds.values()];
}

/** Beside the families of codes: a code that the hub judges alone, and a door that is to be opened by command. */
const ROWS = FAMILIES.length + 2;

describe('after a power cut of six hours', () => {
  let cells = 0;
  for (const wall of WALLS) {
    test.each(HELP)(`with a clock that shows ${wall.name}, and $name`, async (help) => {
      expect(await play(wall, help)).toEqual([]);
      cells += ROWS;
    });
  }

  afterAll(() => {
    console.log(`clock matrix: ${cells} cells held`);
  });

  test(`the matrix has at least ${CELLS_MIN} cells`, () => {
    expect(WALLS.length * HELP.length * ROWS).toBeGreaterThanOrEqual(CELLS_MIN);
  });
});
