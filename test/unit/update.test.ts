import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UPDATE_PUBLIC_KEY, UPDATE_SIGNATURE } from '../../src/cloud/contract/example.ts';
import type { WeeklyWindow } from '../../src/core/access-code.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { updateTime } from '../../src/core/timing/update-time.ts';
import { isPublicKey, readSignature } from '../../src/update/minisign.ts';
import { compareVersions, releaseOf } from '../../src/update/release.ts';
import { signer } from '../support/minisign.ts';

const CONTENT = Buffer.from('an update\n');

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-update-'));
  file = path.join(folder, 'archive');
  writeFileSync(file, CONTENT);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('signatures', () => {
  test('what minisign 0.11 signed is taken, and names what it is', async () => {
    expect(isPublicKey(UPDATE_PUBLIC_KEY)).toBe(true);
    const signature = readSignature(UPDATE_SIGNATURE, [signer().publicKey, UPDATE_PUBLIC_KEY]);
    expect(signature.trustedComment).toBe('version:0.2.0 arch:arm64 bytes:10');
    await signature.check(file);
  });

  test('another byte anywhere is refused', async () => {
    writeFileSync(file, 'an update!');
    await expect(readSignature(UPDATE_SIGNATURE, [UPDATE_PUBLIC_KEY]).check(file)).rejects.toThrow(/damaged/);
    const lines = UPDATE_SIGNATURE.split('\n');
    for (const [line, at] of [
      [1, 2],
      [1, 20],
      [1, 60],
      [2, 30],
      [3, 10],
    ] as const) {
      const changed = lines.map((text, index) => {
        if (index !== line) return text;
        const other = text[at] === 'A' ? 'B' : 'A';
        return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
      });
      expect(() => readSignature(changed.join('\n'), [UPDATE_PUBLIC_KEY]), `line ${line}`).toThrow(
        /signature/,
      );
    }
    for (const text of ['', 'x', 'a\nb\nc\nd']) {
      expect(() => readSignature(text, [UPDATE_PUBLIC_KEY])).toThrow(/none of minisign/);
    }
  });

  test('nobody else may sign', () => {
    expect(() => readSignature(UPDATE_SIGNATURE, [signer().publicKey])).toThrow(/not trust/);
    expect(() => readSignature(UPDATE_SIGNATURE, [])).toThrow(/not trust/);
  });
});

test('an update has to be for this processor, and newer unless an older one is asked for', () => {
  const mine = signer();
  const present = { version: '1.2.0', arch: 'arm64', publicKeys: [mine.publicKey] };
  const offered = (comment: string, allowDowngrade = false) =>
    releaseOf(mine.sign(CONTENT, comment), present, allowDowngrade);
  expect(offered('version:1.3.0 arch:arm64 bytes:10')).toMatchObject({ version: '1.3.0', bytes: 10 });
  expect(offered('timestamp:1\tversion:1.3.0-rc.1\tarch:arm64\tbytes:10')).toMatchObject({
    version: '1.3.0-rc.1',
  });
  expect(() => offered('version:1.3.0 arch:amd64 bytes:10')).toThrow(/for amd64/);
  expect(() => offered('version:1.2.0 arch:arm64 bytes:10', true)).toThrow(/already/);
  expect(() => offered('version:1.1.9 arch:arm64 bytes:10')).toThrow(/newer/);
  expect(offered('version:1.1.9 arch:arm64 bytes:10', true)).toMatchObject({ version: '1.1.9' });
  for (const bad of [
    'version:../x arch:arm64 bytes:10',
    'version:1.3.0 arch:arm64',
    'version:1.3.0 arch:arm64 bytes:-1',
  ]) {
    expect(() => offered(bad)).toThrow(/does not say/);
  }
});

test('versions are ordered as Semantic Versioning says', () => {
  const ordered = [
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
  ];
  const all = [...ordered, '1.0.0', '1.0.1', '1.2.0', '1.10.0', '2.0.0'];
  for (const [i, left] of all.entries()) {
    for (const [j, right] of all.entries()) {
      expect(Math.sign(compareVersions(left, right)), `${left} ${right}`).toBe(Math.sign(i - j));
    }
  }
});

const code = (
  startsAt: number | null,
  endsAt: number | null,
  weeklyWindows: readonly WeeklyWindow[] | null = null,
) => ({ startsAt, endsAt, weeklyWindows });
const onMondays = (start: string, stop: string) => [{ days: ['monday'] as const, start, stop }];

describe('the time for an update', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const exact = { earliest: now, latest: now };
  const judge = (...codes: readonly ReturnType<typeof code>[]) => updateTime(codes, 'Europe/Berlin', exact);

  test('is away from the start and the end of every code by more than 90 minutes', () => {
    expect(judge()).toEqual({ kind: 'now' });
    expect(judge(code(null, null), code(now - DAY_MS, now + DAY_MS))).toEqual({ kind: 'now' });
    for (const minutes of [-90, -89, -1, 0, 1, 45, 90]) {
      const border = now + minutes * MINUTE_MS;
      const waits = { kind: 'code', until: border + 90 * MINUTE_MS };
      expect(judge(code(border, null)), `starts ${minutes}`).toEqual(waits);
      expect(judge(code(now - DAY_MS, border), code(null, null)), `ends ${minutes}`).toEqual(waits);
    }
    for (const minutes of [-91, 91]) {
      const border = now + minutes * MINUTE_MS;
      expect(judge(code(border, null), code(now - DAY_MS, border)), String(minutes)).toEqual({ kind: 'now' });
    }
  });

  test('waits for the last of several', () => {
    expect(judge(code(now - HOUR_MS, null), code(null, now + HOUR_MS))).toEqual({
      kind: 'code',
      until: now + HOUR_MS + 90 * MINUTE_MS,
    });
  });

  test('is away from every window of the week, by the wall clock of the site', () => {
    // A Monday, at 13:00 in Berlin.
    expect(judge(code(null, null, onMondays('13:30', '18:00')))).toMatchObject({ kind: 'code' });
    expect(judge(code(null, null, onMondays('08:00', '12:00')))).toMatchObject({ kind: 'code' });
    expect(judge(code(null, null, onMondays('08:00', '18:00')))).toEqual({ kind: 'now' });
    expect(judge(code(null, now - DAY_MS, onMondays('13:30', '18:00')))).toEqual({ kind: 'now' });
  });

  test('is not known while the clock is not sure', () => {
    expect(updateTime([], 'Europe/Berlin', { earliest: now, latest: Infinity })).toEqual({
      kind: 'clock_uncertain',
    });
  });
});
