import { expect, it } from 'vitest';
import { pinOf } from '../../zwave-rig.ts';
import { houseSlot } from '../face.ts';
import type { Standing } from '../standing.ts';

/** Codes that are on a lock and open nothing yet. */
export function promiseDisabledCodes(model: string, rig: Standing): void {
  const lock = () => rig().lock(model);

  const write = (slot: number, digits: string, enabled: boolean) =>
    rig().insist(lock(), rig().setPin(lock(), slot, digits, enabled));
  const types = (digits: string) => rig().types(lock(), rig().digitsFor(lock(), digits));
  const shown = (digits: string, enabled: boolean) => ({
    kind: 'done',
    proof: 'read_back',
    reading: { content: { kind: 'pin', pin: pinOf(rig().digitsFor(lock(), digits)), enabled } },
  });
  const takesThem = () => rig().capabilities(lock()).disabledCodes;
  const clear = (slot: number) => rig().insist(lock(), { kind: 'clear_slot', slot });

  it('opens nothing until the same PIN is written enabled; a lock that has none is sent none', async () => {
    if (!takesThem()) {
      const { received } = lock().frames;
      expect(await write(3, '0123', false)).toMatchObject({ kind: 'refused', reason: 'unsupported' });
      expect(lock().frames.received).toBe(received);
      return;
    }
    expect(await write(3, '0123', false)).toMatchObject(shown('0123', false));
    expect(lock().codes.read(houseSlot(lock(), 3))?.status).toBe('disabled');
    expect(await types('0123')).toBe(false);
    expect(await write(3, '0123', true)).toMatchObject({ kind: 'done' });
    expect(await types('0123')).toBe(true);
    expect(await write(3, '0124', false)).toMatchObject(shown('0124', false));
    expect(await types('0123')).toBe(false);
    expect(await types('0124')).toBe(false);
    await clear(3);
  });

  it('is told to be enabled where the lock enables it all the same', async () => {
    if (!takesThem()) return;
    lock().fault = { kind: 'refuses_disabled' };
    expect(await write(6, '6767', false)).toMatchObject(shown('6767', true));
    lock().fault = { kind: 'none' };
    await clear(6);
  });

  it('is refused as a duplicate, and nothing of it is kept', async () => {
    if (!takesThem()) return;
    await write(7, '7878', true);
    expect(await write(8, '7878', false)).toMatchObject({ kind: 'refused', reason: 'duplicate_pin' });
    expect(rig().held(lock(), 8)).toBeUndefined();
    await clear(7);
  });
}
