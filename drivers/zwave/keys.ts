import { randomBytes } from 'node:crypto';

const KEY_BYTES = 16;
const KEY_PATTERN = /^[0-9a-fA-F]{32}$/;
const KEY_NAMES = ['S0_Legacy', 'S2_Unauthenticated', 'S2_Authenticated', 'S2_AccessControl'] as const;

type SecurityKeyName = (typeof KEY_NAMES)[number];

/** The network keys of a Z-Wave network: 32 hex digits each, all different. Whoever has them can open the locks. */
export type SecurityKeys = Readonly<Record<SecurityKeyName, string>> & {
  /** Keys of Z-Wave Long Range. Absent for networks that never had any. */
  readonly longRange?: { readonly S2_Authenticated: string; readonly S2_AccessControl: string };
};

/** What is wrong with a keys file. Names keys, never shows one. */
export type KeysFileProblem =
  | { readonly kind: 'not_json' }
  | { readonly kind: 'missing_key'; readonly name: SecurityKeyName }
  | { readonly kind: 'malformed_key'; readonly name: SecurityKeyName }
  | { readonly kind: 'same_key_twice'; readonly name: SecurityKeyName };

export type KeysFile =
  | { readonly ok: true; readonly keys: SecurityKeys }
  | { readonly ok: false; readonly problems: readonly KeysFileProblem[] };

/** New random keys for a network of our own. To be made once and kept: losing them loses every secured lock. */
export function makeSecurityKeys(): SecurityKeys {
  return {
    S0_Legacy: randomKey(),
    S2_Unauthenticated: randomKey(),
    S2_Authenticated: randomKey(),
    S2_AccessControl: randomKey(),
    longRange: { S2_Authenticated: randomKey(), S2_AccessControl: randomKey() },
  };
}

/** Reads the keys of an existing network (`security_keys_file`): JSON with four names, 32 hex digits each. */
export function parseSecurityKeysFile(text: string): KeysFile {
  const content = parseObject(text);
  if (content === undefined) return { ok: false, problems: [{ kind: 'not_json' }] };
  const keys: Partial<Record<SecurityKeyName, string>> = {};
  const problems: KeysFileProblem[] = [];
  for (const name of KEY_NAMES) {
    const value = content[name];
    if (value === undefined) problems.push({ kind: 'missing_key', name });
    else if (typeof value !== 'string' || !KEY_PATTERN.test(value))
      problems.push({ kind: 'malformed_key', name });
    else if (Object.values(keys).includes(value.toLowerCase()))
      problems.push({ kind: 'same_key_twice', name });
    else keys[name] = value.toLowerCase();
  }
  return isComplete(keys) ? { ok: true, keys } : { ok: false, problems };
}

/** One sentence for the person who wrote the file. */
export function describeKeysFileProblem(problem: KeysFileProblem): string {
  switch (problem.kind) {
    case 'not_json':
      return 'is not a JSON object';
    case 'missing_key':
      return `has no ${problem.name}`;
    case 'malformed_key':
      return `${problem.name} is not 32 hex digits`;
    case 'same_key_twice':
      return `${problem.name} is the same as another key`;
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isComplete(keys: Partial<Record<SecurityKeyName, string>>): keys is Record<SecurityKeyName, string> {
  return KEY_NAMES.every((name) => keys[name] !== undefined);
}

function randomKey(): string {
  return randomBytes(KEY_BYTES).toString('hex');
}
