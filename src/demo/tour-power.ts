import { randomUUID } from 'node:crypto';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import { expectNow, pause, until } from './check.ts';
import type { HouseLock } from './house.ts';
import { type DemoLock, timeBound } from './locks.ts';
import { inSeconds, pinInSlot, STRICT_LEAD_MAX_MS, types } from './looks.ts';
import type { Story } from './story.ts';
import { machineWithWrongClock } from './wrong-clock.ts';

/** A new process opens its database and both radios. */
const START_WITHIN_MS = 30 * SECOND_MS;
const WRITTEN_WITHIN_MS = 20 * SECOND_MS;
const YEAR_MS = 365 * DAY_MS;
/** A hub that does not know the time is given so long to make a mistake. */
const TEMPTED_MS = 3 * SECOND_MS;
/** By so much the clock of a cloud may be wrong: only what ended before that has certainly ended. */
const CLOUD_ERROR_MS = 10 * SECOND_MS;
const SHORT_STAY_MS = 4 * SECOND_MS;
const FAMILY_PINS = ['70351', '70362', '70373', '70384'] as const;
const SHORT_STAY_PIN = '90417';
const LATE_GUEST_PIN = '90428';

/** The power goes while codes are on their way to two locks; the next start finds its way. */
export async function powerCut(story: Story): Promise<readonly string[]> {
  const { hubs, backend, house, plain, zigbee, owner, residents } = story;
  await hubs.spawn();
  await saysHello(story, 'the hub in a process of its own');
  const before = await Promise.all([plain, zigbee].map(({ id }) => house.lock(id)));
  const family = FAMILY_PINS.map((code) => ({ access_code_id: randomUUID(), name: 'Family', code }));
  await backend.desire(plain.deviceId, [owner, ...family]);
  await backend.desire(zigbee.deviceId, [...residents, ...family]);
  await until('the first of eight codes', WRITTEN_WITHIN_MS, async () => {
    const written = await onLocks(story, [plain, zigbee]);
    return { held: written > 0, seen: 'none' };
  });
  await hubs.cutPower();
  const written = await onLocks(story, [plain, zigbee]);
  await hubs.spawn();
  for (const lock of [plain, zigbee]) {
    for (const pin of FAMILY_PINS) await pinInSlot(story, lock, pin, START_WITHIN_MS);
  }
  await types(story, plain, owner.code, true);
  for (const lock of before) expectOnce(lock, await house.lock(lock.id), FAMILY_PINS);
  return [
    `killed when ${written} of ${2 * FAMILY_PINS.length} codes were on the locks`,
    'at the locks: all codes are there, each in one slot that was written once, and the others were not touched',
  ];
}

/** A hub that starts with a clock that is a year behind does nothing that it can't vouch for. */
export async function wrongClock(story: Story): Promise<readonly string[]> {
  const { hubs, backend, house, plain, owner } = story;
  const startsAt = Date.now() + STRICT_LEAD_MAX_MS;
  const endsAt = startsAt + SHORT_STAY_MS;
  const stay = { ...timeBound('Short stay', SHORT_STAY_PIN, startsAt, endsAt), strict_start: true };
  await backend.desire(plain.deviceId, [owner, stay]);
  await pinInSlot(story, plain, SHORT_STAY_PIN, SHORT_STAY_MS);
  await hubs.cutPower();
  await hubs.open(machineWithWrongClock(-YEAR_MS));
  await saysHello(story, 'the hub with the wrong clock');
  expectNow('a clock that is not trusted', {
    held: backend.hello?.clock.trusted === false,
    seen: JSON.stringify(backend.hello?.clock),
  });
  const late = timeBound('Late guest', LATE_GUEST_PIN, endsAt - MINUTE_MS, endsAt + HOUR_MS);
  await backend.desire(plain.deviceId, [owner, stay, late]);
  await pause(Math.max(TEMPTED_MS, endsAt + CLOUD_ERROR_MS + SECOND_MS - Date.now()));
  const unsure = await house.lock(plain.id);
  expectNow('nothing switched on that is not sure', {
    held: !holds(unsure, LATE_GUEST_PIN),
    seen: JSON.stringify(unsure.slots),
  });
  await backend.tellTime({ answers: false });
  await until('what has certainly ended to be off', WRITTEN_WITHIN_MS, async () => {
    const seen = await house.lock(plain.id);
    return { held: !holds(seen, SHORT_STAY_PIN), seen: JSON.stringify(seen.slots) };
  });
  expectNow('still nothing switched on', {
    held: !holds(await house.lock(plain.id), LATE_GUEST_PIN),
    seen: 'the late guest on the lock',
  });
  const toldAt = Date.now();
  await backend.tellTime({ answers: true });
  await pinInSlot(story, plain, LATE_GUEST_PIN, WRITTEN_WITHIN_MS);
  await types(story, plain, LATE_GUEST_PIN, true);
  return [
    'the clock is a year behind: a code whose time has come is not put on the lock',
    'the cloud says that it is at least so late: the code that has certainly ended goes',
    `the cloud answers the hello: the hub knows the time, and the code is on ${inSeconds(Date.now() - toldAt)} later`,
  ];
}

function holds({ slots }: HouseLock, pin: string): boolean {
  return slots.some((slot) => slot.pin === pin);
}

async function onLocks({ house }: Story, locks: readonly DemoLock[]): Promise<number> {
  const seen = await Promise.all(locks.map(({ id }) => house.lock(id)));
  return seen.reduce((sum, lock) => sum + FAMILY_PINS.filter((pin) => holds(lock, pin)).length, 0);
}

/** Slots with new codes were written once since then, and no other one at all. */
function expectOnce(before: HouseLock, after: HouseLock, pins: readonly string[]): void {
  for (const { slot, pin } of after.slots) {
    const writes = (after.writes[slot] ?? 0) - (before.writes[slot] ?? 0);
    const wanted = pin !== null && pins.includes(pin) ? 1 : 0;
    expectNow(`slot ${slot} of ${after.id} written ${wanted === 1 ? 'once' : 'never'}`, {
      held: writes === wanted,
      seen: `${writes} times`,
    });
  }
}

async function saysHello({ backend }: Story, who: string): Promise<void> {
  const before = backend.hello?.boot_id;
  await until(`${who} to say hello`, START_WITHIN_MS, () => ({
    held: backend.hello?.boot_id !== before,
    seen: 'it has not yet',
  }));
}
