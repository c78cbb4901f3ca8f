import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ApiProblem, invalidInput } from '../problem.ts';
import { sendProblem } from '../reply.ts';
import type { ApiParts } from '../route.ts';
import { NO_BACKUPS } from './backups.ts';

/** Largest backup that is taken by the page; a larger one is restored at the command line. */
const UPLOAD_BYTES_MAX = 256 * 1024 * 1024;
/** The header in which the page sends the recovery key, so that it is in no address and no log. */
const KEY_HEADER = 'x-recovery-key';

const named = z.object({ name: z.string().min(1).max(200) });

/** `/page/backups/file` and `/page/backups/restore`: a backup as a file, there and back. To be registered in a scope of its own. */
export function pageBackupFiles(app: FastifyInstance, { backups }: ApiParts): void {
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  app.get('/page/backups/file', { config: { scope: 'admin' } }, async (request, reply) => {
    const query = named.safeParse(request.query);
    const file = query.success ? backups?.fileOf(query.data.name) : undefined;
    if (file === undefined) {
      return sendProblem(reply, new ApiProblem(404, 'backup_not_found', 'There is no such backup.'));
    }
    return reply
      .header('content-disposition', `attachment; filename="${path.basename(file)}"`)
      .type('application/octet-stream')
      .send(createReadStream(file));
  });
  app.post(
    '/page/backups/restore',
    { config: { scope: 'admin' }, bodyLimit: UPLOAD_BYTES_MAX },
    async (request, reply) => {
      if (backups === undefined) return sendProblem(reply, NO_BACKUPS);
      if (!(request.body instanceof Readable))
        return sendProblem(reply, invalidInput('Send the backup itself.'));
      const upload = path.join(backups.folder, `upload-${randomUUID()}`);
      try {
        await pipeline(request.body, createWriteStream(upload, { mode: 0o600, flags: 'wx' }));
        const key = request.headers[KEY_HEADER];
        const failure = await backups.restore(upload, typeof key === 'string' && key !== '' ? key : null);
        if (failure !== null) return sendProblem(reply, new ApiProblem(409, 'restore_refused', failure));
        return await reply.send({ page: {}, ok: true });
      } finally {
        rmSync(upload, { force: true });
      }
    },
  );
}
