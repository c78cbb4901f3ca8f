import type { ReportedCode } from '../cloud/messages/up.ts';
import { SECOND_MS } from '../core/time.ts';
import type { CloudEvent, DesiredCode } from './backend.ts';
import { expectNow, NotHeld, until } from './check.ts';
import type { DemoLock } from './locks.ts';
import type { Story } from './story.ts';

/** A desired document reaches the lock, and a report the cloud, within this. */
export const DESIRED_WITHIN_MS = 5 * SECOND_MS;
/** A code goes on and off within this of its time. */
const ON_TIME_WITHIN_MS = 10 * SECOND_MS;
/** A strict start is early by the lock's own measured time to be programmed (decision 22), which is less than this here. */
export const STRICT_LEAD_MAX_MS = SECOND_MS;

/** Waits until one slot of the lock holds the PIN, and answers which. */
export async function pinInSlot(
  story: Story,
  lock: DemoLock,
  pin: string,
  withinMs: number,
): Promise<number> {
  let slot: number | undefined;
  await until(`the code in a slot of ${lock.id}`, withinMs, async () => {
    const { slots } = await story.house.lock(lock.id);
    slot = slots.find((candidate) => candidate.pin === pin)?.slot;
    return { held: slot !== undefined, seen: `slots ${JSON.stringify(slots)}` };
  });
  return slot ?? 0;
}

export async function untilReported(
  story: Story,
  lock: DemoLock,
  wanted: DesiredCode,
  expected: string,
  test: (code: ReportedCode) => boolean,
): Promise<ReportedCode> {
  const find = (): ReportedCode | undefined =>
    story.backend.reported
      .get(lock.deviceId)
      ?.codes.find((code) => code.access_code_id === wanted.access_code_id);
  await until(`${expected}, reported for ${wanted.name}`, DESIRED_WITHIN_MS, () => {
    const code = find();
    return { held: code !== undefined && test(code), seen: JSON.stringify(code) ?? 'no such code' };
  });
  const code = find();
  if (code === undefined) throw new NotHeld(expected, 'no such code any more');
  return code;
}

export async function types(story: Story, lock: DemoLock, pin: string, opens: boolean): Promise<void> {
  const { opened } = await story.house.typePin(lock.id, pin);
  expectNow(`the keypad of ${lock.id} ${opens ? 'opens' : 'refuses'}`, {
    held: opened === opens,
    seen: opened ? 'it opened' : 'it refused',
  });
}

/** Waits until the cloud has heard who opened. */
export async function unlockedBy(story: Story, code: DesiredCode): Promise<void> {
  await until('lock.unlocked with the id of the code', DESIRED_WITHIN_MS, () => ({
    held: eventOf(story, 'lock.unlocked', code) !== undefined,
    seen: `the events ${story.backend.events.map((event) => event.event_type).join(', ')}`,
  }));
}

/**
 * Waits for something that is due at a time, and answers how late it was, in milliseconds.
 * @param earlyMs how early it may be
 */
export async function happened(
  what: string,
  dueAt: number,
  earlyMs: number,
  at: () => number | undefined,
): Promise<number> {
  await until(`the code ${what}`, dueAt + ON_TIME_WITHIN_MS - Date.now(), () => ({
    held: at() !== undefined,
    seen: 'no change yet',
  }));
  const lateMs = (at() ?? 0) - dueAt;
  expectNow(`the code ${what} ${inSeconds(-earlyMs)} to ${inSeconds(ON_TIME_WITHIN_MS)} after its time`, {
    held: lateMs >= -earlyMs && lateMs <= ON_TIME_WITHIN_MS,
    seen: `it ${inSeconds(lateMs)} after its time`,
  });
  return lateMs;
}

export function eventOf(story: Story, type: string, code: DesiredCode): CloudEvent | undefined {
  return story.backend.events.find(
    (event) => event.event_type === type && event['access_code_id'] === code.access_code_id,
  );
}

export function inSeconds(durationMs: number): string {
  return `${(durationMs / SECOND_MS).toFixed(1)} s`;
}
