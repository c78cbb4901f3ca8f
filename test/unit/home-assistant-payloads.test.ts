import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/core/command.ts';
import type { LockState } from '../../src/core/lock.ts';
import { codeEventOf } from '../../src/home-assistant/code-event.ts';
import { discoveryOf } from '../../src/home-assistant/discovery.ts';
import { stateOf } from '../../src/home-assistant/state.ts';
import { topicsOf } from '../../src/home-assistant/topics.ts';
import { codeWith, holding, lockWith, pinOf, slotWith, stateWith } from '../support/core-samples.ts';
import { PLAIN } from '../support/core-world.ts';
import { DEVICE_DISCOVERY } from '../support/home-assistant-schema.ts';

const TOPICS = topicsOf('hub-1', 'homeassistant');
const DEVICE_ID = '3f0c2c3e-92f4-5d4b-8c1f-0a7b1e5d9c21';

const ajv = new Ajv2020({ discriminator: true, allErrors: true, formats: { uri: true } });
const isDiscovery = ajv.compile(DEVICE_DISCOVERY);

type Entity = Readonly<Record<string, unknown>> & { readonly platform: string };

function discovery(state: LockState): { readonly components: Readonly<Record<string, Entity>> } {
  // As it is read at the other end.
  return JSON.parse(JSON.stringify(discoveryOf(state.lock, TOPICS, '1.0.0')));
}

const command: fc.Arbitrary<Command | undefined> = fc.option(
  fc
    .record({
      type: fc.constantFrom('lock_door', 'unlock_door', 'identify'),
      outcome: fc.constantFrom({ state: 'accepted' }, { state: 'running' }),
    } as const)
    .map(({ type, outcome }) => ({
      commandId: 'c',
      type,
      request: { type, deviceId: DEVICE_ID },
      receivedAt: 0,
      expiresAt: 1,
      outcome,
      outcomeAt: 0,
    })),
  { nil: undefined },
);

const state: fc.Arbitrary<LockState> = fc
  .record({
    lock: fc.record({
      radio: fc.constantFrom('zwave', 'zigbee'),
      address: fc.constantFrom(2, '0x00158d0001e2f3a4', null),
      model: fc.option(fc.string()),
      online: fc.boolean(),
      batteryLevel: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      locked: fc.option(fc.boolean()),
      jammed: fc.boolean(),
      versionReceived: fc.nat(3),
      versionApplied: fc.nat(3),
    } as const),
    status: fc.constantFrom('unset', 'setting', 'set', 'removing', 'unknown'),
  } as const)
  .map(({ lock, status }) =>
    stateWith({
      lock: lockWith({ deviceId: DEVICE_ID, capabilities: PLAIN, ...lock }),
      codes: [codeWith('a', { status })],
    }),
  );

/** What Home Assistant reads of the state message with a template of ours; `null` becomes "None". */
function rendered(template: unknown, told: ReturnType<typeof stateOf>): string {
  const key = /^\{\{ value_json\.(\w+) \}\}$/.exec(String(template))?.[1];
  expect(told).toHaveProperty(String(key));
  return String(told[String(key)] ?? 'None');
}

/** The states that each platform knows, with the defaults of its documentation. */
const KNOWN: Readonly<Record<string, RegExp>> = {
  lock: /^(LOCKED|UNLOCKED|JAMMED|LOCKING|UNLOCKING|OPEN|OPENING|None)$/,
  sensor: /^(\d{1,2}|100|None)$/,
  binary_sensor: /^(ON|OFF)$/,
};

describe('whatever the state of a lock', () => {
  test('its discovery is what Home Assistant accepts, and every entity can read the state', () => {
    fc.assert(
      fc.property(state, command, fc.boolean(), (lockState, underWay, isRadioUp) => {
        const payload = discovery(lockState);
        expect(isDiscovery(payload), ajv.errorsText(isDiscovery.errors)).toBe(true);
        const told = stateOf(lockState, { underWay, isRadioUp });
        for (const entity of Object.values(payload.components)) {
          if (entity.platform === 'event') continue;
          expect(rendered(entity['value_template'], told)).toMatch(KNOWN[entity.platform] ?? /never/);
        }
      }),
    );
  });
});

