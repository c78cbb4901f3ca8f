import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { nameAt } from '../../src/backup/shelf.ts';
import { MINUTE_MS } from '../../src/core/time.ts';
import { SAMPLE_AT } from '../support/core-samples.ts';
import { seededDraw } from '../support/seeded-draw.ts';
import {
  afresh,
  at,
  codesIn,
  expectSafe,
  happen,
  killed,
  LOCKS,
  opened,
  PAGE_BYTES,
  spoil,
} from './damaged-hub.ts';

/** Pages that each kind of damage is tried on; all of them by `scripts/test --full`. */
const PAGES = process.env['LOCKHUB_TEST_FULL'] === undefined ? 8 : 1000;

it('a sound database is opened as it is, also after a kill', async () => {
  killed((store) => happen(store, 3));
  await opened((store, repaired) => {
    expect(repaired).toBeNull();
    expect(store.lockState('lock-0')?.slots[0]?.recheck).toBe('no');
    expect(store.outbox.head()).toBe(353);
  });
});

type Blow = (page: Buffer, draw: (below: number) => number, other: Buffer) => void;
const BLOWS: readonly (readonly [string, Blow])[] = [
  [
    'a flipped bit',
    (page, draw) => {
      const where = draw(page.length);
      page.writeUInt8(page.readUInt8(where) ^ (1 << draw(8)), where);
    },
  ],
  ['zeros', (page) => void page.fill(0)],
  ['half of another page', (page, draw, other) => void other.copy(page, (1 + draw(7)) * 512)],
  [
    'noise',
    (page, draw) => {
      for (let where = 0; where < page.length; where += 1) page.writeUInt8(draw(256), where);
    },
  ],
];

describe.each(BLOWS)('a page with %s', (name, blow) => {
  it('costs no code that was backed up, and the hub starts', async () => {
    const draw = seededDraw(7);
    const bytes = readFileSync(at('lockhub.db'));
    const all = Array.from({ length: bytes.length / PAGE_BYTES }, (_, page) => page);
    // Those with the schema and the first of the tables are always among them.
    const chosen =
      PAGES >= all.length ? all : [0, 1, 2, ...Array.from({ length: PAGES }, () => draw(all.length))];
    let repairs = 0;
    for (const page of chosen) {
      afresh();
      const damaged = Buffer.from(bytes);
      const other = bytes.subarray(((page + 1) % all.length) * PAGE_BYTES).subarray(0, PAGE_BYTES);
      blow(damaged.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES), draw, other);
      writeFileSync(at('lockhub.db'), damaged);
      await opened((store, repaired) => {
        if (repaired === null) return;
        repairs += 1;
        expectSafe(store, `page ${page}: ${repaired.seen}`);
        const slots = store.deviceIds().flatMap((id) => store.lockState(id)?.slots ?? []);
        expect(slots.every(({ recheck }) => recheck === 'restored')).toBe(true);
        expect(readFileSync(at(`${repaired.folder}/lockhub.db`)).length).toBe(bytes.length);
      });
      // And the next start finds it sound.
      await opened((store) => expect(store.deviceIds()).toHaveLength(LOCKS));
    }
    expect(repairs, name).toBeGreaterThan(0);
  }, 240_000);
});

describe('a damaged database', () => {
  it('keeps what was done since the backup where that can be read', async () => {
    spoil('measurements');
    await opened((store, repaired) => {
      expect(repaired).toMatchObject({ damage: 'damaged', isEmptied: false });
      expectSafe(store, 'measurements');
      expect(store.lockState('lock-0')?.lock).toMatchObject({ generation: 3, versionReceived: 0 });
      const codes = codesIn(store);
      expect(codes.filter((id) => id.startsWith('newer'))).toHaveLength(LOCKS);
      expect(codes.filter((id) => id.startsWith('deleted'))).toEqual([]);
      expect(store.outbox.depth()).toBe(351);
    });
  });

  it('is its backup where nothing of a table can be read, but for what was deleted', async () => {
    spoil('access_codes');
    await opened((store) => {
      expectSafe(store, 'access_codes');
      expect(codesIn(store).filter((id) => id.startsWith('deleted'))).toEqual([]);
    });
  });

  it('loses no event where one of their two tables is damaged', async () => {
    spoil('outbox');
    await opened((store) => {
      expect(store.outbox.depth()).toBe(351);
      expect(store.outbox.after(0, 400).map(({ seq }) => seq)).toEqual(
        Array.from({ length: 351 }, (_, index) => index + 1),
      );
      const [last] = store.outbox.after(350, 1);
      expect(last?.event).toMatchObject({ event_type: 'hub.database_repaired', is_emptied: false });
    });
  });

  it('without any backup is what can be read of it', async () => {
    rmSync(at('backups'), { recursive: true });
    spoil('measurements');
    await opened((store, repaired) => {
      expect(repaired).toMatchObject({ restoredFrom: null, isEmptied: false });
      expectSafe(store, 'no backup');
    });
  });

  it('tries an older backup where the newest is damaged too', async () => {
    const [name = ''] = readdirSync(at('backups'));
    const newer = path.join(at('backups'), nameAt('hub-1', SAMPLE_AT + MINUTE_MS));
    writeFileSync(newer, readFileSync(path.join(at('backups'), name)).fill(1, 2000, 2100));
    writeFileSync(at('lockhub.db'), 'noise'.repeat(1000));
    await opened((store, repaired) => {
      expect(repaired).toMatchObject({
        damage: 'not_a_database',
        restoredFrom: new Date(SAMPLE_AT).toISOString(),
      });
      expectSafe(store, 'older backup');
    });
  });

  it('is kept, and so are two more; what is older goes', async () => {
    for (let count = 0; count < 5; count += 1) {
      writeFileSync(at('lockhub.db'), `noise ${count}`.repeat(1000));
      await opened((store) => expectSafe(store, `damage ${count}`));
    }
    expect(readdirSync(at('damaged')).toSorted()).toEqual(['0003', '0004', '0005']);
  });
});
