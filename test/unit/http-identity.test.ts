import { expect, test } from 'vitest';
import { accountIdOf, workspaceIdOf } from '../../src/http/identity.ts';

test('the ids of a hub stay the same, and no two hubs share one', () => {
  const told = ['hub-1', 'hub-2', 'hub-1'].map((hubId) => [workspaceIdOf(hubId), accountIdOf(hubId)]);
  expect(told[2]).toEqual(told[0]);
  expect(new Set(told.flat()).size).toBe(4);
  expect(told[0]).toEqual(['40002494-d925-52b4-b899-7b922d657864', 'd5b8a7a1-015e-54a1-933a-a41aeb5d691b']);
});
