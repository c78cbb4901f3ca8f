import type { View } from '../../wire/view.ts';
import type { ApiParts } from '../route.ts';
import { lockFaceOf, lockViews } from './lock-summary.ts';
import type { LockDetail } from './types.ts';

/** The keypad that opens a lock, and those that could. `null`: this is a keypad or at its vendor's, or there are none. */
export function doorOf(parts: ApiParts, { state }: View): LockDetail['door'] {
  const { door } = state.lock;
  const keypads = lockViews(parts).filter(isKeypad);
  if (
    state.lock.radio === 'offline' ||
    isKeypad({ state }) ||
    (keypads.length === 0 && door.keypadId === null)
  )
    return null;
  return {
    keypad_device_id: door.keypadId,
    keypads: keypads.map((view) => {
      const { device_id, name } = lockFaceOf(view);
      return { device_id, name };
    }),
  };
}

function isKeypad({ state }: Pick<View, 'state'>): boolean {
  return state.lock.capabilities?.isKeypad === true;
}
