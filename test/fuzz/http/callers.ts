import type { Scope } from '../../../src/core/scope.ts';
import type { KeyName, Started } from './hub.ts';

/** Who sends a request. */
export type CallerName = KeyName | 'nobody' | 'garbage' | 'session' | 'session-without-token';

/** What each of them may do; nobody and the like: nothing at all. */
export const SCOPES: Readonly<Record<CallerName, readonly Scope[]>> = {
  nobody: [],
  garbage: [],
  revoked: [],
  read: ['read'],
  write: ['write'],
  pins: ['write', 'pins'],
  admin: ['admin'],
  session: ['admin', 'pins'],
  'session-without-token': ['admin', 'pins'],
};

/** Those whom the hub doesn't know. */
export function isStranger(caller: CallerName): boolean {
  return SCOPES[caller].length === 0;
}

export interface Session {
  readonly cookie: string;
  readonly csrfToken: string;
}

/** Logs in as a person does. */
export async function logIn(url: string, loginPath: string): Promise<Session> {
  const code = new URL(loginPath, url).searchParams.get('code') ?? '';
  const answer = await fetch(`${url}/login`, {
    method: 'POST',
    body: new URLSearchParams({ code }),
    redirect: 'manual',
  });
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
  const told = await fetch(`${url}/session/get`, { headers: { cookie } });
  const { session } = (await told.json()) as { session: { csrf_token: string } };
  return { cookie, csrfToken: session.csrf_token };
}

/** The headers that say who asks. */
export function headersOf(
  caller: CallerName,
  { keys }: Started,
  session: Session,
): Readonly<Record<string, string>> {
  switch (caller) {
    case 'nobody':
      return {};
    case 'garbage':
      return { authorization: `Bearer seam_${'x'.repeat(30)}`, cookie: 'lockhub=none; a' };
    case 'session':
      return { cookie: session.cookie, 'x-csrf-token': session.csrfToken };
    case 'session-without-token':
      return { cookie: session.cookie };
    case 'read':
    case 'write':
    case 'pins':
    case 'admin':
    case 'revoked':
      return { authorization: `Bearer ${keys[caller]}` };
  }
}
