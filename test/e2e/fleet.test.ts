import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startProgram } from './program.ts';

const FLEET = fileURLToPath(new URL('../../scripts/fleet', import.meta.url));

test('twenty hubs whose broker is killed while codes change: all is applied, every event counted once', async () => {
  const fleet = startProgram(FLEET, ['--hubs', '20', '--seconds', '2', '--kill']);
  const ended = await fleet.ended();
  expect(fleet.stderr).toEqual([]);
  expect(fleet.stdout.at(-1)).toBe('all held');
  expect(ended).toBe(0);
});
