import {
  UserCredentialCredentialReportType as CredentialAnswer,
  UserCredentialModifierType,
  UserCredentialNameEncoding,
  UserCredentialOperationType as Action,
  UserCredentialRule,
  UserCredentialType,
  UserCredentialUserReportType as UserAnswer,
  UserCredentialUserType,
  type CommandClass,
} from '@zwave-js/cc';
import {
  UserCredentialCCCredentialGet,
  UserCredentialCCCredentialReport,
  UserCredentialCCCredentialSet,
  UserCredentialCCUserGet,
  UserCredentialCCUserReport,
  UserCredentialCCUserSet,
} from '@zwave-js/cc/UserCredentialCC';
import { Bytes } from '@zwave-js/shared';
import { Pin } from '../../../src/core/pin.ts';
import type { HeldCode, Refusal } from '../lock/code-table.ts';
import type { LockReport, LockUser, SimLock } from '../lock/lock.ts';
import { reply, verdict, type CommandHandler } from './behavior.ts';

/**
 * User Credential CC over the lock model. User n of this model has one PIN, in credential slot n, and its other
 * pairings are refused. A user can exist without a PIN: that is what a hub leaves behind when its second step fails.
 */
export function credentialHandler(lock: SimLock): CommandHandler {
  const { users } = lock;
  lock.onReport((report) => {
    if (report.kind === 'slot_changed' && report.slot !== null) users.set(report.slot, newUser(report.slot));
    if (report.kind !== 'slot_cleared') return;
    if (report.slot === null) users.clear();
    else users.delete(report.slot);
  });
  return (_lock, command, hubId) => {
    if (command instanceof UserCredentialCCUserGet) return reply(userReport(lock, users, command, hubId));
    if (command instanceof UserCredentialCCUserSet) return setUser(lock, users, command, hubId);
    if (command instanceof UserCredentialCCCredentialGet)
      return reply(credentialReport(lock, command, hubId));
    if (command instanceof UserCredentialCCCredentialSet) return setCredential(lock, users, command, hubId);
    return undefined;
  };
}

/** What such a lock reports, besides a notification, when its codes are edited at the lock. */
export function editReports(lock: SimLock, report: LockReport, hubId: number): readonly CommandClass[] {
  if (lock.model.family !== 'user_credential') return [];
  const atTheLock = { modifierType: UserCredentialModifierType.Locally, modifierNodeId: 0 };
  if (report.kind === 'slot_changed' && report.slot !== null) {
    const userId = report.slot;
    return [
      new UserCredentialCCUserReport({
        ...userFields(newUser(userId), userId, hubId),
        ...atTheLock,
        reportType: UserAnswer.UserAdded,
      }),
      new UserCredentialCCCredentialReport({
        ...credentialFields(lock.codes.read(userId), hubId),
        ...atTheLock,
        userId,
        credentialType: UserCredentialType.PINCode,
        credentialSlot: userId,
        reportType: CredentialAnswer.CredentialAdded,
      }),
    ];
  }
  if (report.kind !== 'slot_cleared') return [];
  const deleted = userFields(undefined, report.slot ?? 0, hubId);
  return [new UserCredentialCCUserReport({ ...deleted, ...atTheLock, reportType: UserAnswer.UserDeleted })];
}

function newUser(userId: number): LockUser {
  return { active: true, name: `User-${userId}` };
}

function userReport(
  lock: SimLock,
  users: ReadonlyMap<number, LockUser>,
  get: UserCredentialCCUserGet,
  hubId: number,
): UserCredentialCCUserReport {
  const ids = [...users.keys()].sort((a, b) => a - b);
  const userId = get.userId === 0 ? (ids[0] ?? 0) : get.userId;
  return new UserCredentialCCUserReport({
    ...userFields(shownUser(lock, users.get(userId), userId), userId, hubId),
    reportType: UserAnswer.ResponseToGet,
    nextUserId: ids.find((id) => id > userId && lock.codes.hasSlot(id)) ?? 0,
  });
}

/** A user's code is the authority for whether it is active: the lock may have other ideas than the hub. */
function shownUser(lock: SimLock, user: LockUser | undefined, userId: number): LockUser | undefined {
  const held = lock.shown(userId);
  return user === undefined || held === undefined ? user : { ...user, active: held.status === 'enabled' };
}

function setUser(
  lock: SimLock,
  users: Map<number, LockUser>,
  set: UserCredentialCCUserSet,
  hubId: number,
): ReturnType<CommandHandler> {
  const { userId } = set;
  const known = users.get(userId);
  const isDropped = lock.fault.kind === 'drops_writes';
  const answer = (
    reportType: Exclude<UserAnswer, UserAnswer.ResponseToGet>,
    user: LockUser | undefined = known,
  ): ReturnType<CommandHandler> =>
    reply(new UserCredentialCCUserReport({ ...userFields(user, userId, hubId), reportType }));
  if (set.operationType === Action.Delete) {
    for (const id of userId === 0 ? [...users.keys()] : [userId]) {
      if (lock.codes.read(id) !== undefined) lock.radioClearPin(id);
      if (!isDropped) users.delete(id);
    }
    return reply(
      new UserCredentialCCUserReport({
        ...userFields(undefined, userId, hubId),
        reportType: UserAnswer.UserDeleted,
      }),
    );
  }
  if (!lock.codes.hasSlot(userId)) return verdict('slot_out_of_range');
  if (set.operationType === Action.Add && known !== undefined) {
    return answer(UserAnswer.UserAddRejectedLocationOccupied);
  }
  if (set.operationType === Action.Modify && known === undefined) {
    return answer(UserAnswer.UserModifyRejectedLocationEmpty);
  }
  const before = known ?? newUser(userId);
  const user = { active: set.active ?? before.active, name: set.userName ?? before.name };
  if (!isDropped) users.set(userId, user);
  const held = lock.codes.read(userId);
  const status = user.active ? 'enabled' : 'disabled';
  if (held !== undefined && held.status !== status) lock.radioSetStatus(userId, status);
  return answer(known === undefined ? UserAnswer.UserAdded : UserAnswer.UserModified, user);
}

