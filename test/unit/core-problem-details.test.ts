import { expect, test } from 'vitest';
import { detailFields, type ProblemDetails } from '../../src/core/problem.ts';

test.each<[Record<string, string | number>, ProblemDetails | undefined]>([
  [{}, undefined],
  [{}, {}],
  [{ managed_access_code_id: 'a' }, { managedAccessCodeId: 'a' }],
  [{ unmanaged_access_code_id: 'b' }, { unmanagedAccessCodeId: 'b' }],
  [{ change_type: 'removed' }, { changeType: 'removed' }],
  [{ active_access_code_count: 5 }, { activeAccessCodeCount: 5 }],
  [{ max_active_access_code_count: 6 }, { maxActiveAccessCodeCount: 6 }],
  [
    { active_access_code_count: 5, max_active_access_code_count: 6 },
    { activeAccessCodeCount: 5, maxActiveAccessCodeCount: 6 },
  ],
])('what a problem tells beside its message is on the wire %j', (fields, details) => {
  expect(detailFields(details)).toStrictEqual(fields);
});
