import { readlinkSync } from 'node:fs';
import path from 'node:path';
import type { Places } from './places.ts';
import { namesIn, textAt } from './text-file.ts';

/** From here on SQLite locks bytes of a database (its `PENDING_BYTE`). */
const SQLITE_LOCK_BYTE = 0x4000_0000;
/** `TCP_LISTEN` in /proc/net/tcp. */
const LISTENING = '0A';

interface FileLock {
  readonly kind: 'POSIX' | 'FLOCK';
  readonly pid: number;
  readonly inode: number;
  readonly start: number;
}

/** Who holds a SQLite database exclusively; `undefined`: nobody does, `null`: the system does not tell. */
export function databaseHolder(places: Places, inode: number): number | undefined | null {
  const locks = locksOf(places);
  if (locks === null) return null;
  return locks.find((lock) => lock.kind === 'POSIX' && lock.inode === inode && lock.start >= SQLITE_LOCK_BYTE)
    ?.pid;
}

/** Locks for writing, as all may read them. `null`: the system does not show them. */
function locksOf({ proc }: Places): readonly FileLock[] | null {
  const text = textAt(path.join(proc, 'locks'));
  if (text === null) return null;
  const line = /^\d+: (POSIX|FLOCK)\s+\S+\s+WRITE (-?\d+) [0-9a-f]+:[0-9a-f]+:(\d+) (\d+)/gm;
  return [...text.matchAll(line)].map(([, kind, pid, inode, start]) => ({
    kind: kind === 'FLOCK' ? 'FLOCK' : 'POSIX',
    pid: Number(pid),
    inode: Number(inode),
    start: Number(start),
  }));
}

/** Programs that have a device open or locked, as far as they can be seen, but for `except`. */
export function holdersOf(
  places: Places,
  device: { readonly path: string; readonly inode: number },
  except: readonly number[],
): readonly string[] {
  const locked = (locksOf(places) ?? [])
    .filter(({ kind, inode }) => kind === 'FLOCK' && inode === device.inode)
    .map(({ pid }) => pid);
  return named(places, [...locked, ...openersOf(places, device.path)], except);
}

/** The program that listens at a TCP port; `null`: none can be seen. */
export function listenerAt(places: Places, port: number): string | null {
  const sockets = ['net/tcp', 'net/tcp6'].flatMap((name) => {
    const lines = (textAt(path.join(places.proc, name)) ?? '').split('\n').slice(1);
    return lines.flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const isIt = state === LISTENING && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
      return isIt ? [`socket:[${inode}]`] : [];
    });
  });
  const pids = sockets.flatMap((socket) => openersOf(places, socket));
  return named(places, pids, [])[0] ?? null;
}

function openersOf({ proc }: Places, target: string): readonly number[] {
  return namesIn(proc)
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const folder = path.join(proc, pid, 'fd');
      return namesIn(folder).some((fd) => linkAt(path.join(folder, fd)) === target);
    })
    .map(Number);
}

/** A program may end while one looks. */
function linkAt(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}

function named({ proc }: Places, pids: readonly number[], except: readonly number[]): readonly string[] {
  const others = [...new Set(pids)].filter((pid) => pid !== process.pid && !except.includes(pid));
  return others.map((pid) => `${nameOf(path.join(proc, String(pid)))} (${pid})`);
}

/** By the file that was started; of a script its own name too, and never another word, which may be a secret. */
function nameOf(folder: string): string {
  const [program = '', script = ''] = (textAt(path.join(folder, 'cmdline')) ?? '').split('\0');
  const isScript =
    /^(node|python|perl|ruby|sh|bash)[\d.]*$/.test(path.basename(program)) && script.startsWith('/');
  const words = [program, ...(isScript ? [script] : [])].map((word) => path.basename(word)).filter(Boolean);
  return words.join(' ') || (textAt(path.join(folder, 'comm')) ?? 'a program');
}
