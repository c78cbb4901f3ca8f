import { UserIDStatus } from '@zwave-js/cc';
import {
  UserCodeCCAdminCodeGet,
  UserCodeCCAdminCodeReport,
  UserCodeCCAdminCodeSet,
  UserCodeCCExtendedUserCodeSet,
  UserCodeCCGet,
  UserCodeCCReport,
  UserCodeCCSet,
  UserCodeCCUserCodeChecksumGet,
  UserCodeCCUserCodeChecksumReport,
  UserCodeCCUsersNumberGet,
  UserCodeCCUsersNumberReport,
} from '@zwave-js/cc/UserCodeCC';
import { Bytes } from '@zwave-js/shared';
import type { Refusal } from '../lock/code-table.ts';
import type { SimLock } from '../lock/lock.ts';
import { reply, verdict, type CommandHandler } from './behavior.ts';

/** What a masking lock shows for every digit, always ten of them (field note 7: BE469). */
const MASK = '**********';

/** User Code CC, versions 1 and 2, over the lock model. Capabilities and keypad mode stay with the stock mock. */
export const answerUserCode: CommandHandler = (lock, command, hubId) => {
  if (command instanceof UserCodeCCUsersNumberGet) {
    return reply(new UserCodeCCUsersNumberReport({ nodeId: hubId, supportedUsers: lock.model.slots }));
  }
  if (command instanceof UserCodeCCGet) return reply(report(lock, command.userId, hubId));
  if (command instanceof UserCodeCCSet) return verdict(write(lock, command));
  if (command instanceof UserCodeCCExtendedUserCodeSet) {
    const refusals = command.userCodes.map((code) => write(lock, code));
    return verdict(refusals.find((refusal) => refusal !== undefined));
  }
  if (command instanceof UserCodeCCAdminCodeGet) {
    const adminCode = lock.codes.admin?.pin.reveal() ?? '';
    return reply(new UserCodeCCAdminCodeReport({ nodeId: hubId, adminCode }));
  }
  // The admin code of these models can only be changed at the lock.
  if (command instanceof UserCodeCCAdminCodeSet) return verdict('refused');
  if (command instanceof UserCodeCCUserCodeChecksumGet && lock.model.checksum) {
    return reply(
      new UserCodeCCUserCodeChecksumReport({ nodeId: hubId, userCodeChecksum: lock.codes.checksum() }),
    );
  }
  return undefined;
};

function report(lock: SimLock, slot: number, hubId: number): UserCodeCCReport {
  const status = lock.codes.hasSlot(slot) ? userIdStatus(lock, slot) : UserIDStatus.StatusNotAvailable;
  return new UserCodeCCReport({
    nodeId: hubId,
    userId: slot,
    userIdStatus: status,
    userCode: shown(lock, slot),
  });
}

function shown(lock: SimLock, slot: number): string {
  const held = lock.shown(slot);
  if (held === undefined) return lock.model.emptyReadsZeros && lock.codes.hasSlot(slot) ? '0000' : '';
  return lock.model.masksPins ? MASK : held.pin.reveal();
}

function userIdStatus(lock: SimLock, slot: number): UserIDStatus {
  const held = lock.shown(slot);
  if (held === undefined) return UserIDStatus.Available;
  return held.status === 'enabled' ? UserIDStatus.Enabled : UserIDStatus.Disabled;
}

interface UserCodeWrite {
  readonly userId: number;
  readonly userIdStatus: UserIDStatus;
  readonly userCode?: string | Uint8Array | undefined;
}

function write(
  lock: SimLock,
  { userId, userIdStatus: status, userCode }: UserCodeWrite,
): Refusal | undefined {
  if (status === UserIDStatus.Available) return lock.radioClearPin(userId);
  if (status !== UserIDStatus.Enabled && status !== UserIDStatus.Disabled) return 'unsupported';
  // Version 1 delivers bytes and version 2 text (field note 6).
  const digits =
    typeof userCode === 'string' ? userCode : Bytes.view(userCode ?? new Uint8Array()).toString('ascii');
  return lock.radioSetPin(userId, digits, status === UserIDStatus.Enabled ? 'enabled' : 'disabled');
}
