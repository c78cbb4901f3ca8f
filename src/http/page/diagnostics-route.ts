import type { FastifyInstance } from 'fastify';
import { notedText } from '../../wire/instant-text.ts';
import type { ApiParts } from '../route.ts';
import { bundleOf } from './diagnostics.ts';
import { newestLines, tarOf } from './tar-file.ts';

/** `/page/diagnostics`: the bundle, as one file. */
export function pageDiagnostics(app: FastifyInstance, parts: ApiParts): void {
  app.get('/page/diagnostics', { config: { scope: 'read' } }, async (_request, reply) => {
    const atMs = parts.clock.now().earliest;
    const { log, ...hub } = bundleOf(parts);
    const files = {
      'hub.json': JSON.stringify(hub, null, 2),
      'doctor.json': JSON.stringify(await parts.checkUp(), null, 2),
      'database.json': JSON.stringify(parts.databaseShape(), null, 2),
      'log.jsonl': newestLines(log.map((line) => JSON.stringify(line))),
    };
    const file = await tarOf(
      Object.entries(files).map(([name, text]) => ({ name, text })),
      atMs,
    );
    const at = notedText(atMs).replaceAll(/[:.]/g, '-');
    const name = `lockhub-${parts.hubId.replaceAll(/[^\w-]/g, '_')}-${at}.tar.gz`;
    return reply
      .header('content-disposition', `attachment; filename="${name}"`)
      .type('application/gzip')
      .send(file);
  });
}