describe('the schema that payloads are checked by', () => {
  test.each([
    ['no origin', 'origin', undefined],
    ['no identifier', 'device.identifiers', undefined],
    ['an unknown key at the root', 'name', 'x'],
    ['a lock that takes no commands', 'components.lock.command_topic', undefined],
    ['commands to a wildcard', 'components.lock.command_topic', 'a/+'],
    ['an entity without an id', 'components.battery.unique_id', undefined],
    ['a battery without a unit', 'components.battery.unit_of_measurement', undefined],
    ['an unknown platform', 'components.lock.platform', 'door'],
    ['an event without types', 'components.code_used.event_types', undefined],
    ['a misspelt key', 'components.lock.payload_locked', 'x'],
    ['two kinds of availability', 'components.lock.availability_topic', 'x'],
  ])('refuses %s', (_what, where, value) => {
    expect(isDiscovery(spoilt(discovery(SAMPLE), where.split('.'), value))).toBe(false);
  });
});

/** A copy with one key changed, or left out. */
function spoilt(from: object, [key = '', ...more]: readonly string[], value: string | undefined): object {
  const fields: Readonly<Record<string, unknown>> = { ...from };
  const inner = fields[key];
  return {
    ...fields,
    [key]:
      typeof inner === 'object' && inner !== null && more.length > 0 ? spoilt(inner, more, value) : value,
  };
}

const SAMPLE = stateWith({
  lock: lockWith({
    deviceId: DEVICE_ID,
    radio: 'zwave',
    address: 5,
    model: 'Yale YRD256',
    capabilities: PLAIN,
    online: true,
    batteryLevel: 0.854,
    locked: true,
  }),
});

const CALM = { underWay: undefined, isRadioUp: true } as const;

function running(type: string): Command {
  const outcome = { state: 'running' } as const;
  return { commandId: 'c', type, request: null, receivedAt: 0, expiresAt: 1, outcome, outcomeAt: 0 };
}

function withLock(more: Partial<LockState['lock']>): LockState {
  return { ...SAMPLE, lock: { ...SAMPLE.lock, ...more } };
}

describe('the state of a lock', () => {
  test('has what its entities show', () => {
    expect(stateOf(SAMPLE, CALM)).toEqual({
      lock: 'LOCKED',
      battery: 85,
      connectivity: 'ON',
      codes_out_of_sync: 'OFF',
    });
  });

  test.each([
    ['UNLOCKED', withLock({ locked: false }), undefined],
    ['JAMMED', withLock({ jammed: true }), undefined],
    [null, withLock({ locked: null }), undefined],
    ['LOCKING', withLock({ locked: false }), running('lock_door')],
    ['UNLOCKING', withLock({ jammed: true }), running('unlock_door')],
    ['LOCKED', SAMPLE, running('identify')],
    ['LOCKED', SAMPLE, { ...running('unlock_door'), outcome: { state: 'accepted' } } as const],
  ])('shows the bolt as %s', (bolt, lockState, underWay) => {
    expect(stateOf(lockState, { ...CALM, underWay })['lock']).toBe(bolt);
  });

  test('is not connected when lock or radio do not answer', () => {
    expect(stateOf(withLock({ online: false }), CALM)['connectivity']).toBe('OFF');
    expect(stateOf(SAMPLE, { ...CALM, isRadioUp: false })['connectivity']).toBe('OFF');
  });

  const failure = { code: 'duplicate_code_on_device', message: '', createdAt: 0 } as const;
  test.each([
    ['ON', 'a document is not applied', withLock({ versionReceived: 2, versionApplied: 1 })],
    ['ON', 'a code is being set', { ...SAMPLE, codes: [codeWith('a', { status: 'setting' })] }],
    ['ON', 'a code is being removed', { ...SAMPLE, codes: [codeWith('a', { status: 'removing' })] }],
    ['ON', 'a code has an error', { ...SAMPLE, codes: [codeWith('a', { errors: [failure] })] }],
    ['OFF', 'a code is set', { ...SAMPLE, codes: [codeWith('a', { status: 'set' })] }],
    ['OFF', 'a code is not due', { ...SAMPLE, codes: [codeWith('a', { status: 'unset' })] }],
    [
      'OFF',
      'only a waiting backup code is being set',
      { ...SAMPLE, codes: [codeWith('a', { status: 'setting', isBackup: true })] },
    ],
  ])('has codes out of sync %s when %s', (expected, _when, lockState) => {
    expect(stateOf(lockState, CALM)['codes_out_of_sync']).toBe(expected);
  });
});

