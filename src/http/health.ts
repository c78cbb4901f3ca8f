import type { FastifyInstance } from 'fastify';
import type { ApiParts } from './route.ts';

/**
 * `/healthz`: the process answers and can read its database. `/readyz`: its radios do as well, and it is no safe mode. Open to all, so each
 * says only yes (200) or no (503).
 */
export function health(app: FastifyInstance, { store, radios, policy, log }: ApiParts): void {
  const probe = (path: string, isWell: () => boolean): void => {
    app.get(path, { config: { isPublic: true } }, (_request, reply) => {
      const ok = holds(isWell);
      return reply.code(ok ? 200 : 503).send({ ok });
    });
  };
  const holds = (isWell: () => boolean): boolean => {
    try {
      return isWell();
    } catch (error) {
      log.error({ err: error }, 'the hub is not well');
      return false;
    }
  };
  const canRead = (): boolean => store.outbox.head() >= 0;
  probe('/healthz', canRead);
  probe('/readyz', () => canRead() && !policy.safeMode && radios().every(({ state }) => state === 'ready'));
}
