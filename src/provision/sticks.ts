import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { judgeStick, type RadioUse, type SerialStick } from '../core/radio-stick.ts';

/** Where the kernel shows serial devices and udev names them; others than the machine's own are for tests. */
export interface StickPlaces {
  readonly dev: string;
  readonly sysfs: string;
}

export const MACHINE: StickPlaces = { dev: '/dev', sysfs: '/sys' };
/** USB devices stand this many folders above their serial port, at most. */
const LEVELS_MAX = 6;

/** Every serial device at USB, known or not, by its port. Opens none. */
export function findSticks({ dev, sysfs }: StickPlaces = MACHINE): readonly SerialStick[] {
  const names = namesById(dev);
  return namesIn(path.join(sysfs, 'class/tty'))
    .flatMap((tty) => {
      const device = usbDeviceOf(path.join(sysfs, 'class/tty', tty, 'device'));
      if (device === null) return [];
      const said = {
        vendorId: textOf(device.folder, 'idVendor'),
        productId: textOf(device.folder, 'idProduct'),
        manufacturer: textOf(device.folder, 'manufacturer'),
        product: textOf(device.folder, 'product'),
        interfaceNumber: device.interfaceNumber,
      };
      const port = names.get(tty) ?? path.join(dev, tty);
      return [{ port, usbId: `${said.vendorId}:${said.productId}`, ...judgeStick(said) }];
    })
    .toSorted((one, other) => (one.port < other.port ? -1 : 1));
}

/** `lockhub sticks`: what is there, and what the config would say. */
export function describeSticks(sticks: readonly SerialStick[]): readonly string[] {
  if (sticks.length === 0) return ['No serial device is plugged in.'];
  return sticks.flatMap((stick) => [
    stick.port,
    `  ${stick.name} (${stick.usbId}): ${verdictOf(stick)}`,
    ...(stick.isSure ? stick.uses.flatMap((use) => configLines(stick.port, use)) : []),
  ]);
}

function verdictOf({ uses, isSure }: SerialStick): string {
  if (uses.length === 0) return 'no radio that this hub drives';
  const kinds = uses.map(nameOfUse);
  return isSure ? kinds.join(' or ') : `unsure, perhaps ${kinds.join(' or ')}: look at its label`;
}

function nameOfUse(use: RadioUse): string {
  return use.kind === 'zwave' ? 'Z-Wave' : `Zigbee (${use.adapter})`;
}

function configLines(port: string, use: RadioUse): readonly string[] {
  const adapter = use.kind === 'zigbee' ? [`      adapter: ${use.adapter}`] : [];
  return [`    - kind: ${use.kind}`, `      port: ${port}`, ...adapter];
}

/** The USB device that a port belongs to, and which of its interfaces it is; `null`: it is at no USB. */
function usbDeviceOf(device: string): { readonly folder: string; readonly interfaceNumber: number } | null {
  if (!existsSync(device)) return null;
  let folder = realpathSync(device);
  let interfaceNumber = 0;
  for (let level = 0; level < LEVELS_MAX; level += 1) {
    const number = textOf(folder, 'bInterfaceNumber');
    if (number !== '') interfaceNumber = Number.parseInt(number, 16);
    if (textOf(folder, 'idVendor') !== '') return { folder, interfaceNumber };
    folder = path.dirname(folder);
  }
  return null;
}

/** Names of udev's that stay with a stick at whatever port, by the kernel's. */
function namesById(dev: string): ReadonlyMap<string, string> {
  const folder = path.join(dev, 'serial/by-id');
  return new Map(
    namesIn(folder).flatMap((name) => {
      const link = path.join(folder, name);
      return existsSync(link) ? [[path.basename(realpathSync(link)), link] as const] : [];
    }),
  );
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function textOf(folder: string, name: string): string {
  try {
    return readFileSync(path.join(folder, name), 'utf8').trim();
  } catch {
    // A stick may be pulled while one looks, and tells what it likes.
    return '';
  }
}
