import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config.ts';
import { faultOf, faultText } from '../../src/core/radio-fault.ts';
import { describeSticks, findSticks } from '../../src/provision/sticks.ts';
import { laySticks, type FakeStick } from '../support/fake-sticks.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockhub-sticks-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function found(...sticks: readonly FakeStick[]) {
  return findSticks(laySticks(folder, sticks));
}

const CP2102N = {
  ids: '10c4:ea60',
  manufacturer: 'Silicon Labs',
  product: 'CP2102N USB to UART Bridge Controller',
};

/** As these sticks say it: from the tables of zigbee-herdsman and of Home Assistant. */
test.each([
  ['zwave', { ids: '0658:0200' }],
  ['zwave', { ids: '1a86:55d4', manufacturer: 'Zooz', product: '800 Z-Wave Stick' }],
  ['zwave', { ids: '303a:4001', manufacturer: 'Nabu Casa', product: 'ZWA-2' }],
  ['zwave', { ids: '10c4:8a2a', manufacturer: 'Silicon Labs', product: 'HubZ Smart Home Controller' }],
  ['ember', { ids: '10c4:8a2a', product: 'HubZ Smart Home Controller', interfaceNumber: 1 }],
  ['ember', { ids: '10c4:ea60', manufacturer: 'Nabu Casa', product: 'SkyConnect v1.0' }],
  ['ember', { ids: '303a:831a', manufacturer: 'Nabu Casa', product: 'ZBT-2' }],
  ['ember', { ids: '1a86:55d4', manufacturer: 'ITEAD', product: 'SONOFF Zigbee 3.0 USB Dongle Plus V2' }],
  ['zstack', { ids: '10c4:ea60', manufacturer: 'ITead', product: 'Sonoff Zigbee 3.0 USB Dongle Plus' }],
  ['zstack', { ids: '10c4:ea60', manufacturer: 'SMLIGHT', product: 'SMLIGHT SLZB-07p7' }],
  ['ember', { ids: '10c4:ea60', manufacturer: 'SMLIGHT', product: 'SMLIGHT SLZB-07' }],
  ['zstack', { ids: '0451:16a8', manufacturer: 'Texas Instruments', product: 'TI CC2531 USB CDC' }],
] as const)('a stick that says what it is: %s %o', (radio, stick) => {
  const [one] = found({ tty: 'ttyUSB0', byId: 'usb-stick', ...stick });
  expect(one?.uses.map((use) => (use.kind === 'zwave' ? 'zwave' : use.adapter))).toEqual([radio]);
  expect(one?.isSure).toBe(true);
});

test('a chip that is in sticks of every kind is not guessed, and no radio is proposed as none', () => {
  const sticks = found(
    { tty: 'ttyUSB0', byId: 'usb-cp', ...CP2102N },
    { tty: 'ttyUSB1', byId: 'usb-gps', ids: '1546:01a7', manufacturer: 'u-blox', product: 'GPS receiver' },
    { tty: 'ttyACM0', byId: 'usb-conbee', ids: '1cf1:0030', manufacturer: 'dresden', product: 'ConBee II' },
  );
  expect(sticks.map(({ name, isSure, uses }) => [name, isSure, uses.length])).toEqual([
    ['dresden ConBee II', true, 0],
    ['Silicon Labs CP2102N USB to UART Bridge Controller', false, 3],
    ['u-blox GPS receiver', false, 0],
  ]);
});

test('a stick is named by its id, which stays when it moves to another port', () => {
  const stick = { ...CP2102N, byId: 'usb-Silicon_Labs_CP2102N_0001-if00-port0' };
  const [before] = found({ ...stick, tty: 'ttyUSB0' });
  const [after] = found({ tty: 'ttyUSB0', ids: '1546:01a7' }, { ...stick, tty: 'ttyUSB1' }).filter(
    ({ usbId }) => usbId === CP2102N.ids,
  );
  expect(before?.port).toBe(path.join(folder, 'dev/serial/by-id', stick.byId));
  expect(after?.port).toBe(before?.port);
  const [unnamed] = found({ ids: CP2102N.ids, tty: 'ttyUSB7' });
  expect(unnamed?.port).toBe(path.join(folder, 'dev/ttyUSB7'));
});

test('what is printed can be pasted into a config', () => {
  const lines = describeSticks(
    found(
      { tty: 'ttyACM0', ids: '0658:0200', byId: 'usb-0658_0200-if00' },
      {
        tty: 'ttyUSB0',
        ids: '10c4:ea60',
        manufacturer: 'ITead',
        product: 'Sonoff Zigbee 3.0 USB Dongle Plus',
        byId: 'usb-s',
      },
      { tty: 'ttyUSB1', ...CP2102N, byId: 'usb-unsure' },
    ),
  );
  const yaml = [
    'hub_id: h',
    'site: {timezone: UTC}',
    'radios:',
    ...lines.filter((line) => /^ {4}/.test(line)),
  ];
  const file = path.join(folder, 'lockhub.yaml');
  writeFileSync(file, `${yaml.join('\n')}\n`);
  expect(parse(yaml.join('\n'))).toMatchObject({
    radios: [{ kind: 'zwave' }, { kind: 'zigbee', adapter: 'zstack' }],
  });
  expect(loadConfig(file).ok).toBe(true);
  expect(lines.join('\n')).toContain(
    'unsure, perhaps Z-Wave or Zigbee (zstack) or Zigbee (ember): look at its label',
  );
  expect(describeSticks(found())).toEqual(['No serial device is plugged in.']);
});

test.each([
  [
    'Failed to open the serial port: Error Resource temporarily unavailable Cannot lock port (ZW0100)',
    'port_taken',
  ],
  ['Error: Device or resource busy, cannot open /dev/ttyUSB0', 'port_taken'],
  ['Error: No such file or directory, cannot open /dev/ttyUSB0', 'port_missing'],
  ['Error: Permission denied, cannot open /dev/ttyUSB0', 'port_forbidden'],
  ['Timeout after 6000 ms', null],
])('%s', (message, fault) => {
  expect(faultOf(message)).toBe(fault);
});

test('the sentence names who has the stick, if that can be seen', () => {
  expect(faultText('port_taken', '/dev/a', ['zigbee2mqtt (41)', 'cat (7)'])).toContain(
    'by zigbee2mqtt (41) and cat (7)',
  );
  expect(faultText('port_taken', '/dev/a', [])).toContain('by another program');
});
