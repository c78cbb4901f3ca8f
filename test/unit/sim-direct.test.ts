import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/core/operation.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { faulty, MODELS, pin, Rig, set, started } from './sim-direct-rig.ts';

describe('a write that goes well', () => {
  it.each([
    ['uc-v1', 'read_back'],
    ['uc-v1-masked', 'read_back'],
    ['uc-v2', 'supervision'],
    ['u3c', 'event'],
  ] as const)('%s proves it by %s', async (model, proof) => {
    const rig = await started();
    expect(await rig.execute(model, set(3, '0042'))).toMatchObject({ kind: 'done', proof });
    expect(rig.lock(model).typePin('0042')).toEqual({ opened: true, slot: 3 });
    expect(await rig.execute(model, { kind: 'clear_slot', slot: 3 })).toMatchObject({ kind: 'done' });
    expect(rig.lock(model).typePin('0042').opened).toBe(false);
  });

  it('reads back as what it is, or masked', async () => {
    const rig = await started();
    await rig.execute('uc-v1', set(3, '0042'));
    await rig.execute('uc-v1-masked', set(3, '0042'));
    const plain = await rig.execute('uc-v1', { kind: 'read_slot', slot: 3 });
    expect(
      plain.kind === 'done' && plain.reading?.content.kind === 'pin' && plain.reading.content.pin.reveal(),
    ).toBe('0042');
    expect(await rig.execute('uc-v1-masked', { kind: 'read_slot', slot: 3 })).toEqual({
      kind: 'done',
      proof: 'read_back',
      reading: { slot: 3, content: { kind: 'masked', enabled: true } },
    });
  });

  it('sets, reads and erases a schedule', async () => {
    const rig = await started();
    const window = { start: '2026-11-22T13:00', stop: '2026-11-22T14:00' };
    expect(await rig.execute('uc-v2', { kind: 'set_schedule', slot: 3, window })).toMatchObject({
      proof: 'read_back',
    });
    expect(await rig.execute('uc-v2', { kind: 'read_slot', slot: 3 })).toMatchObject({
      reading: { content: { kind: 'empty' }, schedule: window },
    });
    await rig.execute('uc-v2', { kind: 'clear_slot', slot: 3 });
    expect(rig.lock('uc-v2').codes.schedule(3)).toBeUndefined();
    expect(await rig.execute('uc-v1', { kind: 'set_schedule', slot: 3, window })).toMatchObject({
      kind: 'refused',
      reason: 'unsupported',
    });
  });

  it('gives the lock the time and the zone of the site', async () => {
    const rig = await started();
    for (const model of ['uc-v2', 'u3c'] as const) {
      rig.lock(model).clock.setOffsetMs(5 * HOUR_MS);
      expect(await rig.execute(model, { kind: 'set_clock' })).toMatchObject({ kind: 'done' });
      const wall = new Date(rig.now + HOUR_MS).toISOString().slice(0, 16);
      expect(rig.lock(model).clock.local().slice(0, 16)).toBe(wall);
    }
    expect(await rig.execute('uc-v1', { kind: 'set_clock' })).toMatchObject({ reason: 'unsupported' });
  });
});

describe('a write that the lock refuses', () => {
  it.each(MODELS)('%s: a duplicate is known as one and changes nothing', async (model) => {
    const rig = await started();
    await rig.execute(model, set(3, '0042'));
    expect(await rig.execute(model, set(4, '0042'))).toMatchObject({
      kind: 'refused',
      reason: 'duplicate_pin',
    });
    expect(rig.lock(model).codes.read(4)).toBeUndefined();
    expect(rig.bodies).toContainEqual({ kind: 'duplicate_refused', slot: 4 });
  });

  it.each(MODELS)('%s: format and range are refused without a frame', async (model) => {
    const rig = await started();
    const { received } = rig.lock(model).frames;
    expect(await rig.execute(model, set(3, '123456789'))).toMatchObject({ reason: 'pin_format' });
    expect(await rig.execute(model, set(99, '1234'))).toMatchObject({ reason: 'slot_out_of_range' });
    expect(rig.lock(model).frames.received).toBe(received);
  });
});

