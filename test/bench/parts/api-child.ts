import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import fastify from 'fastify';
import { pino } from 'pino';
import { startDirectHub } from '../../support/direct-hub.ts';

// A hub whose radio works as slowly as a real one, and beside it, in the same process, a server with nothing in it but a
// route that commits one row.

const LOCKS = 10;
const SLOTS = 250;

const folder = mkdtempSync(path.join(tmpdir(), 'lockhub-bench-'));
const { hub, http } = startDirectHub({
  folder,
  seed: 1,
  lockCount: LOCKS,
  slots: SLOTS,
  haste: 1,
  log: pino({ level: 'silent' }),
});
const bare = fastify();
bare.all('/', () => ({ ok: true }));
const database = new Database(path.join(folder, 'bare.db'));
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec('CREATE TABLE rows (body TEXT NOT NULL) STRICT');
const insert = database.prepare('INSERT INTO rows VALUES (?)');
bare.post('/row', ({ body }) => {
  insert.run(JSON.stringify(body));
  return { ok: true };
});
process.on('disconnect', () => {
  void Promise.all([hub.stop(), bare.close().then(() => database.close())]).finally(() => {
    rmSync(folder, { recursive: true });
    process.exit();
  });
});
const bareUrl = await bare.listen({ host: '127.0.0.1', port: 0 });
const { url } = await http.listening;
process.send?.({ url, bareUrl, key: http.replaceKey('bench', ['write', 'pins']) });
