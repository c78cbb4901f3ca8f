import { z } from 'zod';
import { parseConfig, parseYaml, type Loaded } from '../config.ts';
import { credentialName } from '../config-path.ts';

/**
 * The `lockhub.yaml` of a card: a config, and beside it the secrets that it names as `credential:NAME`:
 *
 *     secrets:
 *       mqtt-password: correct horse
 */
export interface CardConfig {
  /** The config file without the secrets, comments kept. */
  readonly config: string;
  readonly hubId: string;
  readonly secrets: ReadonlyMap<string, string>;
  /** The credential that is to hold the key of the hub, and that nobody gave: one is made. `null`: none is. */
  readonly newKeyName: string | null;
}

/** Where the config will be, so that relative paths in it are judged from there. */
const CONFIG_FOLDER = '/etc/lockhub';
const SECRETS_MAX = 50;
const SECRET_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/;
const NAME_MESSAGE = 'a name of letters, digits, ".", "_" or "-"';

const secretsSchema = z.record(
  z.string().regex(SECRET_NAME, { error: NAME_MESSAGE }),
  z.string({ error: 'a text in quotes' }).min(1, { error: 'a text' }),
  { error: 'a map of names and texts' },
);

/**
 * Checks all that can be checked of it before a hub runs with it. `newHubId` is asked where the file leaves `hub_id` out;
 * `known` are the names of secrets that are on the hub already. No mistake quotes a secret.
 */
export function parseCardConfig(
  text: string,
  newHubId: () => string,
  known: ReadonlySet<string> = new Set(),
): Loaded<CardConfig> {
  const parsed = parseYaml(text);
  if (!parsed.ok) return parsed;
  const { document, value } = parsed.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, mistakes: ['the file: expected a map of keys'] };
  }
  const secrets = secretsOf((value as { secrets?: unknown }).secrets);
  document.delete('secrets');
  const given = (value as { hub_id?: unknown }).hub_id;
  const hubId = typeof given === 'string' ? given : newHubId();
  if (given === undefined) document.set('hub_id', hubId);
  const written = document.toString();
  const rest = parseYaml(written);
  if (!rest.ok) return rest;
  const config = rest.value.value;
  const keyFile = (config as { key_file?: unknown }).key_file;
  const keyName = typeof keyFile === 'string' ? credentialName(keyFile) : undefined;
  const checked = parseConfig(config, CONFIG_FOLDER, { CREDENTIALS_DIRECTORY: '/' });
  const mistakes = [
    ...(secrets.ok ? [] : secrets.mistakes),
    ...(checked.ok ? [] : checked.mistakes),
    ...(secrets.ok ? namingMistakes(config, secrets.value, new Set([...known, keyName ?? ''])) : []),
  ];
  if (mistakes.length > 0 || !secrets.ok) return { ok: false, mistakes };
  const isKeyThere = keyName === undefined || known.has(keyName) || secrets.value.has(keyName);
  const newKeyName = isKeyThere ? null : keyName;
  return { ok: true, value: { config: written, hubId, secrets: secrets.value, newKeyName } };
}

function secretsOf(value: unknown): Loaded<ReadonlyMap<string, string>> {
  const parsed = secretsSchema.safeParse(value ?? {});
  if (!parsed.success) {
    return {
      ok: false,
      mistakes: parsed.error.issues.map((issue) => {
        const message = issue.code === 'invalid_key' ? NAME_MESSAGE : issue.message;
        return `${['secrets', ...issue.path.map(String)].join('.')}: expected ${message}, found something else`;
      }),
    };
  }
  const secrets = new Map(Object.entries(parsed.data));
  if (secrets.size <= SECRETS_MAX) return { ok: true, value: secrets };
  return { ok: false, mistakes: [`secrets: expected at most ${SECRETS_MAX}, found ${secrets.size}`] };
}

/** Secrets that the config names and nobody gave, and secrets that nothing names. */
function namingMistakes(
  config: unknown,
  secrets: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
): readonly string[] {
  const named = new Map(fileKeys(config).flatMap(({ path, file }) => nameAt(path.join('.'), file)));
  const missing = [...named].filter(([name]) => !secrets.has(name) && !known.has(name));
  const unused = [...secrets.keys()].filter((name) => !named.has(name));
  return [
    ...missing.map(([name, path]) => `${path}: expected secrets.${name} in this file, found none`),
    ...unused.map((name) => `secrets.${name}: expected a key that says credential:${name}, found none`),
  ];
}

function nameAt(path: string, file: string): readonly (readonly [string, string])[] {
  const name = credentialName(file);
  return name === undefined ? [] : [[name, path]];
}

/** A key of a config that names a file. */
export interface FileKey {
  readonly path: readonly (string | number)[];
  readonly file: string;
}

/** Every key that names a file, wherever it stands. */
export function fileKeys(value: unknown, path: readonly (string | number)[] = []): readonly FileKey[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => fileKeys(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === 'string' && key.endsWith('_file')
      ? [{ path: [...path, key], file: inner }]
      : fileKeys(inner, [...path, key]),
  );
}
