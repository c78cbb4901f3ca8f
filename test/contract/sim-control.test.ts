import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHouse, type House } from '../../drivers/sim/house.ts';

let house: House;

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${house.control}${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

beforeAll(async () => {
  house = await startHouse();
});

afterAll(async () => {
  await house.stop();
});

describe('the control interface', () => {
  it('shows every lock of the house', async () => {
    const { body } = await call('GET', '/locks');
    expect(body).toMatchObject([
      { id: 'front-door', radio: 'zwave', address: 2, model: 'uc-v2' },
      { id: 'back-door', radio: 'zwave', address: 3, model: 'uc-v1' },
      { id: 'garage', radio: 'zwave', address: 4, model: 'uc-v1-masked' },
      { id: 'office', radio: 'zwave', address: 5, model: 'u3c' },
    ]);
    expect((await call('GET', '/locks/front-door')).body).toMatchObject({
      bolt: 'locked',
      battery: 100,
      clock: { offset_seconds: 0, utc_offset_minutes: 0 },
      slots: [],
      frames: { received: 0, sent: 0 },
      writes: {},
    });
  });

  it('edits codes at the lock and types them, also a wrong one', async () => {
    const programmed = await call('POST', '/locks/garage/program', { slot: 4, pin: '0042' });
    // The house shows the truth even of a lock that masks it on the air.
    expect(programmed).toMatchObject({
      status: 200,
      body: { slots: [{ slot: 4, pin: '0042', status: 'enabled', schedules: [] }] },
    });
    expect((await call('POST', '/locks/garage/keypad', { pin: '0042' })).body).toEqual({
      opened: true,
      slot: 4,
    });
    expect((await call('POST', '/locks/garage/keypad', { pin: '4200' })).body).toEqual({
      opened: false,
      slot: null,
    });
    expect(await call('POST', '/locks/garage/program', { slot: 5, pin: '0042' })).toMatchObject({
      status: 409,
      body: { error: 'the lock refuses: duplicate_pin' },
    });
    expect((await call('DELETE', '/locks/garage/program/4')).body).toMatchObject({ slots: [] });
    expect((await call('POST', '/locks/garage/keypad', { pin: '0042' })).body).toMatchObject({
      opened: false,
    });
  });

  it('makes a lock go wrong, and right again', async () => {
    expect((await call('POST', '/locks/office/fault', { kind: 'slow', delay_ms: 50 })).body).toMatchObject({
      fault: 'slow',
    });
    expect((await call('POST', '/locks/office/fault', { kind: 'none' })).body).toMatchObject({
      fault: 'none',
    });
    expect((await call('POST', '/locks/office/battery', { level: 7 })).body).toMatchObject({ battery: 7 });
    expect((await call('POST', '/locks/office/clock', { offset_seconds: -90 })).body).toMatchObject({
      clock: { offset_seconds: -90 },
    });
    expect((await call('POST', '/locks/office/clock', { drift_ppm: 500 })).body).toMatchObject({
      clock: { offset_seconds: -90 },
    });
    for (const kind of ['stale_reads', 'drops_writes', 'fights_back', 'refuses_disabled', 'foreign_keys']) {
      expect((await call('POST', '/locks/garage/fault', { kind })).body).toMatchObject({ fault: kind });
    }
    await call('POST', '/locks/garage/fault', { kind: 'none' });
    const pin = '2468';
    await call('POST', '/locks/office/program', { slot: 5, pin });
    expect((await call('POST', '/locks/office/keypad', { pin })).body).toMatchObject({ opened: true });
    expect((await call('POST', '/locks/office/lock')).body).toMatchObject({ bolt: 'locked' });
    expect((await call('POST', '/locks/office/jam')).body).toMatchObject({ bolt: 'jammed' });
    expect((await call('POST', '/locks/office/lock')).status).toBe(409);
    expect((await call('POST', '/locks/office/jam', { active: false })).body).toMatchObject({
      bolt: 'locked',
    });
    expect((await call('POST', '/locks/office/bolt', { travel_ms: 500 })).status).toBe(200);
    expect((await call('POST', '/locks/office/tamper', {})).body).toMatchObject({ tampered: true });
    await call('POST', '/locks/office/program', { slot: 4, pin: '0042' });
    expect((await call('POST', '/locks/office/reset')).body).toMatchObject({ slots: [] });
  });

  it('hangs a new lock that asks to join, with its label; an old one asks to leave, or is reset', async () => {
    const joining = await call('POST', '/join', { radio: 'zwave', model: 'uc-v2' });
    expect(joining.body).toMatchObject({
      id: 'lock-6',
      address: 6,
      model: 'uc-v2',
      joined: false,
      asks: 'join',
      label: { dsk: expect.stringMatching(/^(\d{5}-){7}\d{5}$/), qr: expect.stringMatching(/^9001\d{86}$/) },
    });
    const { dsk, pin } = joining.body['label'] as { readonly dsk: string; readonly pin: string };
    expect(dsk.slice(0, 5)).toBe(pin);
    expect(await call('POST', '/locks/lock-6/leave')).toMatchObject({ status: 409 });
    expect((await call('POST', '/join', { radio: 'zwave', model: 'uc-v1' })).body).toMatchObject({
      id: 'lock-7',
      label: null,
    });
    expect((await call('POST', '/locks/garage/leave')).body).toMatchObject({ joined: true, asks: 'leave' });
    expect((await call('POST', '/locks/garage/join')).body).toMatchObject({ joined: false, asks: 'join' });
  });

  it.each([
    ['GET', '/locks/cellar', undefined, 404],
    ['GET', '/nothing', undefined, 404],
    ['PUT', '/locks/office/keypad', { pin: '1234' }, 404],
    ['POST', '/locks/office/dance', {}, 404],
    ['POST', '/locks/office/keypad', {}, 400],
    ['POST', '/locks/office/keypad', { pin: 1234 }, 400],
    ['POST', '/locks/office/keypad', 'not json', 400],
    ['POST', '/locks/office/keypad', '"text"', 400],
    ['POST', '/locks/office/keypad', 'null', 400],
    ['POST', '/locks/office/fault', { kind: 'drop', probability: 2 }, 400],
    ['POST', '/locks/office/fault', { kind: 'magic' }, 400],
    ['POST', '/locks/office/battery', { level: 101 }, 400],
    ['POST', '/locks/office/clock', { offset_seconds: 1e300 }, 400],
    ['DELETE', '/locks/office/program/x', undefined, 409],
    ['POST', '/locks/office/program', { slot: 999, pin: '1234' }, 409],
    ['POST', '/locks/office/keypad', `"${'9'.repeat(20_000)}"`, 413],
    ['POST', '/join', { radio: 'zigbee', model: 'u3c' }, 501],
    ['POST', '/join', { radio: 'zwave', model: 'uc-v9' }, 400],
    ['POST', '/join', {}, 400],
    ['POST', '/locks/office/bolt', { travel_ms: -1 }, 400],
    ['GET', '//', undefined, 404],
    ['GET', '/locks/%', undefined, 404],
    ['GET', '/locks/__proto__/constructor', undefined, 404],
    ['POST', '/locks/office/constructor', {}, 404],
  ])('answers %s %s %j with an error and goes on', async (method, path, body, status) => {
    const answer = await call(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body['error']).toEqual(expect.any(String));
    expect((await call('GET', '/locks')).status).toBe(200);
  });
});

describe('a house', () => {
  it('is the same for the same seed, and takes what file and keys file it is given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockhub-house-test-'));
    const file = join(folder, 'house.yaml');
    writeFileSync(file, 'locks:\n  - { id: cellar, model: uc-v2, address: 9, admin_pin: "47110815" }\n');
    const keysFile = join(folder, 'keys.json');
    writeFileSync(keysFile, 'old', { mode: 0o644 });
    const small = await startHouse({ house: file, keysFile, seed: 5 });
    expect(small.locks.map(({ id, address }) => ({ id, address }))).toEqual([{ id: 'cellar', address: 9 }]);
    expect(small.locks[0]?.typePin('47110815')).toEqual({ opened: true, slot: 51 });
    expect(small.securityKeysFile).toBe(keysFile);
    expect(statSync(keysFile).mode & 0o777).toBe(0o600);
    await small.stop();
    expect(existsSync(keysFile)).toBe(true);
  });

  it('does not start on a port that is taken, and leaves nothing behind', async () => {
    const port = Number(new URL(house.control).port);
    await expect(startHouse({ zwavePort: port })).rejects.toThrow(/EADDRINUSE/);
    await expect(startHouse({ controlPort: port })).rejects.toThrow(/EADDRINUSE/);
  });
});
