import type { IncomingHttpHeaders } from 'node:http';
import type { Scope } from '../../core/scope.ts';
import type { ApiKey, ApiKeys } from '../../store/store.ts';
import type { Session, Sessions } from './sessions.ts';

/** Who asks: a program with a key, or a person who logged in at the page. */
export type Caller =
  | {
      readonly kind: 'key';
      readonly id: string;
      readonly name: string;
      readonly scopes: readonly Scope[];
      readonly key: ApiKey;
    }
  | {
      readonly kind: 'session';
      readonly id: string;
      readonly name: 'page';
      readonly scopes: readonly Scope[];
      readonly session: Session;
    };

/** A person at the page has proven to be one who may read the hub's terminal. */
const PAGE_SCOPES: readonly Scope[] = ['admin', 'pins'];

/** The caller by the headers of a request; `undefined`: nobody that this hub knows. */
export function callerOf(
  authorization: IncomingHttpHeaders['authorization'],
  cookie: string | undefined,
  { apiKeys, sessions }: { readonly apiKeys: ApiKeys; readonly sessions: Sessions },
): Caller | undefined {
  if (authorization !== undefined) {
    const [, text] = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(authorization) ?? [];
    const key = text === undefined ? undefined : apiKeys.find(text);
    if (key === undefined) return undefined;
    return { kind: 'key', id: key.keyId, name: key.name, scopes: key.scopes, key };
  }
  const session = cookie === undefined ? undefined : sessions.find(cookie);
  return session && { kind: 'session', id: session.id, name: 'page', scopes: PAGE_SCOPES, session };
}
