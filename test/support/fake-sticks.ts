import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StickPlaces } from '../../src/provision/sticks.ts';

/** What a stick says on USB, and how udev names it. */
export interface FakeStick {
  /** The kernel's name of its port, such as `ttyUSB0`. */
  readonly tty: string;
  /** Vendor and product. */
  readonly ids: string;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly interfaceNumber?: number;
  /** Without, udev does not name it. */
  readonly byId?: string;
  /** Where its device is; by default nowhere that can be opened. */
  readonly device?: string;
}

/** The places where the kernel and udev tell of sticks, laid out as on a Pi with a stick at its second USB port. */
export function laySticks(root: string, sticks: readonly FakeStick[]): StickPlaces {
  const places = { dev: path.join(root, 'dev'), sysfs: path.join(root, 'sys') };
  rmSync(places.dev, { recursive: true, force: true });
  rmSync(places.sysfs, { recursive: true, force: true });
  mkdirSync(path.join(places.dev, 'serial/by-id'), { recursive: true });
  const all = path.join(places.sysfs, 'class/tty');
  // The console of the machine is a tty at no USB.
  mkdirSync(path.join(all, 'tty0'), { recursive: true });
  for (const [index, stick] of sticks.entries()) lay(places, all, stick, index);
  return places;
}

function lay({ dev, sysfs }: StickPlaces, all: string, stick: FakeStick, index: number): void {
  const [vendor = '', product = ''] = stick.ids.split(':');
  const usb = path.join(sysfs, `devices/platform/xhci/usb1/1-${index + 1}`);
  const side = path.join(usb, `1-${index + 1}:1.${stick.interfaceNumber ?? 0}`);
  const port = path.join(side, stick.tty);
  mkdirSync(port, { recursive: true });
  const said = {
    idVendor: vendor,
    idProduct: product,
    manufacturer: stick.manufacturer,
    product: stick.product,
  };
  for (const [name, text] of Object.entries(said)) {
    if (text !== undefined) writeFileSync(path.join(usb, name), `${text}\n`);
  }
  writeFileSync(path.join(side, 'bInterfaceNumber'), `0${stick.interfaceNumber ?? 0}\n`);
  mkdirSync(path.join(all, stick.tty), { recursive: true });
  symlinkSync(port, path.join(all, stick.tty, 'device'));
  const device = stick.device ?? path.join(dev, stick.tty);
  if (stick.device === undefined) writeFileSync(device, '');
  if (stick.byId !== undefined) symlinkSync(device, path.join(dev, 'serial/by-id', stick.byId));
}
