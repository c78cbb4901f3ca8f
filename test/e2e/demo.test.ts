import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { LOCKHUB, startProgram, type Program } from './program.ts';

const START_WITHIN_MS = 30_000;
/** What the README promises of the tour, from the command to its end. */
const TOUR_WITHIN_MS = 120_000;

const readySchema = z.strictObject({
  mqtt: z.string().regex(/^mqtt:\/\/127\.0\.0\.1:\d+$/),
  hub_id: z.literal('demo'),
  control: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/),
  data_dir: z.string(),
  http: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/),
  api_key: z.string().regex(/^seam_/),
  login_url: z.url(),
});

async function readyLine(demo: Program): Promise<z.infer<typeof readySchema>> {
  await demo.line(() => true, START_WITHIN_MS);
  return readySchema.parse(JSON.parse(demo.stdout[0] ?? ''));
}

test('the tour plays every step in time', async () => {
  const startedMs = performance.now();
  const tour = startProgram(LOCKHUB, ['demo', '--tour', '--mqtt-port', '0', '--http-port', '0']);
  const code = await tour.ended();
  const failed = tour.stdout.filter((line) => /^FAIL|^ +(?:expected|seen):/.test(line));
  expect({ code, failed, last: tour.stdout.at(-1), stderr: tour.stderr }).toEqual({
    code: 0,
    failed: [],
    last: 'All 12 steps held.',
    stderr: [],
  });
  expect(performance.now() - startedMs).toBeLessThan(TOUR_WITHIN_MS);
});

test('a tour with a step that does not hold says what was expected and seen, and ends with 1', async () => {
  const tour = startProgram(LOCKHUB, ['demo', '--tour', '--json', '--mqtt-port', '0', '--http-port', '0']);
  const { control } = await readyLine(tour);
  await tour.line((line) => line.includes('"tour_step"'), START_WITHIN_MS);
  for (const id of ['front-door', 'back-door']) {
    await fetch(`${control}/locks/${id}/fault`, { method: 'POST', body: '{"kind":"unreachable"}' });
  }
  expect(await tour.ended()).toBe(1);
  const lines = tour.stdout.map((line): unknown => JSON.parse(line));
  expect(lines).toContainEqual({
    type: 'tour_step',
    title: expect.any(String),
    held: false,
    checked: [],
    expected: expect.any(String),
    seen: expect.any(String),
  });
  expect(lines.at(-1)).toMatchObject({ type: 'tour', of: 12 });
});

test('--json prints the ready line first and JSON lines only; a signal ends it and removes its data', async () => {
  const demo = startProgram(LOCKHUB, ['demo', '--json', '--mqtt-port', '0', '--http-port', '0']);
  const { data_dir: dataDir, http, api_key: key, login_url: link } = await readyLine(demo);
  const list = await fetch(`${http}/devices/list`, { headers: { authorization: `Bearer ${key}` } });
  expect([list.status, (await fetch(link)).status]).toEqual([200, 200]);
  await demo.line((line) => line.includes('access_code.set_on_device'), START_WITHIN_MS);
  expect(existsSync(dataDir)).toBe(true);
  expect(await demo.end('SIGINT')).toBe(0);
  for (const line of demo.stdout) expect(JSON.parse(line)).toBeTypeOf('object');
  expect(existsSync(path.dirname(dataDir))).toBe(false);
});
