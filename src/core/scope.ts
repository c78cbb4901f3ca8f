/**
 * What somebody may do over the local API. `read`: see all but PINs. `write`: also change codes and webhooks and move bolts.
 * `admin`: also let locks in and out and look into the hub. `pins`: see PINs; no other scope includes it.
 */
export const SCOPES = ['read', 'write', 'admin', 'pins'] as const;

export type Scope = (typeof SCOPES)[number];

const INCLUDED: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  write: ['read', 'write'],
  admin: ['read', 'write', 'admin'],
  pins: ['read', 'pins'],
};

/** Whether scopes that were granted include the one that is needed. */
export function allows(granted: readonly Scope[], needed: Scope): boolean {
  return granted.some((scope) => INCLUDED[scope].includes(needed));
}
