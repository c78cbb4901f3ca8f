import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { goOnWiping } from '../../src/wipe/go-on.ts';
import { writeMark } from '../../src/wipe/mark.ts';
import { compileShim, Power } from '../support/power/power.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import { MARK, WIPE_CHILD, WipePlace } from '../support/wipe-place.ts';

const CUTS = process.env['LOCKHUB_TEST_FULL'] ? 100 : 8;
/** A wipe has about so many steps. */
const STEPS = 90;
const TEST_MS = 600_000;

test(
  'the power may go at any step of a wipe: nothing comes back, and it goes on',
  async () => {
    const draw = seededDraw(9);
    const tools = mkdtempSync(path.join(os.tmpdir(), 'lockhub-wipe-'));
    onTestFinished(() => rmSync(tools, { recursive: true }));
    const shim = compileShim(tools);
    const hub = WipePlace.lay(path.join(tools, 'hub'));
    writeMark(hub.data, MARK);
    let killed = 0;
    for (let cut = 0; cut < CUTS; cut += 1) {
      const place = hub.copyTo(path.join(tools, `cut-${cut}`));
      const power = new Power(place.folder, shim);
      const file = path.join(place.folder, 'lockhub.yaml');
      const run = spawnSync(process.execPath, [WIPE_CHILD, file], {
        env: { ...process.env, ...power.env, DIE_AT: String(1 + draw(STEPS)) },
        encoding: 'utf8',
      });
      expect(run.stderr).toBe('');
      if (run.signal === 'SIGKILL') killed += 1;
      power.cut(draw);
      power.end();
      place.expectKeyFirst();
      await goOnWiping(place.config, pino({ level: 'silent' }));
      place.expectWiped();
      rmSync(place.folder, { recursive: true });
    }
    expect(killed).toBeGreaterThan(CUTS / 2);
  },
  TEST_MS,
);
