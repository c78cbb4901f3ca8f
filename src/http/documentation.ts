import type { FastifyInstance } from 'fastify';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';

/** `/openapi.json`, and at `/docs` a page to browse it, all of it from this hub. */
export async function documentation(
  app: FastifyInstance,
  routes: readonly Route[],
  version: string,
): Promise<void> {
  const document = openApiDocument(routes, version);
  await app.register(swagger, { mode: 'static', specification: { document } });
  // Without this it would show a badge of a validator on the internet.
  const uiConfig = { validatorUrl: null };
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: false, uiConfig });
  app.get('/openapi.json', () => document);
}
