import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../e2e/world.ts';
import { builtPackage, output, repackedAs } from './debian-package.ts';
import { Rig } from './rig.ts';

const NEXT = '99.1.0';
const BROKEN = '99.2.0';
const INSTALLED_WITHIN_MS = 300_000;
const READY_WITHIN_MS = 120_000;
/** Of an update: to be unpacked, tried, and found working or not. */
const ENDED_WITHIN_MS = 300_000;

const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-rig-update-'));
let rig: Rig;
let first: string;
let built: Awaited<ReturnType<typeof builtPackage>>;

/** Signs what a package holds as an update. Answers its place in the rig. */
async function updateOf(deb: string): Promise<string> {
  const args = [deb, '--key', path.join(folder, 'secret'), '--out', folder];
  const file = await output('scripts/build-update', args);
  return `/offered/${path.basename(file.trim())}`;
}

/** Offers an update and waits for how it ends. */
async function ended(file: string): Promise<Record<string, unknown>> {
  await rig.run(
    `rm -f /opt/lockhub/last-update.json; lockhub update offer ${file} --config /etc/lockhub/lockhub.yaml`,
  );
  const text = await until('the end of the update', ENDED_WITHIN_MS, async () => {
    const said = await rig.run('cat /opt/lockhub/last-update.json 2>/dev/null || true');
    return said === '' ? undefined : said;
  });
  return JSON.parse(text) as Record<string, unknown>;
}

beforeAll(async () => {
  built = await builtPackage('amd64');
  await output('minisign', [
    '-G',
    '-W',
    '-p',
    path.join(folder, 'public'),
    '-s',
    path.join(folder, 'secret'),
  ]);
  await output('cp', [path.join(built.folder, built.file), folder]);
  rig = await Rig.boot(`--bind-ro=${folder}:/offered`);
  await rig.run(`apt-get install -q -y /offered/${built.file}`, INSTALLED_WITHIN_MS);
  const [, publicKey = ''] = readFileSync(path.join(folder, 'public'), 'utf8').split('\n');
  const config = {
    hub_id: 'rig',
    site: { timezone: 'Europe/Berlin' },
    clock: { trust_system: true },
    http: false,
    update: { public_keys: [publicKey] },
  };
  await rig.write('/etc/lockhub/lockhub.yaml', JSON.stringify(config), '640');
  await rig.run('chgrp lockhub /etc/lockhub/lockhub.yaml');
  await rig.run('systemctl start lockhub.service', READY_WITHIN_MS);
  first = await rig.run('basename $(readlink /opt/lockhub/current)');
}, 900_000);
afterAll(async () => {
  await rig.end();
  rmSync(folder, { recursive: true });
});

test('an installed hub takes an update by itself, and the one that works is what judges the next', async () => {
  const repacked = await repackedAs(NEXT, built, folder);
  const file = await updateOf(path.join(folder, repacked));
  expect(await ended(file)).toMatchObject({ from: first, to: NEXT, outcome: 'done' });
  expect(await rig.run('readlink /opt/lockhub/current /opt/lockhub/proven; lockhub --version')).toBe(
    `versions/${NEXT}\nversions/${NEXT}\n${NEXT}`,
  );
  expect(await rig.run('systemctl is-active lockhub.service')).toBe('active');
  expect(await rig.run('stat -c "%U %a" /var/lib/lockhub /var/lib/lockhub/*')).not.toContain('root');
  expect(await rig.run('ls /opt/lockhub')).not.toContain('before-update');
}, 900_000);

test('a version that dies at its start is given up after two starts, and its units have not failed', async () => {
  const broken = path.join(folder, 'broken');
  await output('dpkg-deb', ['-R', path.join(folder, `lockhub_${NEXT}_repacked.deb`), broken]);
  const script = `
    cd "$1/opt/lockhub/versions"
    mv ${NEXT} ${BROKEN}
    sed -i 's/"version": .*/"version": "${BROKEN}",/' ${BROKEN}/package.json
    printf '#!/bin/sh\\nexit 1\\n' >${BROKEN}/scripts/lockhub
    sed -i 's/^Version: .*/Version: ${BROKEN}/' "$1/DEBIAN/control"
    rm "$1/DEBIAN/md5sums"
    dpkg-deb -Znone --build "$1" "$2"`;
  await output('sh', ['-euc', script, 'sh', broken, path.join(folder, 'broken.deb')]);
  const before = performance.now();
  expect(await ended(await updateOf(path.join(folder, 'broken.deb')))).toMatchObject({
    from: NEXT,
    to: BROKEN,
    outcome: 'back',
    reason: expect.stringMatching(/2 times/) as unknown,
    database_restored: false,
  });
  expect(performance.now() - before).toBeLessThan(ENDED_WITHIN_MS);
  await until('the version before runs', READY_WITHIN_MS, async () =>
    (await rig.run('systemctl is-active lockhub.service || true')) === 'active' ? true : undefined,
  );
  expect(await rig.run('lockhub --version; ls -A /opt/lockhub/versions')).toBe(`${NEXT}\n${first}\n${NEXT}`);
}, 900_000);
