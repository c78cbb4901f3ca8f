import Database from 'better-sqlite3';

import { systemRandom } from '../../src/store/key.ts';
import { APPLICATION_ID, MIGRATIONS } from '../../src/store/migrations.ts';
import { keyCheckOf, Seal } from '../../src/store/seal.ts';
import { hubPlace } from './store-fixture.ts';
import { NOON, pin } from './store-rows.ts';

export const V1_PIN = pin('0042');
export const V1_OTHER_PIN = pin('135790');
export const V1_EPOCH = '3f1c1c1e-7f0c-4b56-8e0e-5f0e6f3f6a01';
export const V1_WINDOW = { start: '2026-11-22T12:00', stop: '2026-11-23T12:00' };

const LOCK = `
  INSERT INTO locks (
    device_id, radio, address, model, capabilities, secure, online, battery_level, locked, jammed, tampered,
    battery_low, masks_pins, native_refused, clock_set, generation, version_received, version_applied, failures,
    retry_at
  ) VALUES (
    'a', 'zwave', 5, 'Model',
    '{"firstSlot":1,"lastSlot":30,"adminSlots":[30],"pinLength":{"min":4,"max":8},'
      || '"nativeScheduling":{"kind":"year_day","granuleMs":60000},"checksum":true}',
    1, 1, 0.5, 1, 0, 0, 0, 0, 0, '{"at":${NOON},"offsetMinutes":60}', 2, 9, 8, 1, ${NOON + 0.5}
  )`;
const CODE = `
  INSERT INTO access_codes (
    device_id, access_code_id, name, pin, starts_at, ends_at, prefer_native_scheduling, allow_external_modification,
    strict_start, origin, created_at, slot, status, status_since, is_scheduled_on_device, ever_on_device,
    externally_modified, failures, errors, warnings
  ) VALUES (
    'a', ?, 'Guest', ?, ${NOON}, ${NOON + 1}, 1, 0, 0, 'cloud', ${NOON}, ?, 'set', ${NOON}, 0, 1, ?, 0, '[]', '[]'
  )`;
const SLOT = `
  INSERT INTO slots (
    device_id, slot, owner, content, pin, enabled, recheck, pending_pin, pending_over_empty, schedule, proof,
    proven_at, written_at
  ) VALUES (
    'a', ?, ?, ?, ?, ?, 'no', ?, ?, '${JSON.stringify({ kind: 'known', window: V1_WINDOW })}', 'read_back', ${NOON}, 100
  )`;
const REST = `
  INSERT INTO tombstones (device_id, access_code_id, created_at, slot, deleted_at) VALUES ('a', 'gone', 1, 1, 2);
  INSERT INTO operations (device_id, kind, slot, access_code_id, begun_at) VALUES ('a', 'set_pin', 2, 'begun', 1);
  INSERT INTO outbox (worth, body) VALUES (2, '{"event_type":"lock.locked","occurred_at":"2026-11-22T12:00:00.250Z","device_id":"a"}');`;

/**
 * A database as the first schema left it: lock `a` with a proven code in slot 1, a write begun in slot 2, a PIN of
 * somebody else over a code in slot 3 and an empty slot 4 kept for a code.
 */
export function databaseOfVersion1(): ReturnType<typeof hubPlace> {
  const place = hubPlace();
  const seal = new Seal({ number: 1, key: place.key }, systemRandom);
  const database = new Database(place.file);
  database.exec(MIGRATIONS[0] ?? '');
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma('user_version = 1');
  const meta = database.prepare('INSERT INTO meta (name, value) VALUES (?, ?)');
  meta.run('key_check', keyCheckOf(place.key));
  meta.run('epoch', V1_EPOCH);
  database.exec(LOCK);
  const code = database.prepare(CODE);
  for (const [index, id] of ['proven', 'begun', 'edited', 'kept'].entries()) {
    const sealed = withoutNumber(
      seal.sealPin(V1_PIN, { table: 'access_codes', column: 'pin', id: ['a', id] }),
    );
    code.run(id, sealed, index + 1, id === 'edited' ? 1 : 0);
  }
  const sealedIn = (slot: number, column: 'pin' | 'pending_pin') =>
    withoutNumber(
      seal.sealPin(column === 'pin' && slot === 1 ? V1_PIN : V1_OTHER_PIN, {
        table: 'slots',
        column,
        id: ['a', slot],
      }),
    );
  const slot = database.prepare(SLOT);
  slot.run(1, 'proven', 'pin', sealedIn(1, 'pin'), 1, null, null);
  slot.run(2, 'begun', 'empty', null, null, sealedIn(2, 'pending_pin'), 1);
  slot.run(3, 'edited', 'pin', sealedIn(3, 'pin'), 1, null, null);
  slot.run(4, 'kept', 'empty', null, null, null, null);
  database.exec(REST);
  database.close();
  return place;
}

/** As values were before they said by which key they are sealed. */
function withoutNumber(sealed: Uint8Array): Uint8Array {
  return sealed.subarray(4);
}
