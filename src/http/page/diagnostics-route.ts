import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { notedText } from '../../wire/instant-text.ts';
import type { ApiParts } from '../route.ts';
import { bundleOf } from './diagnostics.ts';

const compress = promisify(gzip);

/** `/page/diagnostics`: the bundle, as one file. */
export function pageDiagnostics(app: FastifyInstance, parts: ApiParts): void {
  app.get('/page/diagnostics', { config: { scope: 'read' } }, async (_request, reply) => {
    const file = await compress(JSON.stringify(bundleOf(parts)));
    const at = notedText(parts.clock.now().earliest).replaceAll(/[:.]/g, '-');
    const name = `lockhub-${parts.hubId.replaceAll(/[^\w-]/g, '_')}-${at}.json.gz`;
    return reply
      .header('content-disposition', `attachment; filename="${name}"`)
      .type('application/gzip')
      .send(file);
  });
}
