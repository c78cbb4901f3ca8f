import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { backupConfigOf, type BackupConfig } from './config-backup.ts';
import { describe } from './config-mistakes.ts';
import { accountsOf, type OfflineAccount } from './config-offline.ts';
import { Paths } from './config-path.ts';
import { configSchema, DISCOVERY_PREFIX } from './config-schema.ts';
import type { Policy } from './core/lock.ts';
import { HOUR_MS, MINUTE_MS } from './core/time.ts';

/** Largest config file that is read; a real one has a few hundred bytes. */
const CONFIG_BYTES_MAX = 1024 * 1024;
/** Mistakes shown at once: more than a person reads in one go. */
const MISTAKES_MAX = 50;

type ConfigFile = z.infer<typeof configSchema>;

interface ZwaveRadioConfig {
  readonly kind: 'zwave';
  /** A serial device or `tcp://host:port`. */
  readonly port: string;
  /** Keys of an existing network to take over. `null`: the hub uses those it made or took over before. */
  readonly securityKeysFile: string | null;
}

interface ZigbeeRadioConfig {
  readonly kind: 'zigbee';
  /** A serial device or `tcp://host:port`. */
  readonly port: string;
  /** What the stick speaks: Texas Instruments' ZNP, or Silicon Labs' EZSP. */
  readonly adapter: 'zstack' | 'ember';
}

export type RadioConfig = ZwaveRadioConfig | ZigbeeRadioConfig;

/** Files are only named here: whether they can be read is seen at each connection attempt. */
interface BrokerConfig {
  /** Several: the nodes of one cluster. */
  readonly url: string | readonly string[];
  readonly username: string | null;
  readonly passwordFile: string | null;
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
}

interface CloudConfig extends BrokerConfig {
  /** Whether PINs in clear are taken; sealed ones always are. */
  readonly plainCodes: boolean;
  /** Who may have this hub wiped (Ed25519, 32 bytes as base64url); `null`: who may publish to it over TLS. */
  readonly wipePublicKey: string | null;
  /** The certificate that this hub may be claimed with; `null`: its login is in the files above. */
  readonly claim: { readonly certFile: string; readonly keyFile: string } | null;
}

interface HomeAssistantConfig extends BrokerConfig {
  /** The part of the file that names the broker. */
  readonly section: string;
  /** Below which Home Assistant looks for devices. */
  readonly discoveryPrefix: string;
}

/** The local API and page. */
export interface HttpConfig {
  /** A name or an address; of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** What the cloud owns may be changed here too. */
  readonly localOverride: boolean;
  /** PEM files in place of the hub's own certificate; `null`: its own, unless it listens on loopback alone. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Names that this hub is called by, beyond its addresses and its own name. */
  readonly hosts: readonly string[];
  /** What one caller may ask. */
  readonly requestsPerMinute: number;
}

/** The config file, parsed and with all defaults. Paths are absolute; relative ones start at the file's folder. */
export interface Config {
  readonly hubId: string;
  readonly dataDir: string;
  readonly keyFile: string;
  readonly radios: readonly RadioConfig[];
  /** The radios are those that somebody has confirmed on the page, and `radios` is empty. */
  readonly radiosAuto: boolean;
  /** Vendors that issue offline codes; at most one account of each kind. */
  readonly offline: readonly OfflineAccount[];
  readonly cloud: CloudConfig | null;
  /** `null`: the locks are not shown to Home Assistant. */
  readonly homeAssistant: HomeAssistantConfig | null;
  /** `null`: no local API and no page. */
  readonly http: HttpConfig | null;
  readonly policy: Policy;
  /**
   * The machine's clock counts as right whether or not its system says that a time service holds it, or only where it
   * does; `null`: the hub finds out whether somebody else keeps it right.
   */
  readonly trustsSystemClock: boolean | null;
  readonly backup: BackupConfig;
  /** Of minisign: whoever has a private half of one may sign updates, beside those that the program brings. */
  readonly updateKeys: readonly string[];
  readonly logLevel: ConfigFile['log']['level'];
  /** Where it was read from; `null`: it never was a file. */
  readonly configFile: string | null;
  /** What it names, but for the key of the hub: by the text in it, and by where that is. */
  readonly files: readonly { readonly named: string; readonly path: string }[];
}

export type Loaded<T> =
  | { readonly ok: true; readonly value: T }
  /** One line each: the key's path, what was expected and what was found; never a secret. */
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** Reads a config file, but none of the files that it names. Creates nothing. */
export function loadConfig(file: string, environment = process.env): Loaded<Config> {
  const text = readText(file);
  if (!text.ok) return text;
  const raw = parseYaml(text.value);
  if (!raw.ok) return raw;
  const config = parseConfig(raw.value.value, path.dirname(path.resolve(file)), environment);
  return config.ok ? { ok: true, value: { ...config.value, configFile: path.resolve(file) } } : config;
}

/** The same for a config that is already a value (the demo's); relative paths start at `folder`. */
export function parseConfig(raw: unknown, folder: string, environment = process.env): Loaded<Config> {
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) return failed(parsed.error.issues.flatMap((issue) => describe(issue, raw, '')));
  const paths = new Paths(folder, environment['CREDENTIALS_DIRECTORY']);
  const config = toConfig(parsed.data, paths);
  return paths.mistakes.length > 0 ? failed(paths.mistakes) : { ok: true, value: config };
}

