import Database from 'better-sqlite3';
import { v4 } from 'uuid';

/** More than any seq: rows that are numbered anew don't meet those that are not yet. */
const ASIDE = 2n ** 44n;

/**
 * Makes a database that was restored another one than the one it is a copy of, which may have told its cloud more since:
 * another epoch, whose events are numbered from 1 on. Events that the cloud had not acknowledged are the first of them and
 * keep their `event_id`, because the other database may have told them later. The hub must not run.
 */
export function beginNewEpoch(file: string): void {
  const database = new Database(file, { fileMustExist: true });
  try {
    database.pragma('synchronous = FULL');
    database.transaction(() => renumber(database))();
  } finally {
    database.close();
  }
}

function renumber(database: Database.Database): void {
  const meta = database.prepare("SELECT value FROM meta WHERE name = 'outbox_acked'").pluck();
  const shift = BigInt(Number(meta.get() ?? 0));
  for (const table of ['outbox', 'event_log']) {
    database.prepare(`UPDATE ${table} SET seq = seq + ?`).run(ASIDE);
    database.prepare(`UPDATE ${table} SET seq = seq - ?`).run(ASIDE + shift);
    database.prepare(`UPDATE ${table} SET body = json_set(body, '$.seq', seq)`).run();
  }
  database.exec('UPDATE outbox_total SET bytes = (SELECT coalesce(sum(octet_length(body)), 0) FROM outbox)');
  database.prepare("UPDATE sqlite_sequence SET seq = seq - ? WHERE name = 'outbox'").run(shift);
  database.prepare('UPDATE webhooks SET through_seq = through_seq - ?').run(shift);
  database
    .prepare(
      "UPDATE webhooks SET retry = json_set(retry, '$.seq', (retry ->> 'seq') - ?) WHERE retry IS NOT NULL",
    )
    .run(shift);
  const set = database.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');
  set.run('epoch', v4());
  set.run('outbox_acked', 0);
  set.run('outbox_published', 0);
}
