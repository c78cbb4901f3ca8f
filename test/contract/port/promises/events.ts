import { expect, it } from 'vitest';
import { eventually } from '../../zwave-rig.ts';
import { houseSlot, tellsEndOfTampering, tellsTampering } from '../face.ts';
import type { Standing } from '../standing.ts';

const EVERYBODY = 255;

/** What locks tell by themselves. */
export function promiseEvents(model: string, rig: Standing): void {
  const lock = () => rig().lock(model);

  const digits = (some: string) => rig().digitsFor(lock(), some);
  /** By radio that is user 255 at some locks, who is somebody at one with so many users: then all are to be looked at. */
  const wordForAllGone = () =>
    rig().capabilities(lock()).lastSlot >= EVERYBODY ? 'slot_changed' : 'slot_cleared';
  /** Does something at the lock, and waits until that is told. */
  async function tells(
    kind: Parameters<ReturnType<Standing>['told']>[1],
    part: object,
    happen: () => unknown,
  ): Promise<void> {
    const told = () =>
      rig()
        .told(lock(), kind)
        .filter((body) => Object.entries(part).every(([key, value]) => Reflect.get(body, key) === value));
    const before = told().length;
    happen();
    await eventually(() => told().length > before, `${kind} ${JSON.stringify(part)} is told`);
  }

  it('edits at its keypad, who opened it, and a wrong code', async () => {
    const slot = 7;
    await rig().close(lock());
    await tells('slot_changed', { slot }, () => lock().programPin(houseSlot(lock(), slot), digits('7070')));
    await tells('unlocked', { method: 'keycode', slot }, () => lock().typePin(digits('7070')));
    await tells('access_denied', {}, () => lock().typePin(digits('9990')));
    await tells('locked', { slot: null }, () => lock().pressLock());
    await tells('slot_cleared', { slot }, () => lock().unprogramPin(houseSlot(lock(), slot)));
  });

  it('an opening once, and no more', async () => {
    await rig().close(lock());
    lock().programPin(houseSlot(lock(), 7), digits('7070'));
    const before = rig().told(lock(), 'unlocked').length;
    await tells('unlocked', {}, () => lock().typePin(digits('7070')));
    await tells('access_denied', {}, () => lock().typePin(digits('9990')));
    await tells('slot_cleared', { slot: 7 }, () => lock().unprogramPin(houseSlot(lock(), 7)));
    expect(rig().told(lock(), 'unlocked').slice(before)).toEqual([
      { kind: 'unlocked', method: 'keycode', slot: 7 },
    ]);
  });

  it('once that all its codes are gone', async () => {
    lock().programPin(houseSlot(lock(), 5), digits('1010'));
    await tells('slot_changed', { slot: 6 }, () => lock().programPin(houseSlot(lock(), 6), digits('2020')));
    const told = wordForAllGone();
    const before = rig().told(lock(), told).length;
    await tells(told, { slot: null }, () => lock().reset());
    await tells('access_denied', {}, () => lock().typePin(digits('9990')));
    expect(rig().told(lock(), told).length).toBe(before + 1);
  });

  it('a jam, and that its bolt moves again', async () => {
    await tells('jammed', {}, () => lock().setJammed(true));
    lock().setJammed(false);
    await tells('locked', {}, () => lock().pressLock());
  });

  it('tampering, where it notices', async () => {
    if (!tellsTampering(lock())) return;
    await tells('tampered', {}, () => lock().setTampered(true));
    if (tellsEndOfTampering(lock())) await tells('tamper_cleared', {}, () => lock().setTampered(false));
    lock().setTampered(false);
  });
}