function withName(name: string | null, more: Partial<LockState> = {}): LockState {
  return stateWith({ codes: [codeWith('a', { name, pin: pinOf('4711') })], ...more });
}

describe('the use of a code', () => {
  const used = {
    event_type: 'lock.unlocked',
    method: 'keycode',
    device_id: 'lock',
    occurred_at: '2026-11-22T12:00:00.000Z',
    access_code_id: 'a',
    slot: 1,
  };
  function nameOf(lockState: LockState, event: object = used): string | undefined {
    return codeEventOf({ ...event }, () => lockState)?.payload.code_name;
  }

  test('is told with the name of the code', () => {
    expect(codeEventOf(used, () => withName('Anna'))).toEqual({
      deviceId: 'lock',
      payload: { event_type: 'used', occurred_at: used.occurred_at, code_name: 'Anna' },
    });
  });

  test('is told without a name where there is none', () => {
    expect(nameOf(withName(null))).toBeUndefined();
    expect(nameOf(stateWith())).toBeUndefined();
    expect(nameOf(withName('Anna'), { ...used, access_code_id: undefined })).toBeUndefined();
  });

  test('of a backup code has the name of the code that it stands in for', () => {
    const original = codeWith('a', { name: 'Anna', pulledBackupId: 'b' });
    const backup = codeWith('b', { isBackup: true, backupOf: 'a' });
    expect(nameOf(stateWith({ codes: [original, backup] }), { ...used, access_code_id: 'b' })).toBe('Anna');
  });

  test.each([
    ['the PIN', withName('4711')],
    ['a text with the PIN', withName('Anna 4711!')],
    [
      'the PIN of another code',
      withName('Anna 8888', { slots: [slotWith(2, { content: holding('8888') })] }),
    ],
  ])('leaves a name out that is %s', (_what, lockState) => {
    expect(codeEventOf(used, () => lockState)?.payload).toEqual({
      event_type: 'used',
      occurred_at: used.occurred_at,
    });
  });

  test('that was refused has no name', () => {
    const event = { event_type: 'lock.access_denied', device_id: 'lock', occurred_at: used.occurred_at };
    expect(codeEventOf(event, () => withName('Anna'))?.payload).toEqual({
      event_type: 'denied',
      occurred_at: used.occurred_at,
    });
  });

  test.each(['manual', 'remote', 'automatic'])('is not an unlocking by %s', (method) => {
    expect(codeEventOf({ ...used, method }, () => withName('Anna'))).toBeUndefined();
  });

  test('is no other event', () => {
    expect(codeEventOf({ ...used, event_type: 'lock.locked' }, () => withName('Anna'))).toBeUndefined();
    expect(codeEventOf({ event_type: 'hub.started', occurred_at: '' }, () => undefined)).toBeUndefined();
  });
});

test('a command names its lock in its topic, and nothing else does', () => {
  expect(TOPICS.deviceOf(TOPICS.command(DEVICE_ID))).toBe(DEVICE_ID);
  expect(TOPICS.deviceOf(TOPICS.state(DEVICE_ID))).toBeUndefined();
  expect(TOPICS.deviceOf(topicsOf('hub-10', 'x').command(DEVICE_ID))).toBeUndefined();
  expect(TOPICS.deviceOf(`${TOPICS.command(DEVICE_ID)}/more`)).toBeUndefined();
});
