import { UserIDStatus } from '@zwave-js/cc';
import { UserCodeCCValues } from '@zwave-js/cc/UserCodeCC';
import { CommandClasses } from '@zwave-js/core';
import type { ZWaveNode } from 'zwave-js';
import type { Quirks } from './quirks.ts';
import { contentOfReport } from './slot-content.ts';

/** From this version on a User Code lock tells which statuses it knows. */
const USER_CODE_CC_WITH_STATUSES = 2;

/**
 * A User Code lock can be given a disabled code where it knows that status, confirms what it does with it, and shows
 * the digits: one that masks them was seen to end up with asterisks for a code (must-know 2).
 */
export function keepsDisabledCodes(node: ZWaveNode): boolean {
  if (node.getCCVersion(CommandClasses['User Code']) < USER_CODE_CC_WITH_STATUSES) return false;
  const statuses = node.getValue<UserIDStatus[]>(UserCodeCCValues.supportedUserIDStatuses.id) ?? [];
  return (
    node.supportsCC(CommandClasses.Supervision) &&
    statuses.includes(UserIDStatus.Disabled) &&
    !hasMasked(node)
  );
}

/**
 * The admin code is no part of the checksum, unless a lock counts it among the user codes: such a lock can't be compared
 * with, for nobody knows what that slot holds. User
 * Credential locks have a checksum over their credentials that tells nothing of disabled users, and one over users that
 * includes names and types the hub did not choose; neither says what an audit asks, so those have none here.
 */
export function hasComparableChecksum(node: ZWaveNode, { adminSlots = [] }: Quirks): boolean {
  const isSupported = node.getValue<boolean>(UserCodeCCValues.supportsUserCodeChecksum.id) ?? false;
  return isSupported && adminSlots.length === 0;
}

/** Some slot was read as occupied without its digits. */
function hasMasked(node: ZWaveNode): boolean {
  return node.getDefinedValueIDs().some((id) => {
    if (!UserCodeCCValues.userIdStatus.is(id) || typeof id.propertyKey !== 'number') return false;
    const status = node.getValue<UserIDStatus>(id);
    const code = node.getValue<string | Uint8Array>(UserCodeCCValues.userCode(id.propertyKey).id);
    return status !== undefined && contentOfReport(status, code)?.kind === 'masked';
  });
}
