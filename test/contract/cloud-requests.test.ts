import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { slotOf } from '../../src/core/plan/assign.ts';
import type { Slot } from '../../src/core/slot.ts';
import { Pin } from '../../src/core/pin.ts';
import {
  Backend,
  entry,
  interviewed,
  openHubStore,
  Scene,
  startAedes,
  startHub,
  until,
} from './cloud-rig.ts';
import type { Hub } from './cloud-rig.ts';

let scene: Scene;
let backend: Backend;
let hub: Hub;
let isRadioUp = true;
const front = randomUUID();
const back = randomUUID();
const foreign = randomUUID();

beforeEach(async () => {
  scene = new Scene();
  isRadioUp = true;
  const broker = await startAedes(scene);
  backend = await Backend.at(scene, broker, 'hub-1');
  const store = openHubStore(scene.dir);
  store.commit(undefined, interviewed(front), []);
  const other = interviewed(back);
  const pin = Pin.parse('665544') ?? null;
  if (pin === null) throw new Error('not a PIN');
  const found: Slot = {
    ...slotOf(other, 7),
    content: { kind: 'pin', pin, enabled: true },
    schedule: { kind: 'known', window: null },
    proof: 'read_back',
    unmanaged: { accessCodeId: foreign, since: Date.UTC(2026, 0, 1) },
  };
  store.commit(undefined, { ...other, slots: [found] }, []);
  hub = startHub(scene, { url: broker.url, store, isRadioUp: () => isRadioUp });
  await until('the hub is ready', () => backend.reports(back)[0] && backend.reports(front)[0]);
});
afterEach(() => scene.end());

let version = 0;

/** Sends a document and waits for the report that says it was taken. */
async function desire(deviceId: string, codes: readonly object[], tombstones: readonly unknown[] = []) {
  version += 1;
  const sent = version;
  await backend.send(`down/desired/${deviceId}`, { v: 1, generation: 1, version: sent, codes, tombstones });
  return until(`version ${sent} is reported`, () =>
    backend.reports(deviceId).find((report) => report.version_received === sent),
  );
}

const pinsOf = (deviceId: string) => hub.store.lockState(deviceId)?.codes.map((code) => code.pin?.reveal());

test('a code without a PIN gets one of the length that is preferred, which no message tells', async () => {
  const report = await desire(front, [entry({ code: undefined, preferred_code_length: 8 })]);
  const [digits] = pinsOf(front) ?? [];
  expect(digits).toMatch(/^\d{8}$/);
  expect(report.codes).toMatchObject([{ errors: [], is_waiting_for_code_assignment: null }]);
  expect(backend.heard.map((message) => message.text).join()).not.toContain(digits);
});

test('codes with the same key have the same PIN on every lock of the hub', async () => {
  await desire(front, [entry({ code: undefined, common_code_key: 'family' })]);
  const report = await desire(back, [entry({ code: undefined, common_code_key: 'family' })]);
  expect(report.codes).toMatchObject([{ common_code_key: 'family' }]);
  expect(pinsOf(back)).toEqual(pinsOf(front));
});

test('a code that is not to wait for a lock that is offline is rejected there', async () => {
  const before = hub.store.lockState(front);
  if (before === undefined) throw new Error('no such lock');
  hub.store.commit(before, { ...before, lock: { ...before.lock, online: false } }, []);
  const report = await desire(front, [
    entry({ attempt_for_offline_device: false }),
    entry({ code: '777777' }),
  ]);
  const own = report.codes.map((code) => code.errors.filter((error) => error.is_access_code_error));
  expect(own).toMatchObject([[{ error_code: 'device_offline' }], []]);
});

test('a code that was found on the lock is reported, and a document that names it adopts it', async () => {
  const [unmanaged] = backend.reports(back).at(-1)?.unmanaged_codes ?? [];
  expect(unmanaged).toMatchObject({ access_code_id: foreign, slot: 7, status: 'set', is_managed: false });
  expect(unmanaged?.pin_fingerprint).toEqual(expect.any(String));
  const report = await desire(back, [{ access_code_id: foreign, name: 'Cleaner' }]);
  expect(report.unmanaged_codes).toEqual([]);
  expect(report.codes).toMatchObject([
    { access_code_id: foreign, name: 'Cleaner', status: 'set', slot: 7, proof: 'read_back' },
  ]);
});

test('a tombstone has it deleted, and one that is no id is counted', async () => {
  const report = await desire(back, [], [foreign, 17]);
  expect(report.codes).toEqual([]);
  expect(report.unmanaged_codes).toMatchObject([
    { access_code_id: foreign, warnings: [{ warning_code: 'being_deleted' }] },
  ]);
  const rejected = hub.store.outbox.after(0, 100).map((row) => row.event['reason']);
  expect(rejected).toContain('tombstone_without_id');
});

test('a radio that goes and comes is reported although nothing was stored', async () => {
  await desire(front, [entry()]);
  const last = () => backend.reports(front).at(-1);
  isRadioUp = false;
  hub.cloud.radiosChanged();
  const gone = await until('it is told', () => (last()?.codes[0]?.status === 'unknown' ? last() : undefined));
  expect(gone.device.errors).toMatchObject([{ error_code: 'hub_disconnected' }]);
  isRadioUp = true;
  hub.cloud.radiosChanged();
  await until('its return is told', () => last()?.codes[0]?.status === 'setting');
});
