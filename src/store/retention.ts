import { DAY_MS, type Instant } from '../core/time.ts';
import type { Connection, Statement } from './connection.ts';

/** Who was let in when is kept for a year, and what the radio did for a quarter of it. */
const HISTORY_AGE_MAX_MS = 366 * DAY_MS;
const OPERATION_AGE_MAX_MS = 92 * DAY_MS;
/** Of what is kept of each kind, this part stays when the disk is short. */
const SHORT_FRACTION = 1 / 10;
/** Rows that one commit deletes, and commits in a row; the next time goes on. */
const ROWS_A_COMMIT_MAX = 2000;
const COMMITS_MAX = 100;
/** Free pages inside the database take the next rows without asking the disk; more than this is given back to it. */
const FREE_BYTES_KEPT = 4 * 1024 * 1024;
/** Pages given back by one commit. */
const PAGES_A_COMMIT_MAX = 500;

export interface RetentionBounds {
  readonly eventLogRowsMax: number;
  readonly journalRowsMax: number;
  readonly measurementsPerLockMax: number;
}

/** Deletes what is older than it needs to be kept; rows beyond their number go as others come, where they are written. */
export class Retention {
  readonly #connection: Connection;
  readonly #byAge: readonly (readonly [statement: Statement, ageMaxMs: number])[];
  readonly #byNumber: readonly (readonly [statement: Statement, rowsMax: number])[];

  constructor(connection: Connection, bounds: RetentionBounds) {
    this.#connection = connection;
    const prune = (sql: string): Statement => connection.prepare(`${sql} LIMIT ${ROWS_A_COMMIT_MAX})`);
    const older = (table: string, key: string, time: string): Statement =>
      prune(`DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${time} < ?`);
    this.#byAge = [
      // The newest row of the log stays, and so does what follows an old one: seqs count the rows.
      [
        prune(`DELETE FROM event_log WHERE seq IN (SELECT seq FROM event_log
          WHERE seq < (SELECT coalesce((SELECT min(seq) FROM event_log WHERE created_at >= ?), max(seq)) FROM event_log)`),
        HISTORY_AGE_MAX_MS,
      ],
      [older('tombstones', 'tombstone_id', 'deleted_at'), HISTORY_AGE_MAX_MS],
      [older('tenures', 'device_id, slot, from_at', 'till_at'), HISTORY_AGE_MAX_MS],
      [older('measurements', 'device_id, at', 'at'), HISTORY_AGE_MAX_MS],
      [older('operations', 'operation_id', 'settled_at'), OPERATION_AGE_MAX_MS],
    ];
    this.#byNumber = [
      [
        prune(
          'DELETE FROM event_log WHERE seq IN (SELECT seq FROM event_log WHERE seq <= (SELECT max(seq) FROM event_log) - ?',
        ),
        bounds.eventLogRowsMax,
      ],
      [
        prune(`DELETE FROM operations WHERE operation_id IN (SELECT operation_id FROM operations
          WHERE outcome IS NOT NULL AND operation_id <= (SELECT max(operation_id) FROM operations) - ?`),
        bounds.journalRowsMax,
      ],
      [
        prune(`DELETE FROM measurements WHERE (device_id, at) IN (SELECT device_id, at FROM
          (SELECT device_id, at, row_number() OVER (PARTITION BY device_id ORDER BY at DESC) AS place FROM measurements)
          WHERE place > ?`),
        bounds.measurementsPerLockMax,
      ],
    ];
  }

  /** `now` is the earliest that it can be, so that a wrong clock deletes nothing too early. */
  tidy(now: Instant, isShort: boolean): void {
    let commits = 0;
    const repeat = (work: () => boolean): void => {
      while (commits < COMMITS_MAX && this.#connection.transaction(work)) commits += 1;
    };
    for (const [statement, ageMaxMs] of this.#byAge) {
      repeat(() => statement.run(now - ageMaxMs).changes === ROWS_A_COMMIT_MAX);
    }
    if (isShort) {
      for (const [statement, rowsMax] of this.#byNumber) {
        repeat(() => statement.run(Math.floor(rowsMax * SHORT_FRACTION)).changes === ROWS_A_COMMIT_MAX);
      }
    }
    repeat(() => this.#connection.giveBack(FREE_BYTES_KEPT, PAGES_A_COMMIT_MAX));
  }
}
