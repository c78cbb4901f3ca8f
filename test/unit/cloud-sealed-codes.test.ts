import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { openInbox } from '../../src/cloud/inbox.ts';
import { readEntry } from '../../src/cloud/messages/entry.ts';
import { openSealingKeys } from '../../src/cloud/sealing-keys.ts';
import { SystemClock } from '../../src/clock.ts';
import { DEFAULT_POLICY } from '../../src/core/lock.ts';
import { sealedCode } from '../support/sealer.ts';
import { revealed } from '../support/revealed.ts';
import { hubPlace } from './store-fixture.ts';

const CANARY = '739182640517';
const HUB = 'hub-1';
const START = Date.UTC(2026, 10, 22);

/** A hub's inbox over its real store, and a cloud that writes documents of one lock. */
function scene(options: { readonly plainCodes: boolean } = { plainCodes: true }) {
  const place = hubPlace();
  const store = place.open();
  const now = { earliest: START, latest: START };
  const clock = Object.assign(new SystemClock(), { now: () => now });
  const sealingKeys = openSealingKeys({ secrets: store.secrets, clock });
  const deviceId = randomUUID();
  const log: string[] = [];
  const inbox = openInbox({
    ...options,
    hubId: HUB,
    sealingKeys,
    store,
    clock,
    policy: { ...DEFAULT_POLICY, timezone: 'Europe/Berlin' },
    draw: () => 0,
    log: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
    wake: () => undefined,
    reportAgain: () => undefined,
    acknowledged: () => undefined,
    takeCommand: () => () => undefined,
  });
  const receive = (version: number, codes: readonly object[]) => {
    const text = JSON.stringify({ v: 1, generation: 1, version, codes });
    const topic = `lockhub/v1/${HUB}/down/desired/${deviceId.toUpperCase()}`;
    return inbox.receive({ topic, payload: Buffer.from(text), retain: false });
  };
  return {
    deviceId,
    store,
    log,
    key: sealingKeys.current(),
    receive,
    /** Sends a document and waits until it is stored. */
    take: async (version: number, codes: readonly object[]) => (await receive(version, codes))(),
    /** An entry whose PIN is sealed for the document of this version. */
    entry: (id: string, version: number, pin: string, fields: object = {}) => {
      const belongs = { hub_id: HUB, device_id: deviceId, access_code_id: id, generation: 1, version };
      return { access_code_id: id, sealed_code: sealedCode(sealingKeys.current(), pin, belongs), ...fields };
    },
    codes: () => store.lockState(deviceId)?.codes ?? [],
    events: () => store.outbox.after(0, 1000).map(({ event }) => event['event_type']),
  };
}

test('a sealed PIN is stored like a plain one, with all that stands beside it', async () => {
  const sealed = scene();
  const times = { starts_at: '2036-11-22T16:00:00Z', ends_at: '2036-11-23T16:00:00Z', max_uses: 3 };
  await sealed.take(1, [
    sealed.entry('a', 1, '0123', { name: 'Anna', attempt_for_offline_device: true, ...times }),
    { access_code_id: 'b', code: '4567', sealed_code: null },
    sealed.entry('c', 1, '8901', { code: null }),
  ]);
  const plain = scene();
  await plain.take(1, [
    { access_code_id: 'a', code: '0123', name: 'Anna', ...times },
    { access_code_id: 'b', code: '4567' },
    { access_code_id: 'c', code: '8901' },
  ]);
  expect(sealed.codes().map((code) => code.pin?.reveal())).toEqual(['0123', '4567', '8901']);
  expect(revealed(sealed.codes())).toEqual(revealed(plain.codes()));
  expect(sealed.events()).toEqual(plain.events());
});

test('the same PIN sealed anew for the next document changes nothing', async () => {
  const hub = scene();
  await hub.take(1, [hub.entry('a', 1, '0123'), hub.entry('b', 1, '4567')]);
  const before = hub.codes();
  const events = hub.events();
  await hub.take(2, [hub.entry('a', 2, '0123'), { access_code_id: 'b', code: '4567' }]);
  expect(hub.codes()).toEqual(before);
  expect(hub.codes().map(({ revision }) => revision)).toEqual(before.map(({ revision }) => revision));
  expect(hub.events()).toEqual(events);
  await hub.take(3, [hub.entry('a', 3, '0124'), hub.entry('b', 3, '4567')]);
  expect(hub.codes().map((code) => code.pin?.reveal())).toEqual(['0124', '4567']);
});