function userFields(user: LockUser | undefined, userId: number, hubId: number) {
  return {
    nodeId: hubId,
    userId,
    modifierType:
      user === undefined ? UserCredentialModifierType.DoesNotExist : UserCredentialModifierType.ZWave,
    modifierNodeId: user === undefined ? 0 : hubId,
    userType: UserCredentialUserType.General,
    active: user?.active ?? false,
    credentialRule: UserCredentialRule.Single,
    expiringTimeoutMinutes: 0,
    nameEncoding: UserCredentialNameEncoding.ASCII,
    userName: user?.name ?? '',
  };
}

function credentialReport(
  lock: SimLock,
  get: UserCredentialCCCredentialGet,
  hubId: number,
): UserCredentialCCCredentialReport {
  const wantsPins =
    get.credentialType === UserCredentialType.None || get.credentialType === UserCredentialType.PINCode;
  const slots = wantsPins
    ? Array.from({ length: lock.model.slots }, (_, index) => index + 1).filter((slot) => lock.shown(slot))
    : [];
  const mine = get.userId === 0 ? slots : slots.filter((slot) => slot === get.userId);
  const asked = get.credentialSlot === 0 ? (mine[0] ?? 0) : get.credentialSlot;
  const found = mine.includes(asked);
  const next = mine.find((slot) => slot > asked) ?? 0;
  return new UserCredentialCCCredentialReport({
    ...credentialFields(found ? lock.shown(asked) : undefined, hubId),
    userId: found ? asked : get.userId,
    credentialType: found ? UserCredentialType.PINCode : get.credentialType,
    credentialSlot: asked,
    reportType: CredentialAnswer.ResponseToGet,
    nextCredentialType: next === 0 ? UserCredentialType.None : UserCredentialType.PINCode,
    nextCredentialSlot: next,
  });
}

function credentialFields(held: HeldCode | undefined, hubId: number) {
  return {
    nodeId: hubId,
    modifierType:
      held === undefined ? UserCredentialModifierType.DoesNotExist : UserCredentialModifierType.ZWave,
    modifierNodeId: held === undefined ? 0 : hubId,
    credentialReadBack: true as const,
    credentialData: Bytes.from(held?.pin.reveal() ?? '', 'ascii'),
  };
}

function setCredential(
  lock: SimLock,
  users: ReadonlyMap<number, LockUser>,
  set: UserCredentialCCCredentialSet,
  hubId: number,
): ReturnType<CommandHandler> {
  const { userId, credentialType, credentialSlot: slot } = set;
  const answer = (
    reportType: Exclude<CredentialAnswer, CredentialAnswer.ResponseToGet>,
    held: HeldCode | null = lock.codes.read(slot) ?? null,
  ): ReturnType<CommandHandler> =>
    reply(
      new UserCredentialCCCredentialReport({
        ...credentialFields(held ?? undefined, hubId),
        userId,
        credentialType,
        credentialSlot: slot,
        reportType,
      }),
    );
  if (set.operationType === Action.Delete) {
    if (slot !== 0 && slot !== userId) return verdict('refused');
    lock.radioClearPin(userId);
    return answer(CredentialAnswer.CredentialDeleted, null);
  }
  if (credentialType !== UserCredentialType.PINCode) return verdict('unsupported');
  if (!lock.codes.hasSlot(slot)) return verdict('slot_out_of_range');
  const user = users.get(userId);
  if (user === undefined || slot !== userId) return answer(CredentialAnswer.WrongUserUniqueIdentifier);
  const occupied = lock.codes.read(slot) !== undefined;
  if (set.operationType === Action.Add && occupied) {
    return answer(CredentialAnswer.CredentialAddRejectedLocationOccupied);
  }
  if (set.operationType === Action.Modify && !occupied) {
    return answer(CredentialAnswer.CredentialModifyRejectedLocationEmpty);
  }
  const digits = (set.credentialData ?? new Bytes()).toString('ascii');
  const status = user.active ? 'enabled' : 'disabled';
  const refusal = lock.radioSetPin(slot, digits, status);
  const pin = Pin.parse(digits);
  if (refusal !== undefined || pin === undefined) return answer(rejection(refusal ?? 'pin_format'));
  // A lock confirms what it was given, also one that then does not keep it.
  const taken = { pin, status } as const;
  return answer(occupied ? CredentialAnswer.CredentialModified : CredentialAnswer.CredentialAdded, taken);
}

function rejection(refusal: Refusal): Exclude<CredentialAnswer, CredentialAnswer.ResponseToGet> {
  switch (refusal) {
    case 'duplicate_pin':
      return CredentialAnswer.DuplicateCredential;
    case 'pin_format':
    case 'slot_out_of_range':
    case 'unsupported':
    case 'refused':
      return CredentialAnswer.ManufacturerSecurityRules;
  }
}
