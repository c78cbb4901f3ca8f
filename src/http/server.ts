import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import helmet from '@fastify/helmet';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerOptions,
} from 'fastify';
import { MINUTE_MS, SECOND_MS } from '../core/time.ts';
import { serve } from './api.ts';
import type { Certificate } from './auth/certificate.ts';
import { login } from './auth/login.ts';
import { Sessions } from './auth/sessions.ts';
import { documentation } from './documentation.ts';
import { answerFailures, refuseUnreadable } from './failures.ts';
import { guard } from './guard.ts';
import { health } from './health.ts';
import { metrics } from './metrics.ts';
import { pageBackupFiles } from './page/backup-files.ts';
import { pageDiagnostics } from './page/diagnostics-route.ts';
import { pageFiles } from './page/files.ts';
import { pageStream } from './page/stream.ts';
import { invalidInput } from './problem.ts';
import { sendProblem } from './reply.ts';
import type { ApiParts } from './route.ts';
import { ROUTES, SIMULATED_ROUTES } from './routes.ts';

/** The largest request that makes sense changes a thousand codes. */
const BODY_BYTES_MAX = 256 * 1024;
const HEADER_BYTES_MAX = 16 * 1024;
/** How long a client may take to send its request. */
const REQUEST_TIMEOUT_MS = 10 * SECOND_MS;
/** How often the server looks for clients that take longer. */
const TIMEOUTS_LOOK_MS = 5 * SECOND_MS;
const KEEP_ALIVE_MS = MINUTE_MS;
const CONNECTIONS_MAX = 500;

/** The camera reads the QR code of a lock; nothing else of a phone is of use. */
const PERMISSIONS = 'camera=(self), geolocation=(), microphone=(), payment=(), usb=()';

export interface ServerOptions {
  readonly parts: ApiParts;
  /** `null`: plain HTTP, for loopback. */
  readonly certificate: Certificate | null;
  /** Names that this hub is called by, beyond its own. */
  readonly hosts: readonly string[];
  readonly requestsPerMinute: number;
  /** Where the built page is. */
  readonly pageFolder: string;
}

/** The server with all that it serves, not listening yet. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { parts, certificate } = options;
  const isSecure = certificate !== null;
  const sessions = new Sessions(() => parts.clock.monotonicMs());
  const app = fastify(serverOptions(options));
  await app.register(helmet, securityHeaders());
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', PERMISSIONS);
  });
  await guard(app, { ...parts, ...options, sessions, isSecure });
  app.addHook('onResponse', async (request, reply) => {
    const { routeOptions, caller, method } = request;
    // The path of a route and no more: what a client writes there could be anything.
    request.log.debug(
      {
        method,
        route: routeOptions.url,
        status: reply.statusCode,
        caller: caller?.name,
        took_ms: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
  answerFailures(app);
  acceptOnlyJson(app);
  metrics(app, parts);
  health(app, parts);
  const routes = parts.simulation === null ? ROUTES : [...ROUTES, ...SIMULATED_ROUTES];
  serve(app, routes, parts);
  pageStream(app, { ...parts, sessions });
  pageDiagnostics(app, parts);
  await app.register(async (scope) => pageBackupFiles(scope, parts));
  await app.register(async (scope) => pageFiles(scope, options.pageFolder));
  await app.register(async (scope) => login(scope, { ...parts, sessions, isSecure }));
  await app.register(async (scope) => documentation(scope, routes, parts.version));
  return app;
}

function serverOptions({ parts, certificate }: ServerOptions): FastifyServerOptions {
  const loggerInstance: FastifyBaseLogger = parts.log;
  return {
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: BODY_BYTES_MAX,
    // At the end of the hub nobody waits for a browser that keeps its connection.
    forceCloseConnections: true,
    serverFactory: (handler) => {
      const limits = {
        maxHeaderSize: HEADER_BYTES_MAX,
        connectionsCheckingInterval: TIMEOUTS_LOOK_MS,
        // Node would refuse a request without one by itself, in a format of its own; the guard refuses it as well.
        requireHostHeader: false,
      };
      const server =
        certificate === null
          ? http.createServer(limits, handler)
          : https.createServer({ ...limits, cert: certificate.cert, key: certificate.key }, handler);
      server.requestTimeout = REQUEST_TIMEOUT_MS;
      server.headersTimeout = REQUEST_TIMEOUT_MS;
      server.keepAliveTimeout = KEEP_ALIVE_MS;
      server.maxConnections = CONNECTIONS_MAX;
      // An expectation that nobody knows may be ignored; Node would answer it by itself, in a format of its own.
      server.on('checkExpectation', handler);
      return server;
    },
    frameworkErrors: (_error, _request, reply) => {
      sendProblem(reply, invalidInput('The path of the request could not be read.'));
    },
    clientErrorHandler: (error, socket) => refuseUnreadable(error, randomUUID(), socket),
  };
}

/** JSON and nothing else. Clients send the type also without a body. */
function acceptOnlyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body.toString(), done);
  });
}

function securityHeaders() {
  const self = ["'self'"];
  const none = ["'none'"];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: none,
        scriptSrc: self,
        styleSrc: self,
        connectSrc: self,
        fontSrc: self,
        manifestSrc: self,
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        objectSrc: none,
        baseUri: none,
        formAction: self,
        frameAncestors: none,
      },
    },
    // A browser that insists on TLS would not let a person accept the hub's own certificate.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' as const },
    xFrameOptions: { action: 'deny' as const },
  };
}
