import { UserCredentialType } from '@zwave-js/cc';
import { SetCredentialResult, SetUserResult } from 'zwave-js';
import type { Operation, Outcome } from '../../../src/core/operation.ts';
import type { SlotContent } from '../../../src/core/slot.ts';
import { isAbsent, rememberedOwner, rememberedUser } from '../credential-cache.ts';
import type { Evidence } from '../evidence.ts';
import type { ZwaveLock } from '../lock.ts';
import { unproven } from '../outcome.ts';
import { contentOf } from '../slot-content.ts';
import { ask } from './ask.ts';
import { refusedDuplicate } from './user-code.ts';

/** The lock answers each write with a report of its own. */
const reported: Outcome = { kind: 'done', proof: 'event' };

/** User id 0 means: whoever it belongs to. */
const ANY_USER = 0;

/** What a credential slot holds, by radio, and whether its user may open. */
export async function readCredential(lock: ZwaveLock, slot: number): Promise<SlotContent | 'no_answer'> {
  const api = lock.node.commandClasses['User Credential'];
  const credential = await ask(() => api.getCredential(ANY_USER, lock.profile.credentialType, slot));
  if (credential === undefined) return 'no_answer';
  if (isAbsent(credential)) {
    if (lock.doubtfulUsers.has(slot)) await removeUserWithoutPin(lock, slot);
    return { kind: 'empty' };
  }
  lock.doubtfulUsers.delete(slot);
  const user = await ask(() => api.getUser(credential.userId));
  return user === undefined ? 'no_answer' : contentOf(credential.credentialData, user.active ?? false);
}

type Write = Extract<Operation, { kind: 'set_pin' }>;

/**
 * Writes a PIN into a credential slot, its user enabled or disabled. The library chooses between add and modify by what it remembers; where that
 * was stale the lock's refusal corrects it, and a second attempt is right (field note 2).
 */
export async function setCredential(
  lock: ZwaveLock,
  operation: Write,
  duplicate: Evidence,
): Promise<Outcome> {
  const { node, profile } = lock;
  const { slot, enabled } = operation;
  // Until the lock has confirmed both, a user may be left there without the PIN.
  lock.doubtfulUsers.add(slot);
  const owner = rememberedOwner(node, profile.credentialType, slot) ?? slot;
  const known = rememberedUser(node, owner);
  const first = await write(lock, operation, owner, known);
  const result = isStale(first) ? await write(lock, operation, slot, await askUser(lock, slot)) : first;
  if (result === SetCredentialResult.OK) {
    lock.doubtfulUsers.delete(slot);
    return enabled ? reported : proveDisabled(lock, slot);
  }
  await removeUserWithoutPin(lock, slot);
  // The PIN that is still there has been disabled on the way: it is not what the slot held.
  if (!enabled && known?.active === true) return unproven;
  return duplicate.heard ? refusedDuplicate : outcomeOf(result);
}

/** Empties a credential slot, and removes its user unless that has other credentials. */
export async function clearCredential(lock: ZwaveLock, slot: number): Promise<Outcome> {
  const { accessControl, node, profile } = lock;
  const owner = rememberedOwner(node, profile.credentialType, slot) ?? slot;
  const result = await accessControl.deleteCredential(owner, profile.credentialType, slot);
  if (result !== SetCredentialResult.OK && result !== SetCredentialResult.Error_ModifyRejectedLocationEmpty) {
    return unproven;
  }
  if (accessControl.getCredentialsForUserCached(owner).length > 0) return reported;
  const user = await accessControl.deleteUser(owner);
  const isGone = user === SetUserResult.OK || user === SetUserResult.Error_ModifyRejectedLocationEmpty;
  return isGone ? reported : unproven;
}

/**
 * At no moment is a PIN open that should not be: a user is disabled before it gets a PIN, whatever the library
 * remembers of it, and enabled when the old PIN is gone.
 */
