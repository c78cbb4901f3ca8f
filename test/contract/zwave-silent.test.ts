import { expect, it } from 'vitest';
import { startHouse } from '../../drivers/sim/house.ts';
import { StickCable } from '../support/stick-cable.ts';
import { MemoryRadioStorage } from './memory-radio-storage.ts';
import { eventually, everyLockFound, lockOf, startRig } from './zwave-rig.ts';

/** The library opens the port of a stick that says nothing anew after some ten seconds. */
const REOPENED_WITHIN_MS = 40_000;

it('a stick that is open and says nothing is down until it has answered', async () => {
  const house = await startHouse({ seed: 1 });
  const cable = await StickCable.lay(house.zwave);
  const rig = await startRig(house, new MemoryRadioStorage(), { port: cable.url });
  try {
    await everyLockFound(rig);
    const lock = lockOf(rig, 'uc-v1');
    const openings = cable.openings;
    cable.silent = true;
    const asked = rig.execute(lock, { kind: 'read_slot', slot: 1 });
    await eventually(() => cable.openings >= openings + 2, 'the port is opened anew', REOPENED_WITHIN_MS);
    expect(rig.states).toEqual(['starting', 'ready', 'down']);
    cable.silent = false;
    await eventually(() => rig.states.at(-1) === 'ready', 'the stick answers again', REOPENED_WITHIN_MS);
    await asked;
    expect(await rig.execute(lock, { kind: 'read_slot', slot: 1 })).toMatchObject({ kind: 'done' });
  } finally {
    await rig.stop();
    cable.end();
    await house.stop();
  }
});
