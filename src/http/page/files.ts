import { existsSync } from 'node:fs';
import path from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { DAY_MS } from '../../core/time.ts';
import { ApiProblem } from '../problem.ts';
import { sendProblem } from '../reply.ts';

/** The name of such a file has a hash of its content in it, so it never changes. */
const ASSET_AGE_MS = 365 * DAY_MS;
const ASSETS = 'assets';
const INDEX = 'index.html';

/** The technician's page as it was built: `/`, and what that loads from `/assets/`. All of it needs a session. */
export async function pageFiles(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(staticFiles, {
    root: folder,
    serve: false,
    preCompressed: true,
    suppressWarning: true,
  });
  app.get('/', (_request, reply) => {
    if (!existsSync(path.join(folder, INDEX))) return sendProblem(reply, NOT_BUILT);
    return reply.sendFile(INDEX, { cacheControl: false });
  });
  app.get<{ Params: { '*': string } }>(`/${ASSETS}/*`, ({ params }, reply) =>
    reply.sendFile(path.posix.join(ASSETS, params['*']), { maxAge: ASSET_AGE_MS, immutable: true }),
  );
}

const NOT_BUILT = new ApiProblem(
  503,
  'page_not_built',
  'The page was not built. Run npm ci, or npm run prepare, where the hub is installed.',
);
