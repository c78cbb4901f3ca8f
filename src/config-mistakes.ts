import type { z } from 'zod';

/** Characters of a wrong value that a mistake shows. */
const FOUND_CHARS_MAX = 60;

/** What is wrong, and where, as sentences for a person: a line a mistake. */
export function describe(issue: z.core.$ZodIssue, raw: unknown, prefix: string): readonly string[] {
  const where = joined(prefix, pathText(issue.path));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `${where}${where ? '.' : ''}${key}: expected a known key, found an unknown one`,
    );
  }
  const found = valueAt(raw, issue.path);
  const inner = issue.code === 'invalid_union' ? issue.errors.at(-1) : undefined;
  if (inner !== undefined && typeof found === 'object' && found !== null) {
    return inner.flatMap((part) => describe(part, found, where));
  }
  return [`${where || 'the config file'}: expected ${issue.message}, found ${show(found, where)}`];
}

function joined(prefix: string, inner: string): string {
  return prefix === '' || inner === '' || inner.startsWith('[') ? prefix + inner : `${prefix}.${inner}`;
}

function pathText(keys: readonly PropertyKey[]): string {
  return keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

function valueAt(raw: unknown, keys: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key) as unknown;
  }
  return value;
}

/** What was found. Where a user may have put a secret by mistake, only its kind. */
function show(value: unknown, where: string): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (/^cloud\.|^home_assistant\.|^offline\[|^backup\.recipients|_file$/.test(where))
    return typeof value === 'string' ? 'another text' : `a ${typeof value}`;
  const text = JSON.stringify(value);
  return text.length > FOUND_CHARS_MAX ? `${text.slice(0, FOUND_CHARS_MAX)}…` : text;
}
