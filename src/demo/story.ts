import { randomUUID } from 'node:crypto';
import type { RadioKind } from '../core/lock-event.ts';
import { SECOND_MS } from '../core/time.ts';
import type { DesiredCode } from './backend.ts';
import { type DemoLock, timeBound } from './locks.ts';
import type { Stage } from './stage.ts';
import type { PinWatch } from './watch.ts';

/** From the document with the guest's code to its start: time to cut the internet first. */
const GUEST_STARTS_IN_MS = 8 * SECOND_MS;
const GUEST_STAYS_MS = 12 * SECOND_MS;

/** The stage and who plays on it. */
export interface Story extends Stage {
  /** A lock without schedules of its own: the hub puts codes on and off in time. */
  readonly plain: DemoLock;
  /** A lock that keeps schedules by its own clock. */
  readonly native: DemoLock;
  /** The same on the other radio. */
  readonly zigbee: DemoLock;
  readonly owner: DesiredCode;
  /** Whose codes the Zigbee lock holds. */
  residents: readonly DesiredCode[];
  /** Announced in the middle of the story; its window begins offline. */
  guest: { readonly code: DesiredCode; readonly startsAt: number; readonly endsAt: number };
  watch: PinWatch;
  /** Of offline codes; the cloud shares one with the hub before the internet is cut. */
  secret: Uint8Array;
  readonly ending: AbortSignal;
}

/** Casts the story; throws when the house lacks a lock for one of the parts. */
export function beginStory(stage: Stage, ending: AbortSignal): Story {
  const cast = (radio: RadioKind, isNative: boolean): DemoLock => {
    const lock = stage.locks.find((one) => one.radio === radio && one.native === isNative);
    if (lock === undefined)
      throw new Error(`The tour needs a ${radio} lock ${isNative ? 'with' : 'without'} schedules`);
    return lock;
  };
  return {
    ...stage,
    plain: cast('zwave', false),
    native: cast('zwave', true),
    zigbee: cast('zigbee', true),
    owner: { access_code_id: randomUUID(), name: 'Owner', code: '25803' },
    residents: [],
    guest: announceGuest(),
    watch: { cameAt: undefined, wentAt: undefined },
    secret: new Uint8Array(),
    ending,
  };
}

/** With `strict_start` the hub waits for the very start, so the lead of a minute does not have to be waited for. */
export function announceGuest(): Story['guest'] {
  const startsAt = Date.now() + GUEST_STARTS_IN_MS;
  const endsAt = startsAt + GUEST_STAYS_MS;
  return { code: { ...timeBound('Guest', '14703', startsAt, endsAt), strict_start: true }, startsAt, endsAt };
}
