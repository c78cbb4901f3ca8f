import { PIN_LENGTH_MAX } from '../../core/request/constraints.ts';
import { drawFor } from '../../core/request/linked.ts';
import { pullBackup } from '../../core/request/pool.ts';
import { withLock } from '../../core/with.ts';
import { ApiProblem, invalidInput } from '../problem.ts';
import type { Done } from './change.ts';
import {
  committedCode,
  lockOf,
  NO_SUCH_CODE,
  NO_SUCH_DEVICE,
  type CodesContext,
  type OneCode,
  type ShownCode,
} from './context.ts';
import type { GenerateCode, PullBackup, ReportConstraints } from './parameters.ts';

/** `/access_codes/generate_code`: a PIN that the lock takes and nobody has. It is kept for nobody. */
export function generateCode(
  { store, draw }: CodesContext,
  { device_id: deviceId }: GenerateCode,
): { readonly generated_code: { readonly device_id: string; readonly code: string } } | ApiProblem {
  const state = store.lockState(deviceId);
  if (state === undefined) return NO_SUCH_DEVICE;
  const pin = drawFor([state], null, draw);
  if (pin === null) return invalidInput('device_id: no PIN that this lock allows is free.', 'device_id');
  return { generated_code: { device_id: deviceId, code: pin.reveal() } };
}

/**
 * `/access_codes/pull_backup_access_code`, under both keys that clients read. What the cloud owns gets one as well: the
 * code itself stays as it is asked for, and the cloud hears of it by its event.
 */
export function pullBackupCode(
  context: CodesContext,
  { access_code_id: id }: PullBackup,
): (OneCode & { readonly backup_access_code: ShownCode }) | ApiProblem {
  const { store, clock, wake } = context;
  const pulled = store.transaction(() => {
    const before = lockOf(context, id, null);
    if (before === undefined) return NO_SUCH_CODE;
    const pull = pullBackup(before, id, clock.now());
    if (pull.kind === 'refused') {
      return new ApiProblem(PULL_STATUS[pull.reason], pull.reason, pull.message);
    }
    store.commit(before, pull.step.state, pull.step.events);
    return { state: pull.step.state, backupId: pull.backupAccessCodeId };
  });
  if (pulled instanceof ApiProblem) return pulled;
  wake(pulled.state.lock.deviceId);
  const backup = committedCode(context, pulled.state, pulled.backupId);
  return { access_code: backup, backup_access_code: backup };
}

/** `/access_codes/report_device_constraints`: PIN lengths of a lock that can't tell them. They replace its own. */
export function reportConstraints(
  { store, wake }: CodesContext,
  given: ReportConstraints,
): Done | ApiProblem {
  const { device_id: deviceId, supported_code_lengths: lengths, min_code_length, max_code_length } = given;
  const min = min_code_length ?? 0;
  const range = Array.from({ length: (max_code_length ?? min) - min + 1 }, (_, index) => min + index);
  const reportedPinLengths = [...new Set(lengths ?? range)].toSorted((a, b) => a - b);
  if (!reportedPinLengths.some((length) => length <= PIN_LENGTH_MAX)) return TOO_LONG;
  const done = store.transaction(() => {
    const before = store.lockState(deviceId);
    if (before === undefined) return NO_SUCH_DEVICE;
    store.commit(before, withLock(before, { reportedPinLengths }), []);
    return {};
  });
  if (!(done instanceof ApiProblem)) wake(deviceId);
  return done;
}

const TOO_LONG = invalidInput(
  `supported_code_lengths: none of them is at most ${PIN_LENGTH_MAX} digits, the longest PIN of this hub.`,
  'supported_code_lengths',
);
const PULL_STATUS = {
  access_code_not_found: 404,
  access_code_not_time_bound: 400,
  backup_access_code_not_found: 404,
} as const;
