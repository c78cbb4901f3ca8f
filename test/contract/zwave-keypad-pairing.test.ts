import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { startHouse, type House } from '../../drivers/sim/house.ts';
import type { SimKeypad } from '../../drivers/sim/keypad.ts';
import type { LockEventBody } from '../../src/core/lock-event.ts';
import type { LockIdentity, PairingRequest } from '../../src/lock-driver.ts';
import { eventually, startRig, type Rig } from './zwave-rig.ts';

const DURATION_MS = 20_000;
const HOUSE = `
locks:
  - { id: door, model: uc-v2, address: 2 }
keypads:
  - { id: beside, address: 3 }
`;
const BESIDE = 'SIM-keypad-beside';
const hungSchema = z.object({ id: z.string() });

let folder: string;
let house: House;
let rig: Rig;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-keypad-'));
  const file = path.join(folder, 'house.yaml');
  writeFileSync(file, HOUSE);
  house = await startHouse({ house: file });
  rig = await startRig(house, undefined, { deviceIdOf: bySerial });
  await eventually(() => kinds(BESIDE).includes('found') && keypad('beside').cacheSize === 10, 'it is met');
});

afterEach(async () => {
  await rig.stop();
  await house.stop();
  rmSync(folder, { recursive: true });
});

/** As the hub's store names devices: one that is reset and joins again is the same. */
function bySerial({ serial, address, inPlaceOf }: LockIdentity): string {
  return inPlaceOf ?? serial ?? address;
}

async function ask(at: string, body: object = {}): Promise<unknown> {
  const response = await fetch(`${house.control}${at}`, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.json();
}

function keypad(id: string): SimKeypad {
  const found = house.keypads.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no keypad ${id}`);
  return found;
}

/** Somebody hangs a new keypad, which asks to join. */
async function newKeypad(): Promise<SimKeypad> {
  return keypad(hungSchema.parse(await ask('/join', { radio: 'zwave', model: 'keypad' })).id);
}

function kinds(deviceId: string): readonly LockEventBody['kind'][] {
  return rig.heard.filter((one) => one.deviceId === deviceId).map(({ body }) => body.kind);
}

function pinOfLabel({ membership: { label } }: SimKeypad): string {
  if (label === null) throw new Error('nothing is printed on it');
  return label.pin;
}

function request(pin: string): PairingRequest {
  return { durationMs: DURATION_MS, qr: null, pin, asksForPin: false };
}

/** Ten digits that are typed there come in one, from that device. */
async function expectInUse({ id }: SimKeypad, deviceId: string, digits: string): Promise<void> {
  await eventually(() => keypad(id).cacheSize === 10, 'it collects ten digits');
  await ask(`/keypads/${id}/type`, { digits });
  const came = (): boolean =>
    rig.heard.some(
      (one) =>
        one.deviceId === deviceId && one.body.kind === 'keypad_entry' && one.body.digits.reveal() === digits,
    );
  await eventually(came, `the digits come from ${deviceId}`);
}

it('a keypad is let in with its PIN, and not with another', async () => {
  const spare = await newKeypad();
  expect(await rig.driver.pairing.start(request('00001'))).toMatchObject({ reason: 'insecure' });
  await ask(`/keypads/${spare.id}/join`);
  const end = await rig.driver.pairing.start(request(pinOfLabel(spare)));
  expect(end).toEqual({ kind: 'done', deviceIds: [spare.serial] });
  expect(spare.membership).toMatchObject({ joined: true, asks: null });
  expect(rig.heard.findLast(({ body }) => body.kind === 'found')).toMatchObject({
    deviceId: spare.serial,
    body: { description: { secure: true, capabilities: { isKeypad: true, pinLength: { max: 10 } } } },
  });
  await expectInUse(spare, spare.serial, '0012345678');
});

it('a keypad that was reset and let in again is the same, and is listed once', async () => {
  const before = keypad('beside').address;
  await ask('/keypads/beside/join');
  const end = await rig.driver.pairing.start(request(pinOfLabel(keypad('beside'))));
  expect(end).toEqual({ kind: 'done', deviceIds: [BESIDE] });
  expect(keypad('beside').address).not.toBe(before);
  await expectInUse(keypad('beside'), BESIDE, '0012345678');
  const addresses = (): readonly number[] =>
    rig.driver.network()?.nodes.map(({ address }) => Number(address)) ?? [];
  await eventually(() => !addresses().includes(before), 'its old address is forgotten');
  expect(kinds(BESIDE)).not.toContain('removed');
  expect(await rig.driver.act(BESIDE, 'show_accepted')).toEqual({ kind: 'done' });
});

it('a keypad is let out when it is told so, or at once when it no longer answers', async () => {
  const end = rig.driver.pairing.remove(BESIDE);
  await ask('/keypads/beside/leave');
  expect(await end).toEqual({ kind: 'done', deviceIds: [BESIDE] });
  expect([keypad('beside').membership.joined, kinds(BESIDE).at(-1)]).toEqual([false, 'removed']);

  const spare = await newKeypad();
  await rig.driver.pairing.start(request(pinOfLabel(spare)));
  await ask(`/keypads/${spare.id}/fault`, { kind: 'unreachable' });
  expect(await rig.driver.pairing.remove(spare.serial)).toEqual({ kind: 'done', deviceIds: [spare.serial] });
  expect(kinds(spare.serial).at(-1)).toBe('removed');
});

it('a keypad that no longer answers is replaced by another, which is the same device', async () => {
  await ask('/keypads/beside/fault', { kind: 'unreachable' });
  const spare = await newKeypad();
  const end = await rig.driver.pairing.replace(BESIDE, request(pinOfLabel(spare)));
  expect(end).toEqual({ kind: 'done', deviceIds: [BESIDE] });
  expect(spare).toMatchObject({ address: 3, membership: { joined: true } });
  const told = kinds(BESIDE);
  expect(told).not.toContain('removed');
  expect(told.slice(told.indexOf('replaced'))).toContain('found');
  await expectInUse(spare, BESIDE, '0012345678');
});

it('a keypad that can not send ten digits at once says how many', async () => {
  const spare = await newKeypad();
  spare.cacheSizeLimits = { min: 1, max: 8 };
  await rig.driver.pairing.start(request(pinOfLabel(spare)));
  await eventually(() => spare.cacheSize === 8, 'it collects what it can');
  expect(rig.heard.findLast(({ body }) => body.kind === 'found')).toMatchObject({
    deviceId: spare.serial,
    body: { description: { capabilities: { pinLength: { max: 8 } } } },
  });
});

it('a keypad that lost its settings gets them again when the hub starts', async () => {
  // By then the hub has heard that the keypad took its settings.
  await expectInUse(keypad('beside'), BESIDE, '9876543210');
  expect(await rig.driver.ping(BESIDE)).toBe(true);
  await rig.stop();
  keypad('beside').cacheSize = 4;
  rig = await startRig(house, rig.storage, { deviceIdOf: bySerial });
  await expectInUse(keypad('beside'), BESIDE, '0012345678');
});
