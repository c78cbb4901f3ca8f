import { isIP } from 'node:net';
import os from 'node:os';

/**
 * Whether a `Host` header names this hub. A page of another site can have its own name point at the hub's address (DNS
 * rebinding), and then the browser sends that name here. An address can't be rebound, so any of them is right.
 */
export function hostCheck(names: readonly string[]): (header: string | undefined) => boolean {
  const own = os.hostname().toLowerCase();
  const known = new Set(['localhost', own, `${own}.local`, ...names.map((name) => name.toLowerCase())]);
  return (header) => {
    const name = nameOf(header ?? '');
    return name !== undefined && (isIP(name) !== 0 || known.has(name));
  };
}

function nameOf(header: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+?)\.?)(?::\d{1,5})?$/i.exec(header) ?? [];
  return (bracketed ?? plain)?.toLowerCase();
}