test('what can not be taken is told of its code alone; what was accepted before stays in force', async () => {
  const hub = scene();
  await hub.take(1, [hub.entry('kept', 1, '0123')]);
  const stranger = scene();
  await hub.take(2, [
    hub.entry('kept', 1, CANARY),
    hub.entry('moved', 9, CANARY),
    { ...hub.entry('of another', 2, CANARY), access_code_id: 'elsewhere' },
    { access_code_id: 'stranger', sealed_code: { ...sealedFor(stranger), key_id: stranger.key.key_id } },
    hub.entry('both', 2, CANARY, { code: CANARY }),
    hub.entry('text', 2, `${CANARY}x`),
    { access_code_id: 'plain as sealed', sealed_code: CANARY },
    { access_code_id: 'shape', sealed_code: { key_id: CANARY, enc: CANARY, ciphertext: CANARY } },
    hub.entry('good', 2, '4567'),
  ]);
  const problems = Object.fromEntries(
    hub.codes().map((code) => [code.accessCodeId, [code.pin?.reveal(), code.rejected?.message]]),
  );
  expect(problems).toEqual({
    kept: ['0123', expect.stringContaining('sealed_code: does not open')],
    moved: [undefined, expect.stringContaining('seal anew for each')],
    elsewhere: [undefined, expect.stringContaining('bound to hub, device, access code')],
    stranger: [undefined, expect.stringContaining(`Seal to its current one, ${hub.key.key_id}`)],
    both: [undefined, expect.stringContaining('must not stand beside code')],
    text: [undefined, expect.stringContaining('4 to 12 digits')],
    shape: [undefined, expect.stringContaining('must be {"key_id", "enc", "ciphertext"}')],
    good: ['4567', undefined],
  });
  expect(hub.codes().map((code) => code.rejected?.code ?? 'invalid_input')).toEqual(
    hub.codes().map(() => 'invalid_input'),
  );
  const told = JSON.stringify([hub.codes(), hub.store.outbox.after(0, 1000), hub.log]);
  expect(told).not.toContain(CANARY);
});

function sealedFor(stranger: ReturnType<typeof scene>) {
  const entry = stranger.entry('stranger', 2, CANARY);
  return entry.sealed_code;
}

describe('without plain codes', () => {
  test('a PIN in clear is refused, a sealed one and one that the hub makes up are taken', async () => {
    const hub = scene({ plainCodes: false });
    await hub.take(1, [
      { access_code_id: 'plain', code: CANARY, name: 'Anna' },
      hub.entry('sealed', 1, '0123'),
      { access_code_id: 'made up', name: 'x' },
      { access_code_id: 'made-up' },
    ]);
    expect(hub.codes().map(({ accessCodeId, rejected }) => [accessCodeId, rejected?.code])).toEqual([
      ['plain', 'invalid_input'],
      ['sealed', undefined],
      ['made-up', undefined],
    ]);
    expect(hub.codes()[0]?.rejected?.message).toContain('code: this hub takes no PINs in clear');
    expect(hub.codes()[0]?.pin).toBeNull();
    expect(JSON.stringify([hub.codes(), hub.log])).not.toContain(CANARY);
  });

  test('a document with none but plain ones is answered at once, too', () => {
    const hub = scene({ plainCodes: false });
    expect(hub.receive(1, [{ access_code_id: 'plain', code: CANARY }])).not.toBeInstanceOf(Promise);
  });
});

test('only a document with sealed codes takes time, and what comes in between wins by its version', async () => {
  const hub = scene();
  expect(hub.receive(1, [{ access_code_id: 'a', code: '0123' }])).not.toBeInstanceOf(Promise);
  const late = hub.receive(2, [hub.entry('a', 2, '4567')]);
  expect(late).toBeInstanceOf(Promise);
  await hub.take(3, [{ access_code_id: 'a', code: '8901' }]);
  (await late)();
  expect(hub.codes().map((code) => code.pin?.reveal())).toEqual(['8901']);
});

test('a store that fails after the opening rejects, so that the message comes again', async () => {
  const hub = scene();
  const received = hub.receive(1, [hub.entry('a', 1, '0123')]);
  hub.store.close();
  await expect(received).rejects.toThrow();
});

test('an entry is read without a throw and without repeating what was sent, whatever stands in it', () => {
  const junk = fc.oneof(
    fc.anything(),
    fc.constant(CANARY),
    fc.record(
      { key_id: fc.anything(), enc: fc.anything(), ciphertext: fc.constant(CANARY) },
      { requiredKeys: [] },
    ),
  );
  const device = randomUUID();
  fc.assert(
    fc.property(junk, junk, (code, sealed_code) => {
      const entry = readEntry({ access_code_id: 'a', code, sealed_code }, device);
      if (entry?.kind === 'invalid') expect(entry.message).not.toContain(CANARY);
      if (entry?.kind === 'sealed') expect(entry.request.pin).toBeNull();
      if (entry?.kind === 'valid') expect(sealed_code ?? null).toBeNull();
    }),
    { numRuns: 500 },
  );
});
