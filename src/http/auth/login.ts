import { SECOND_MS } from '../../core/time.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import staticFiles from '@fastify/static';
import { z } from 'zod';
import { cookieName } from '../guard.ts';
import type { ApiParts } from '../route.ts';
import { LoginAttempts } from './attempts.ts';
import { loginPage } from './login-page.ts';
import { SESSION_LIFETIME_MS, type Sessions } from './sessions.ts';

/** A form with one short field. */
const FORM_BYTES_MAX = 1024;
const FOLDER = new URL('../assets/', import.meta.url).pathname;

const form = z.object({ code: z.string().max(40).default('') });

interface LoginOptions extends Pick<ApiParts, 'store' | 'clock' | 'log'> {
  readonly sessions: Sessions;
  /** The cookie is for TLS only. */
  readonly isSecure: boolean;
}

/** The login page, and the end of a session. */
export async function login(app: FastifyInstance, options: LoginOptions): Promise<void> {
  const attempts = new LoginAttempts(() => options.clock.monotonicMs());
  await app.register(staticFiles, { root: FOLDER, serve: false });
  // Only this form is sent as one: a page of another site can send forms anywhere, but no JSON.
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  );
  const config = { isPublic: true } as const;
  app.get('/login.css', { config }, (_request, reply) => reply.sendFile('login.css'));
  app.get('/login', { config }, (request, reply) => {
    const { code } = form.catch({ code: '' }).parse(request.query);
    return sendPage(reply, 200, { code });
  });
  app.post('/login', { config }, (request, reply) => logIn(request, reply, attempts, options));
  app.post('/logout', (request, reply) => {
    if (request.caller?.kind === 'session') options.sessions.end(request.caller.id);
    return reply.clearCookie(cookieName(options.isSecure), { path: '/' }).redirect('/login', 303);
  });
}

function logIn(
  request: FastifyRequest,
  reply: FastifyReply,
  attempts: LoginAttempts,
  { store, clock, log, sessions, isSecure }: LoginOptions,
): FastifyReply {
  const waitMs = attempts.waitMs(request.ip);
  if (waitMs > 0) {
    const seconds = Math.ceil(waitMs / SECOND_MS);
    const message = `Too many wrong codes. Wait ${seconds} s and try again.`;
    return sendPage(reply.header('retry-after', seconds), 429, { message });
  }
  const { code } = form.catch({ code: '' }).parse(request.body);
  if (!store.loginCodes.redeem(code, clock.now().earliest)) {
    attempts.failed(request.ip);
    log.warn({ address: request.ip }, 'a login at the page failed');
    return sendPage(reply, 401, { message: 'This code is wrong, was used, or is older than ten minutes.' });
  }
  attempts.succeeded(request.ip);
  log.info({ address: request.ip }, 'somebody logged in at the page');
  return reply
    .setCookie(cookieName(isSecure), sessions.begin(), {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      secure: isSecure,
      maxAge: SESSION_LIFETIME_MS / SECOND_MS,
    })
    .redirect('/', 303);
}

function sendPage(reply: FastifyReply, status: number, view: Parameters<typeof loginPage>[0]): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(loginPage(view));
}
