import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HubKey } from '../../src/store/key.ts';
import { openStore } from '../../src/store/open-store.ts';
import { livesOn } from '../support/busy-year.ts';

const DAYS = Number(process.argv[2] ?? 730);
const LOCKS = 8;
const DAY = { locks: LOCKS, guests: 5, events: 50, operations: 60 };
const TOLD_EVERY_DAYS = 73;
const MEGABYTE = 1_000_000;
/** Nothing is measured but sizes, so memory is as good as a disk. */
const MEMORY = '/dev/shm';

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}

const folder = mkdtempSync(path.join(existsSync(MEMORY) ? MEMORY : os.tmpdir(), 'lockhub-year-'));
const file = path.join(folder, 'hub.db');
const store = openStore({ file, key: HubKey.generate() });
try {
  console.log(
    `${LOCKS} locks, on each in a day: ${DAY.guests} guests, ${DAY.events} openings, ${DAY.operations} operations.`,
  );
  livesOn(store, Date.parse('2026-01-01T00:00:00Z'), DAYS, DAY, (day) => {
    if ((day + 1) % TOLD_EVERY_DAYS !== 0) return;
    const { rss, heapUsed } = process.memoryUsage();
    console.log(
      `day ${day + 1}: database ${megabytes(store.sizeBytes())} MB, its log ${megabytes(statSync(`${file}-wal`).size)} MB, ` +
        `memory ${megabytes(rss)} MB, heap ${megabytes(heapUsed)} MB`,
    );
  });
} finally {
  store.close();
  rmSync(folder, { recursive: true, force: true });
}