async function write(
  { accessControl, profile }: ZwaveLock,
  { slot, pin, enabled }: Write,
  userId: number,
  user: { readonly active: boolean } | undefined,
): Promise<SetCredentialResult> {
  const type = profile.credentialType;
  if (user === undefined) {
    const credential = { type, slot, data: pin.reveal() };
    const added = await accessControl.addUser(userId, { active: enabled }, credential);
    return added.credential ?? refusedUser(added.user);
  }
  if (!enabled) {
    const disabled = await accessControl.setUser(userId, { active: false });
    if (disabled !== SetUserResult.OK) return refusedUser(disabled);
  }
  const result = await accessControl.setCredential(userId, type, slot, pin.reveal());
  if (result !== SetCredentialResult.OK || !enabled || user.active) return result;
  const activated = await accessControl.setUser(userId, { active: true });
  return activated === SetUserResult.OK ? result : refusedUser(activated);
}

/** The lock reports what it was told; whether the code is disabled shows only when it is asked. */
async function proveDisabled(lock: ZwaveLock, slot: number): Promise<Outcome> {
  const content = await readCredential(lock, slot);
  if (content === 'no_answer') return unproven;
  return { kind: 'done', proof: 'read_back', reading: { slot, content } };
}

async function askUser(
  { node }: ZwaveLock,
  userId: number,
): Promise<{ readonly active: boolean } | undefined> {
  const report = await ask(() => node.commandClasses['User Credential'].getUser(userId));
  return report === undefined || isAbsent(report) ? undefined : { active: report.active ?? false };
}

function refusedUser(result: SetUserResult): SetCredentialResult {
  switch (result) {
    case SetUserResult.Error_AddRejectedLocationOccupied:
      return SetCredentialResult.Error_AddRejectedLocationOccupied;
    case SetUserResult.Error_ModifyRejectedLocationEmpty:
      return SetCredentialResult.Error_ModifyRejectedLocationEmpty;
    case SetUserResult.OK:
    case SetUserResult.Error_Unknown:
      return SetCredentialResult.Error_Unknown;
  }
}

/** The lock's answer shows that the library was wrong about who is where. */
function isStale(result: SetCredentialResult): boolean {
  return (
    result === SetCredentialResult.Error_AddRejectedLocationOccupied ||
    result === SetCredentialResult.Error_ModifyRejectedLocationEmpty ||
    result === SetCredentialResult.Error_WrongUserUniqueIdentifier
  );
}

/**
 * A user whose PIN did not get there stays on the lock without one, and would take up a place for ever (field
 * note 2). What cannot be told or done now is done when the slot is next read as empty.
 */
async function removeUserWithoutPin(lock: ZwaveLock, userId: number): Promise<void> {
  // Type 0 and slot 0 ask for the user's first credential: only the lock knows whether a write arrived after all.
  const api = lock.node.commandClasses['User Credential'];
  const first = await ask(() => api.getCredential(userId, UserCredentialType.None, 0));
  if (first === undefined) return;
  const isGone =
    !isAbsent(first) || (await lock.accessControl.deleteUser(userId)) !== SetUserResult.Error_Unknown;
  if (isGone) lock.doubtfulUsers.delete(userId);
}

function outcomeOf(result: SetCredentialResult): Outcome {
  switch (result) {
    case SetCredentialResult.OK:
      return reported;
    case SetCredentialResult.Error_DuplicateCredential:
    case SetCredentialResult.Error_DuplicateAdminPINCode:
      return refusedDuplicate;
    case SetCredentialResult.Error_ManufacturerSecurityRules:
      return { kind: 'refused', reason: 'pin_format', message: "against the manufacturer's rules for PINs" };
    case SetCredentialResult.Error_AddRejectedLocationOccupied:
    case SetCredentialResult.Error_ModifyRejectedLocationEmpty:
    case SetCredentialResult.Error_WrongUserUniqueIdentifier:
    case SetCredentialResult.Error_Unknown:
      return unproven;
  }
}
