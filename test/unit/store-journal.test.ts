import { expect, test } from 'vitest';

import { hubPlace } from './store-fixture.ts';
import { NOON, pin } from './store-rows.ts';

test('an operation is open from its beginning to its end, over a restart', () => {
  const place = hubPlace();
  let store = place.open();
  const first = store.begin('a', { kind: 'set_pin', slot: 3, pin: pin('1234'), enabled: true }, 'code', NOON);
  const second = store.begin('b', { kind: 'set_clock' }, null, NOON + 1);
  store.close();
  store = place.open();
  expect(store.openOperations()).toEqual([
    { operationId: first, deviceId: 'a', kind: 'set_pin', slot: 3 },
    { operationId: second, deviceId: 'b', kind: 'set_clock', slot: null },
  ]);
  store.settled(first, 'done', NOON + 2);
  expect(store.openOperations().map((operation) => operation.operationId)).toEqual([second]);
  expect(place.sql('SELECT * FROM operations WHERE operation_id = ?', first)).toEqual([
    {
      operation_id: first,
      device_id: 'a',
      kind: 'set_pin',
      slot: 3,
      access_code_id: 'code',
      begun_at: NOON,
      outcome: 'done',
      settled_at: NOON + 2,
    },
  ]);
});

test('an operation is settled once; anything else is a bug', () => {
  const store = hubPlace().open();
  const operationId = store.begin('a', { kind: 'read_slot', slot: 1 }, null, NOON);
  store.settled(operationId, 'done', NOON);
  expect(() => store.settled(operationId, 'done', NOON)).toThrow(/not open/);
  expect(() => store.settled(operationId + 1, 'done', NOON)).toThrow(/not open/);
});

test('the newest settled operations are kept, and every open one', () => {
  const place = hubPlace();
  const store = place.open({ bounds: { journalRowsMax: 3 } });
  const open = store.begin('a', { kind: 'clear_slot', slot: 1 }, null, NOON);
  for (let count = 0; count < 6; count += 1) {
    store.settled(store.begin('a', { kind: 'read_slot', slot: 1 }, null, NOON), 'done', NOON);
  }
  expect(place.sql('SELECT operation_id FROM operations')).toEqual(
    [open, open + 4, open + 5, open + 6].map((operation_id) => ({ operation_id })),
  );
});

test('how operations ended is counted from the start on', () => {
  const place = hubPlace();
  const store = place.open();
  for (const outcome of ['done', 'unreachable', 'done']) {
    store.settled(store.begin('a', { kind: 'set_clock' }, null, NOON), outcome, NOON);
  }
  store.begin('a', { kind: 'read_slot', slot: 1 }, null, NOON);
  expect(store.operationCounts()).toEqual([
    { kind: 'set_clock', outcome: 'done', count: 2 },
    { kind: 'set_clock', outcome: 'unreachable', count: 1 },
  ]);
  expect(place.open().operationCounts()).toEqual([]);
});
