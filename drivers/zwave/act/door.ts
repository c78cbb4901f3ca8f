import { DoorLockMode } from '@zwave-js/cc';
import { CommandClasses, SupervisionStatus, type SupervisionResult } from '@zwave-js/core';
import type { ZWaveNode } from 'zwave-js';
import type { ActionOutcome } from '../../../src/lock-driver.ts';
import type { Evidence } from '../evidence.ts';

/** When the bolt is looked at after a command, in turn: most need a second, some three. */
const LOOK_AFTER_MS = [300, 1500, 3000];

/** A lock that refused says why just before or after. */
const JAM_WAIT_MS = 500;

/** A bolt, by whichever of the two command classes the lock has. */
interface Bolt {
  send(locked: boolean): Promise<SupervisionResult | undefined>;
  /** Asks the lock, by radio. `null`: it does not know itself. */
  isLocked(): Promise<boolean | null | undefined>;
}

/**
 * Sends the bolt somewhere and looks whether it got there. Supervision and the library's own value say only that the
 * lock took the command.
 *
 * @param jam heard when the lock complains meanwhile
 */
export async function moveBolt(node: ZWaveNode, locked: boolean, jam: Evidence): Promise<ActionOutcome> {
  const bolt = boltOf(node);
  if (bolt === undefined) return { kind: 'unsupported', message: 'This lock cannot be moved by radio.' };
  const supervision = await bolt.send(locked);
  const isRefused = supervision?.status === SupervisionStatus.Fail;
  if (isRefused) await jam.within(JAM_WAIT_MS);
  let shown: boolean | null | undefined;
  for (const afterMs of LOOK_AFTER_MS) {
    const isStuck = await jam.within(afterMs);
    shown = await bolt.isLocked();
    // Where the bolt is counts for more than a complaint, which may be an old one that came late.
    if (shown === locked) return { kind: 'done' };
    if (isStuck || jam.heard) return jammed;
    if (isRefused) return refused;
  }
  return shown === undefined ? silent : unmoved;
}

const jammed: ActionOutcome = { kind: 'jammed', message: 'The bolt stuck.' };
const refused: ActionOutcome = { kind: 'refused', message: 'The lock refused to move its bolt.' };
const silent: ActionOutcome = { kind: 'unknown', message: 'The lock did not say where its bolt is.' };
const unmoved: ActionOutcome = { kind: 'unknown', message: 'The bolt did not arrive where it was sent.' };

function boltOf(node: ZWaveNode): Bolt | undefined {
  if (node.supportsCC(CommandClasses['Door Lock'])) {
    const doorLock = node.commandClasses['Door Lock'];
    return {
      send: (locked) => doorLock.set(locked ? DoorLockMode.Secured : DoorLockMode.Unsecured),
      isLocked: async () => lockedBy((await doorLock.get())?.currentMode),
    };
  }
  if (!node.supportsCC(CommandClasses.Lock)) return undefined;
  const { Lock } = node.commandClasses;
  return { send: (locked) => Lock.set(locked), isLocked: () => Lock.get() };
}

function lockedBy(mode: DoorLockMode | undefined): boolean | null | undefined {
  if (mode === undefined) return undefined;
  return mode === DoorLockMode.Unknown ? null : mode === DoorLockMode.Secured;
}
