import { randomUUID } from 'node:crypto';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../core/time.ts';
import type { DesiredCode } from './backend.ts';
import { expectNow, until } from './check.ts';
import { type DemoLock, timeBound } from './locks.ts';
import {
  DESIRED_WITHIN_MS,
  eventOf,
  happened,
  inSeconds,
  pinInSlot,
  STRICT_LEAD_MAX_MS,
  types,
  unlockedBy,
  untilReported,
} from './looks.ts';
import { opensByOfflineCode, toldOfOfflineCode } from './tour-offline.ts';
import { powerCut, wrongClock } from './tour-power.ts';
import { shareSecret } from './door.ts';
import { announceGuest, type Story } from './story.ts';
import { watchPin } from './watch.ts';

const REPAIR_WITHIN_MS = 60 * SECOND_MS;
/** The hub tries its broker again with growing pauses; the demo's hub draws none of more than 16 s this early. */
const RECONNECT_WITHIN_MS = 30 * SECOND_MS;
const INTRUDER_PIN = '66666';

/** One step: what is told, and the checks. Rejects with `NotHeld`; resolves with what was checked. */
export interface Step {
  readonly title: string;
  play(story: Story): Promise<readonly string[]>;
}

export const STEPS: readonly Step[] = [
  { title: 'The cloud asks for a code, and the hub puts it on the lock', play: codeFromTheCloud },
  { title: 'The code opens at the keypad, and the cloud hears of it', play: openedAtTheKeypad },
  { title: "Tomorrow's code already rests on the lock that keeps schedules itself", play: preloaded },
  { title: 'The same on a Zigbee lock: a code for now, and one for tomorrow', play: bothOnZigbee },
  { title: 'A guest is announced, a secret shared, then the internet is cut', play: internetCut },
  { title: 'Offline: somebody changes a code at the lock, and the hub puts it back', play: editRepaired },
  { title: "Offline: the guest's code starts on time", play: startsOnTime },
  { title: "Offline: the guest's code ends on time", play: endsOnTime },
  {
    title: 'Offline: a code that only the cloud knows opens at the keypad of a door',
    play: opensByOfflineCode,
  },
  { title: 'The internet is back, and the cloud learns everything once and in order', play: internetBack },
  {
    title: 'The power is cut while codes are written: the hub starts again and writes none twice',
    play: powerCut,
  },
  { title: 'The hub starts with a wrong clock, and switches on nothing that is not sure', play: wrongClock },
];

async function codeFromTheCloud(story: Story): Promise<readonly string[]> {
  const { backend, plain, owner } = story;
  await backend.desire(plain.deviceId, [owner]);
  const slot = await pinInSlot(story, plain, owner.code, DESIRED_WITHIN_MS);
  const { proof } = await untilReported(story, plain, owner, 'status set', (code) => code.status === 'set');
  return [`at the lock: slot ${slot} of ${plain.id} holds it`, `in the cloud: set, with proof ${proof}`];
}

async function openedAtTheKeypad(story: Story): Promise<readonly string[]> {
  await types(story, story.plain, story.owner.code, true);
  await unlockedBy(story, story.owner);
  return [`at the lock: ${story.plain.id} opened`, 'in the cloud: lock.unlocked with the id of the code'];
}

async function preloaded(story: Story): Promise<readonly string[]> {
  const code = tomorrows();
  await story.backend.desire(story.native.deviceId, [code]);
  return [await restsOnLock(story, story.native, code), 'in the cloud: scheduled on the device'];
}

async function bothOnZigbee(story: Story): Promise<readonly string[]> {
  const { backend, zigbee } = story;
  const resident = { access_code_id: randomUUID(), name: 'Resident', code: '81472' };
  const tomorrow = tomorrows();
  story.residents = [resident, tomorrow];
  await backend.desire(zigbee.deviceId, story.residents);
  const slot = await pinInSlot(story, zigbee, resident.code, DESIRED_WITHIN_MS);
  await untilReported(story, zigbee, resident, 'status set', (code) => code.status === 'set');
  const rests = await restsOnLock(story, zigbee, tomorrow);
  await types(story, zigbee, resident.code, true);
  await unlockedBy(story, resident);
  return [
    `at the lock: slot ${slot} of ${zigbee.id} holds it, and the keypad opens`,
    rests,
    'in the cloud: set, scheduled on the device, and lock.unlocked with the id of the code',
  ];
}

function tomorrows(): DesiredCode {
  const startsAt = Date.now() + DAY_MS;
  return timeBound('Tomorrow', '36904', startsAt, startsAt + 4 * HOUR_MS);
}