function toConfig(file: ConfigFile, paths: Paths): Config {
  const dataDir = paths.at(file.data_dir);
  const { cloud } = file;
  return {
    hubId: file.hub_id,
    dataDir,
    keyFile: paths.file('key_file', file.key_file) ?? path.join(dataDir, 'hub.key'),
    radiosAuto: file.radios === 'auto',
    radios: (file.radios === 'auto' ? [] : file.radios).map((radio, index) =>
      radio.kind === 'zigbee'
        ? radio
        : {
            kind: radio.kind,
            port: radio.port,
            securityKeysFile: paths.file(`radios[${index}].security_keys_file`, radio.security_keys_file),
          },
    ),
    offline: accountsOf(file.offline, (where, name) => paths.file(where, name)),
    cloud: cloudOf(cloud, paths),
    homeAssistant: homeAssistantOf(file, paths),
    http: httpOf(file, paths),
    policy: {
      timezone: file.site.timezone,
      jitLeadMs: file.scheduling.jit_lead_minutes * MINUTE_MS,
      nativePreloadMs: file.scheduling.native_preload_hours * HOUR_MS,
      strictStart: file.scheduling.strict_start,
      backupPoolSize: file.backup_pool.size,
      auditFramesPerDay: file.radio_budget.audit_frames_per_day,
      repeatedWritesPerHour: file.radio_budget.repeated_writes_per_hour,
      safeMode: false,
    },
    trustsSystemClock: file.clock.trust_system ?? null,
    backup: backupConfigOf(file.backup, dataDir, paths),
    updateKeys: file.update.public_keys,
    logLevel: file.log.level,
    configFile: null,
    files: paths.named,
  };
}

function cloudOf(keys: ConfigFile['cloud'], paths: Paths): CloudConfig | null {
  if (keys === undefined) return null;
  const certFile = paths.file('cloud.claim.cert_file', keys.claim?.cert_file);
  const keyFile = paths.file('cloud.claim.key_file', keys.claim?.key_file);
  const claim = certFile === null || keyFile === null ? null : { certFile, keyFile };
  return {
    ...brokerOf('cloud', keys, paths),
    plainCodes: keys.plain_codes,
    claim,
    wipePublicKey: keys.wipe_public_key ?? null,
  };
}

type Broker = 'cloud' | 'home_assistant';

function brokerOf(section: Broker, keys: NonNullable<ConfigFile[Broker]>, paths: Paths): BrokerConfig {
  return {
    url: keys.url,
    username: keys.username ?? null,
    passwordFile: paths.file(`${section}.password_file`, keys.password_file),
    caFile: paths.file(`${section}.ca_file`, keys.ca_file),
    certFile: paths.file(`${section}.cert_file`, keys.cert_file),
    keyFile: paths.file(`${section}.key_file`, keys.key_file),
  };
}

/** The cloud's broker or another one. */
function homeAssistantOf(file: ConfigFile, paths: Paths): HomeAssistantConfig | null {
  const { cloud, home_assistant: other } = file;
  if (other !== undefined) {
    const section = 'home_assistant';
    return { ...brokerOf(section, other, paths), section, discoveryPrefix: other.discovery_prefix };
  }
  if (cloud?.home_assistant !== true) return null;
  const section = 'cloud';
  return { ...brokerOf(section, cloud, paths), section, discoveryPrefix: DISCOVERY_PREFIX };
}

function httpOf({ http }: ConfigFile, paths: Paths): HttpConfig | null {
  if (http === false) return null;
  const url = new URL(`tcp://${http.listen}`);
  const certFile = paths.file('http.tls.cert_file', http.tls?.cert_file);
  const keyFile = paths.file('http.tls.key_file', http.tls?.key_file);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port),
    localOverride: http.local_override,
    tls: certFile === null || keyFile === null ? null : { certFile, keyFile },
    hosts: http.hosts,
    requestsPerMinute: http.requests_per_minute,
  };
}

function failed(found: readonly string[]): { ok: false; mistakes: readonly string[] } {
  // A key may hold a line break, a mistake may not.
  const mistakes = found.map((mistake) => mistake.replaceAll(/\s+/g, ' '));
  const extra = mistakes.length - MISTAKES_MAX;
  if (extra <= 0) return { ok: false, mistakes };
  return { ok: false, mistakes: [...mistakes.slice(0, MISTAKES_MAX), `and ${extra} more mistakes`] };
}

/** Reads a file that the user named, whole. Expected failures are one mistake that names the file. */
export function readText(file: string): Loaded<string> {
  try {
    const size = statSync(file).size;
    if (size > CONFIG_BYTES_MAX) {
      return failed([`${file}: expected at most ${CONFIG_BYTES_MAX} bytes, found ${size}`]);
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    return { ok: true, value: text };
  } catch (error) {
    return failed([`${file}: expected a readable text file, found ${reasonOf(error)}`]);
  }
}

/** Why a file could not be read, in words; an unexpected error keeps its own. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EACCES: 'no permission to read it',
    EISDIR: 'a folder',
    ERR_ENCODING_INVALID_ENCODED_DATA: 'bytes that are not UTF-8',
  };
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

/** A YAML file as a value, and as a document that keeps its comments. */
export function parseYaml(
  text: string,
): Loaded<{ readonly document: Document.Parsed; readonly value: unknown }> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const troubles = [...document.errors, ...document.warnings];
  if (troubles.length > 0) {
    return failed(
      troubles.map((trouble) => {
        const meaning = trouble.code === 'DUPLICATE_KEY' ? 'the same key twice' : trouble.message;
        return `line ${lines.linePos(trouble.pos[0]).line}: expected valid YAML, found: ${meaning}`;
      }),
    );
  }
  try {
    const value: unknown = document.toJS();
    return value === null
      ? failed(['the config file is empty: hub_id and site.timezone are mandatory'])
      : { ok: true, value: { document, value } };
  } catch (error) {
    // An alias without its anchor, or one that grows beyond the library's bound, shows only here.
    return failed([`expected plain YAML, found: ${reasonOf(error)}`]);
  }
}
