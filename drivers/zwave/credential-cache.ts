import { UserCredentialModifierType, type UserCredentialType } from '@zwave-js/cc';
import { UserCredentialCCValues } from '@zwave-js/cc/UserCredentialCC';
import type { ZWaveNode } from 'zwave-js';

/** A report about a user or credential. */
interface Modified {
  readonly modifierType: UserCredentialModifierType;
}

/** A report about nothing: locks answer every question, and say only here that there is no such thing. */
export function isAbsent({ modifierType }: Modified): boolean {
  return modifierType === UserCredentialModifierType.DoesNotExist;
}

/**
 * The user who has a credential as far as zwave-js remembers. It remembers reports about nothing like any others,
 * so that a slot once read as empty seems to belong to user 0.
 */
export function rememberedOwner(node: ZWaveNode, type: UserCredentialType, slot: number): number | undefined {
  const modifier = node.getValue(UserCredentialCCValues.credentialModifierType(type, slot).id);
  if (modifier === UserCredentialModifierType.DoesNotExist) return undefined;
  return node.accessControl?.getCredentialCached(type, slot)?.userId || undefined;
}

/** A user as far as zwave-js remembers. */
export function rememberedUser(node: ZWaveNode, userId: number): { readonly active: boolean } | undefined {
  const modifier = node.getValue(UserCredentialCCValues.userModifierType(userId).id);
  if (modifier === UserCredentialModifierType.DoesNotExist) return undefined;
  return node.accessControl?.getUserCached(userId);
}
