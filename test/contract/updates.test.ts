import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { Command } from '../../src/core/command.ts';
import { DEFAULT_POLICY } from '../../src/core/lock.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/core/time.ts';
import { placesOf, inboxOf } from '../../src/update/places.ts';
import { writeJson } from '../../src/update/durable.ts';
import { makeInbox, type Offer } from '../../src/update/offer.ts';
import type { Expects, LastUpdate } from '../../src/update/trial.ts';
import { Updates, type UpdatesOptions } from '../../src/update/updates.ts';
import type { UpdateAnswer } from '../../src/http/page/update-types.ts';
import { FastClock } from '../support/fast-clock.ts';
import { signer } from '../support/minisign.ts';
import { hubPlace } from '../unit/store-fixture.ts';
import { accessCode, lockState } from '../unit/store-rows.ts';
import { until } from './cloud-rig.ts';
import { pageScene } from './page-rig.ts';

const ARCHIVE = Buffer.from('an archive');
/** A minute of a hub takes a second. */
const FASTER = 60;

/** A hub that runs version 1.0.0, as far as its updates know it. What root would do, the test does. */
function scene(more: Partial<UpdatesOptions> = {}) {
  const place = hubPlace();
  const store = place.open();
  const root = path.join(place.directory, 'opt');
  const dataDir = place.directory;
  makeInbox(dataDir);
  mkdirSync(root);
  const { publicKey, sign } = signer();
  const clock = new FastClock(FASTER);
  const hub = {
    radios: [{ radio: 'zwave' as const, state: 'ready' }],
    cloud: { status: 'online' },
    isBusy: false,
  };
  const start = (version = '1.0.0') => {
    const updates = new Updates({
      root,
      config: { dataDir, policy: { timezone: 'Europe/Berlin', ...DEFAULT_POLICY } },
      present: { version, arch: 'amd64', publicKeys: [publicKey] },
      store,
      clock,
      log: pino({ level: 'silent' }),
      hasRoom: () => true,
      isRadioBusy: () => hub.isBusy,
      vitals: { overdue: () => [], blocked: () => null },
      radios: () => hub.radios,
      cloudLink: () => hub.cloud,
      cloudUrls: ['mqtt://127.0.0.1:1'],
      ...more,
    });
    onTestFinished(() => updates.stop());
    return updates;
  };
  const offer = (id: string, version = '1.1.0', changes: Partial<Offer> = {}): Offer => {
    writeFileSync(inboxOf(dataDir).archive, ARCHIVE);
    const signature = sign(ARCHIVE, `version:${version} arch:amd64 bytes:${ARCHIVE.length}`);
    return { id, url: null, signature, allow_downgrade: false, expires_at: null, ...changes };
  };
  const asked = async (step: string): Promise<Expects> => {
    const file = inboxOf(dataDir).request;
    await until(`it asks to ${step}`, () => existsSync(file));
    const read = z
      .object({ step: z.literal(step), expects: z.unknown() })
      .parse(JSON.parse(readFileSync(file, 'utf8')));
    rmSync(file);
    return read.expects as Expects;
  };
  const places = placesOf(root);
  const unpacked = (id: string): void => writeJson(places.ready, { id, to: '1.1.0' }, 0o644);
  const ended = (last: Partial<LastUpdate>): void =>
    writeJson(
      places.last,
      {
        id: 'u1',
        from: '1.0.0',
        to: '1.1.0',
        outcome: 'done',
        reason: null,
        database_restored: false,
        ...last,
      },
      0o644,
    );
  const told = () =>
    store.events.newest({ eventTypes: ['hub.updated', 'hub.update_failed'] }, 10).map(({ event }) => event);
  return { hub, store, clock, start, offer, asked, unpacked, ended, told, places, dataDir };
}

function addCommand({ store, clock }: ReturnType<typeof scene>, commandId: string): void {
  const at = clock.now().earliest;
  const request = { type: 'update', url: 'http://x', signature: 's', allowDowngrade: false } as const;
  const command: Command = {
    commandId,
    type: 'update',
    request,
    receivedAt: at,
    expiresAt: at + HOUR_MS,
    outcome: { state: 'accepted' },
    outcomeAt: at,
  };
  store.transaction(() => store.commands.add(command));
}