/** Waits until a lock holds a code that its own schedule keeps closed; answers where, in words. */
async function restsOnLock(story: Story, lock: DemoLock, code: DesiredCode): Promise<string> {
  const slot = await pinInSlot(story, lock, code.code, 2 * DESIRED_WITHIN_MS);
  await untilReported(
    story,
    lock,
    code,
    'scheduled on the device',
    (seen) => seen.is_scheduled_on_device === true,
  );
  const row = (await story.house.lock(lock.id)).slots.find((candidate) => candidate.slot === slot);
  expectNow('a schedule on the slot', { held: row?.schedules.length === 1, seen: JSON.stringify(row) });
  await types(story, lock, code.code, false);
  return `at the lock: slot ${slot} of ${lock.id} holds it with a schedule, and the keypad refuses it today`;
}

async function internetCut(story: Story): Promise<readonly string[]> {
  const { hubId, backend, broker, plain, owner, house } = story;
  story.secret = await shareSecret(hubId, backend);
  story.guest = announceGuest();
  const { code } = story.guest;
  await backend.desire(plain.deviceId, [owner, code]);
  await untilReported(story, plain, code, 'the code to be known', (seen) => seen.status === 'unset');
  story.watch = watchPin(house, plain.id, code.code, story.ending);
  await broker.cut();
  await types(story, plain, code.code, false);
  return [
    'the hub knows the code and the secret, and has no broker any more',
    `at the lock: ${plain.id} refuses the code so far`,
  ];
}

async function editRepaired(story: Story): Promise<readonly string[]> {
  const { plain, owner, house } = story;
  const slot = await pinInSlot(story, plain, owner.code, 0);
  await house.program(plain.id, slot, INTRUDER_PIN);
  await pinInSlot(story, plain, INTRUDER_PIN, 0);
  const startedMs = performance.now();
  const back = await pinInSlot(story, plain, owner.code, REPAIR_WITHIN_MS);
  const took = inSeconds(performance.now() - startedMs);
  expectNow(`the code back in slot ${slot}`, { held: back === slot, seen: `it in slot ${back}` });
  await types(story, plain, INTRUDER_PIN, false);
  await types(story, plain, owner.code, true);
  return [`at the lock: slot ${slot} holds our code again after ${took}, the other one is refused`];
}

async function startsOnTime(story: Story): Promise<readonly string[]> {
  const { guest, plain, watch } = story;
  const lateMs = await happened('on the lock', guest.startsAt, STRICT_LEAD_MAX_MS, () => watch.cameAt);
  await types(story, plain, guest.code.code, true);
  return [`at the lock: there ${inSeconds(lateMs)} after starts_at, and the keypad opens`];
}

async function endsOnTime(story: Story): Promise<readonly string[]> {
  const { guest, plain, watch } = story;
  const lateMs = await happened('off the lock', guest.endsAt, 0, () => watch.wentAt);
  await types(story, plain, guest.code.code, false);
  return [`at the lock: gone ${inSeconds(lateMs)} after ends_at, and the keypad refuses`];
}

/** A lock that refuses the PIN is read once more by the hub, which tells the removal then. */
const PROVED_WITHIN_MS = 500;

async function internetBack(story: Story): Promise<readonly string[]> {
  const { backend, broker, guest, owner } = story;
  const offlineTill = new Date(Date.now() + PROVED_WITHIN_MS).toISOString();
  await broker.restore();
  await until('access_code.deleted of the guest', RECONNECT_WITHIN_MS, () => ({
    held: eventOf(story, 'access_code.deleted', guest.code) !== undefined,
    seen: `the last event ${JSON.stringify(backend.events.at(-1))}`,
  }));
  const wanted = ['set_on_device', 'removed_from_device', 'deleted'].map((name) => `access_code.${name}`);
  const told = backend.events.filter((event) => event['access_code_id'] === guest.code.access_code_id);
  const order = told.map((event) => event.event_type).filter((type) => wanted.includes(type));
  expectNow(wanted.join(', '), { held: order.join() === wanted.join(), seen: order.join(', ') });
  const edit = eventOf(story, 'access_code.modified_external_to_seam', owner);
  expectNow('the edit at the lock as an event', { held: edit !== undefined, seen: 'none' });
  const opened = toldOfOfflineCode(story);
  expectNow('who opened by the offline code, and was refused', {
    held: opened.every((event) => event !== undefined),
    seen: JSON.stringify(backend.events.slice(-10)),
  });
  const offline = [...told.filter((event) => wanted.includes(event.event_type)), edit, ...opened];
  expectNow('events that bear the time at which they happened', {
    held: offline.every((event) => event !== undefined && event.occurred_at < offlineTill),
    seen: JSON.stringify(offline),
  });
  expectNow('no gap', { held: backend.troubles.length === 0, seen: backend.troubles.join(' ') });
  expectNow('no repetition', { held: backend.repeats.length === 0, seen: backend.repeats.join(', ') });
  const { events } = backend;
  return [
    `in the cloud: events ${events[0]?.seq} to ${events.at(-1)?.seq}, each once, in order, none missing`,
  ];
}
