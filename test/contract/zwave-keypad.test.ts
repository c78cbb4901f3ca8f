import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import { eventually, startRig, type Rig } from './zwave-rig.ts';

const KEYPAD = 'device-3';
const HOUSE = `
locks:
  - { id: door, model: uc-v2, address: 2 }
keypads:
  - { id: beside, address: 3 }
`;

let folder: string;
let house: House;
let rig: Rig;

function told(kind: LockEventBody['kind']): readonly LockEventBody[] {
  return rig.heard
    .filter(({ deviceId, body }) => deviceId === KEYPAD && body.kind === kind)
    .map(({ body }) => body);
}

function typedDigits(): readonly string[] {
  return told('keypad_entry').map((body) => (body.kind === 'keypad_entry' ? body.digits.reveal() : ''));
}

async function type(digits: string): Promise<void> {
  const response = await fetch(`${house.control}/keypads/beside/type`, {
    method: 'POST',
    body: JSON.stringify({ digits }),
  });
  expect(response.status).toBe(200);
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-keypad-'));
  const file = path.join(folder, 'house.yaml');
  writeFileSync(file, HOUSE);
  house = await startHouse({ house: file });
  rig = await startRig(house);
  await eventually(() => told('found').length > 0 && house.keypads[0]?.cacheSize === 10, 'the keypad is met');
});

afterAll(async () => {
  await rig.stop();
  await house.stop();
  rmSync(folder, { recursive: true });
});

describe('a Z-Wave keypad that asks the hub', () => {
  it('is a device of its own, with keys and without slots', () => {
    expect(told('found')[0]).toMatchObject({
      description: {
        address: 3,
        secure: true,
        locked: null,
        batteryLevel: 1,
        capabilities: { isKeypad: true, firstSlot: 1, lastSlot: 0 },
      },
      snapshot: [],
    });
  });

  it('tells ten digits once, in one, and no others in the log', async () => {
    await type('0012345678');
    await eventually(() => typedDigits().length > 0, 'the digits came');
    await type('4711');
    await eventually(() => typedDigits().length > 1, 'the other digits came');
    expect(typedDigits()).toEqual(['0012345678', '4711']);
    expect(rig.logged()).not.toContain('0012345678');
    expect(rig.logged()).toContain('keypad_entry');
  });

  it('shows what became of a code', async () => {
    expect(await rig.driver.act(KEYPAD, 'show_accepted')).toEqual({ kind: 'done' });
    expect(await rig.driver.act(KEYPAD, 'show_denied')).toEqual({ kind: 'done' });
    expect(house.keypads[0]?.shown).toEqual({ accepted: 1, denied: 1 });
    expect(await rig.driver.act(KEYPAD, 'unlock')).toMatchObject({ kind: 'unsupported' });
    expect(await rig.driver.ping(KEYPAD)).toBe(true);
  });
});