test('it is unpacked at any time, and changed to when neither a code nor a radio keeps it', async () => {
  const s = scene();
  const now = s.clock.now().earliest;
  s.store.commit(
    undefined,
    lockState('lock', { codes: [accessCode('guest', { startsAt: now + HOUR_MS, endsAt: null })] }),
    [],
  );
  s.hub.isBusy = true;
  const updates = s.start();
  addCommand(s, 'u1');
  updates.offer(s.offer('u1'));
  await s.asked('unpack');
  s.unpacked('u1');
  await until('it waits for the code', () => updates.view().waitsFor?.startsWith('a time without codes'));
  const before = s.store.lockState('lock');
  if (before === undefined) throw new Error('The lock is gone.');
  s.store.commit(before, { ...before, codes: [] }, []);
  await until('it waits for the radio', () => updates.view().waitsFor === 'the end of what a radio does');
  expect(existsSync(inboxOf(s.dataDir).request)).toBe(false);
  s.hub.isBusy = false;
  expect(await s.asked('change')).toEqual({ radios: ['zwave'], cloud: true });
  s.ended({ outcome: 'back', reason: 'It hung.', database_restored: true });
  await until('the command has ended', () => s.store.commands.get('u1')?.outcome.state === 'failed');
  expect(s.store.commands.get('u1')?.outcome).toMatchObject({
    error: { code: 'update_failed', message: 'It hung.' },
  });
  expect(s.told()).toMatchObject([
    { update_id: 'u1', from: '1.0.0', version: '1.1.0', database_restored: true },
  ]);
  expect(updates.view()).toMatchObject({ state: 'none', offered: null, last: { outcome: 'back' } });
});

test('the new version proves itself with what the one before had, and says so once', async () => {
  const s = scene();
  addCommand(s, 'u1');
  const old = s.start();
  old.offer(s.offer('u1'));
  await s.asked('unpack');
  await old.stop();
  const trial = { id: 'u1', from: '1.0.0', to: '1.1.0', phase: 'trial', reason: null, starts: 1 };
  const expects = { radios: ['zwave'], cloud: true };
  writeJson(s.places.trial, { ...trial, expects, hub_id: 'h', data_dir: s.dataDir, key_file: 'k' }, 0o644);
  s.hub.radios = [{ radio: 'zwave', state: 'starting' }];
  const updates = s.start('1.1.0');
  await until('it lacks its radio', () => updates.view().waitsFor === 'the zwave radio');
  s.hub.radios = [{ radio: 'zwave', state: 'ready' }];
  s.hub.cloud = { status: 'connecting' };
  // Nobody listens at the broker's address, so that the cloud is known to be out of reach.
  await until('it has proved itself', () => existsSync(inboxOf(s.dataDir).proof));
  writeJson(
    s.places.last,
    { id: 'u1', from: '1.0.0', to: '1.1.0', outcome: 'done', reason: null, database_restored: false },
    0o644,
  );
  rmSync(s.places.trial);
  await until('the command has ended', () => s.store.commands.get('u1')?.outcome.state === 'succeeded');
  expect(s.told()).toMatchObject([{ update_id: 'u1', from: '1.0.0', version: '1.1.0' }]);
});

test('an offer that nobody takes, that is not for this hub, or whose time is over ends with a reason', async () => {
  const s = scene();
  const updates = s.start();
  for (const id of ['nobody', 'late', 'old', 'first']) addCommand(s, id);
  updates.offer(s.offer('nobody'));
  await until('nobody took it', () => s.store.commands.get('nobody')?.outcome.state === 'failed');
  expect(s.store.commands.get('nobody')?.outcome).toMatchObject({
    error: { code: 'update_refused', message: expect.stringMatching(/lockhub-update.path/) as unknown },
  });
  updates.offer(
    s.offer('late', '1.1.0', { expires_at: s.clock.now().earliest + MINUTE_MS, url: 'http://127.0.0.1:1/a' }),
  );
  rmSync(inboxOf(s.dataDir).archive, { force: true });
  await until('its time is over', () => s.store.commands.get('late')?.outcome.state === 'expired');
  expect(() => updates.offer(s.offer('old', '0.9.0'))).toThrow(/newer/);
  updates.offer(s.offer('first'));
  updates.offer(s.offer('second', '1.2.0'));
  expect(s.store.commands.get('first')?.outcome).toMatchObject({ error: { code: 'interrupted' } });
  expect(updates.view().offered).toMatchObject({ version: '1.2.0' });
});

test('the page is told which version there is, and what another one waits for', async () => {
  const s = scene();
  s.hub.isBusy = true;
  const updates = s.start();
  updates.offer(s.offer('u1'));
  await s.asked('unpack');
  s.unpacked('u1');
  await until('it waits', () => updates.view().state === 'waiting');
  const { page } = await pageScene({ updates });
  expect(await page<UpdateAnswer>('update')).toEqual({
    version: '1.0.0',
    offered: { version: '1.1.0', bytes: ARCHIVE.length, bytes_here: ARCHIVE.length },
    state: 'waiting',
    waits_for: 'the end of what a radio does',
    last: null,
  });
});