describe('a radio that fails', () => {
  it.each(MODELS)('%s unreachable: nothing is executed and the lock goes offline', async (model) => {
    const rig = await faulty(model, { kind: 'unreachable' });
    expect(await rig.execute(model, set(3, '0042'))).toMatchObject({ kind: 'unreachable' });
    expect(rig.lock(model).writes.size).toBe(0);
    expect(rig.bodies.at(-1)).toEqual({ kind: 'offline' });
    rig.lock(model).fault = { kind: 'none' };
    expect(await rig.run(rig.driver.ping(`device-${rig.lock(model).address}`))).toBe(true);
    expect(rig.bodies.at(-1)).toEqual({ kind: 'online' });
  });

  it.each(['uc-v1', 'uc-v2'] as const)(
    '%s answers lost: executed, and the outcome says unknown',
    async (model) => {
      const rig = await faulty(model, { kind: 'no_answer' });
      expect(await rig.execute(model, set(3, '0042'))).toMatchObject({ kind: 'unknown' });
      expect(rig.lock(model).codes.read(3)?.pin.reveal()).toBe('0042');
    },
  );

  it('a slow lock is done, later', async () => {
    const rig = await faulty('uc-v2', { kind: 'slow', delayMs: 1500 });
    const before = rig.now;
    expect(await rig.execute('uc-v2', set(3, '0042'))).toMatchObject({ kind: 'done', proof: 'supervision' });
    expect(rig.now - before).toBeGreaterThanOrEqual(1500);
  });

  it('a doubled command is executed twice', async () => {
    const rig = await faulty('uc-v2', { kind: 'duplicate', probability: 1 });
    await rig.execute('uc-v2', set(3, '0042'));
    expect(rig.lock('uc-v2').writes.get(3)).toBe(2);
  });

  it('unplugged says nothing about the lock', async () => {
    const rig = await started();
    rig.driver.setPlugged(false);
    expect(await rig.execute('uc-v2', set(3, '0042'))).toMatchObject({ kind: 'radio_down' });
    expect(rig.bodies).not.toContainEqual({ kind: 'offline' });
  });

  it('with half of all frames lost, no outcome is ever a lie', async () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const rig = await started(seed);
      for (const model of MODELS) {
        const lock = rig.lock(model);
        lock.fault = { kind: 'drop', probability: 0.5 };
        const outcome = await rig.execute(model, set(3, '0042'));
        kinds.add(outcome.kind);
        const holds = lock.codes.read(3) !== undefined;
        if (outcome.kind === 'done') expect(holds, `seed ${seed} ${model}`).toBe(true);
        if (outcome.kind === 'refused') expect(holds, `seed ${seed} ${model}`).toBe(false);
      }
    }
    expect([...kinds].sort()).toEqual(['done', 'unknown', 'unreachable']);
  });
});

async function runWithLosses(seed: number): Promise<string> {
  const rig = await started(seed);
  for (const model of MODELS) rig.lock(model).fault = { kind: 'drop', probability: 0.3 };
  const outcomes: Outcome[] = [];
  for (let slot = 1; slot <= 5; slot++) {
    for (const model of MODELS) outcomes.push(await rig.execute(model, set(slot, `123${slot}`)));
  }
  return JSON.stringify([rig.heard, outcomes, rig.locks.map((lock) => lock.frames)]);
}

describe('the life of the driver', () => {
  it('finds every lock with what it holds', async () => {
    const rig = new Rig();
    rig.lock('uc-v1').programPin(9, '0042');
    await rig.start();
    await rig.execute('u3c', { kind: 'read_slot', slot: 1 });
    const found = rig.bodies.filter((body) => body.kind === 'found');
    expect(found.map((body) => body.description.model)).toEqual(MODELS);
    const plain = found[0]?.snapshot.find((reading) => reading.slot === 9)?.content;
    expect(plain?.kind === 'pin' && plain.pin.equals(pin('0042'))).toBe(true);
  });

  it('remembers over a restart what the last interview read, not what is true', async () => {
    const rig = await started();
    await rig.run(rig.driver.stop());
    rig.lock('uc-v1').programPin(9, '0042');
    rig.bodies.length = 0;
    await rig.start();
    const found = rig.bodies.find((body) => body.kind === 'found');
    expect(found?.kind === 'found' && found.snapshot[8]?.content.kind).toBe('empty');
  });

  it('tells what happens at the lock, also the echo of its own write', async () => {
    const rig = await started();
    await rig.execute('uc-v2', set(3, '0042'));
    rig.lock('uc-v2').typePin('0042');
    await rig.execute('uc-v2', { kind: 'read_slot', slot: 3 });
    expect(rig.bodies).toContainEqual({ kind: 'slot_changed', slot: 3 });
    expect(rig.bodies).toContainEqual({ kind: 'unlocked', method: 'keycode', slot: 3 });
  });

  it('passes on when a lock says that it happened earlier, which only one with a clock can', async () => {
    const rig = await started();
    for (const model of ['uc-v1', 'uc-v2'] as const) {
      const lock = rig.lock(model);
      await rig.execute(model, set(3, '0042'));
      lock.delayReportsMs = HOUR_MS;
      const typedAt = rig.now;
      lock.typePin('0042');
      await rig.run(rig.wait(2 * HOUR_MS));
      expect(rig.saidAt.get(`device-${lock.address}`)).toBe(model === 'uc-v1' ? undefined : typedAt);
      expect(rig.bodies).toContainEqual({ kind: 'unlocked', method: 'keycode', slot: 3 });
    }
  });

  it('sends nothing more once it is stopped', async () => {
    const rig = await started();
    const writing = rig.driver.execute('device-2', set(3, '0042'));
    await rig.driver.stop();
    expect(await rig.run(writing)).toMatchObject({ kind: 'radio_down' });
    const heard = rig.heard.length;
    rig.lock('uc-v2').typePin('1111');
    await rig.run(new Promise((resolve) => setImmediate(resolve)));
    expect(rig.heard.length).toBe(heard);
  });

  it('gives the same run for the same seed, and another for another', async () => {
    expect(await runWithLosses(7)).toBe(await runWithLosses(7));
    expect(await runWithLosses(7)).not.toBe(await runWithLosses(8));
  });
});
