import { backup } from './config-backup.ts';
import { update } from './config-update.ts';
import { radioBudget, scheduling } from './config-scheduling.ts';
import { whole, yesOrNo } from './config-value.ts';
import { z } from 'zod';
import { FILE, filePath } from './config-path.ts';
import { offlineSchema } from './config-offline.ts';
import { wipePublicKey } from './config-wipe.ts';
import { DEFAULT_POLICY } from './core/lock.ts';

/**
 * The keys of the config file, their defaults and their bounds. Every message is the text that stands behind
 * "expected" in a mistake; `config.ts` adds where and what was found.
 */

/** Where Home Assistant looks for devices, unless its user chose another prefix. */
export const DISCOVERY_PREFIX = 'homeassistant';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const BROKER_SCHEMES = ['mqtt:', 'mqtts:', 'ws:', 'wss:'] as const;
const TLS_SCHEMES = ['mqtts:', 'wss:'] as const;

const HUB_ID = 'up to 64 letters, digits, "-" or "_"';
const ZONE = 'an IANA time zone such as Europe/Berlin';
const FOLDER = 'the path of a folder';
const SERIAL_PORT = 'a serial device (/dev/...) or tcp://HOST:PORT';
const RADIO_KIND = 'zwave or zigbee';
const ADAPTERS = ['zstack', 'ember'] as const;
const BROKER_URL = 'a broker as mqtt://, mqtts://, ws:// or wss:// with a host';
/** Nodes of one cluster that a hub may know. */
const BROKER_URLS_MAX = 8;
const BROKER_URLS = `a broker, or a list of 1 to ${BROKER_URLS_MAX} nodes of one`;
const PREFIX = 'up to four topic levels of letters, digits, "-" or "_"';
const LISTEN = 'HOST:PORT such as 127.0.0.1:8080';
const HOST_NAME = 'the name of a host, without a port';
const HOST_NAMES_MAX = 20;
const HOST_NAMES = `a list of at most ${HOST_NAMES_MAX} names that this hub is called by`;

/** `undefined` unless the text names a zone with rules of its own: an offset such as +02:00 knows no summer time. */
function zoneName(text: string): string | undefined {
  if (!/^[A-Za-z]/.test(text)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function parsedUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isOneOf(schemes: readonly string[], url: URL | undefined): boolean {
  return url !== undefined && schemes.includes(url.protocol);
}

function isRadioPort(text: string): boolean {
  if (text.startsWith('/')) return true;
  const url = parsedUrl(text);
  return (
    url?.protocol === 'tcp:' &&
    url.hostname !== '' &&
    Number(url.port) > 0 &&
    url.pathname === '' &&
    url.search === '' &&
    url.hash === ''
  );
}

function isListenAddress(text: string): boolean {
  const url = parsedUrl(`tcp://${text}`);
  return url !== undefined && url.host === text && url.hostname !== '' && Number(url.port) > 0;
}

const zwaveRadio = z.strictObject(
  {
    kind: z.literal('zwave', { error: RADIO_KIND }),
    port: z.string({ error: SERIAL_PORT }).refine(isRadioPort, { error: SERIAL_PORT }),
    security_keys_file: filePath.optional(),
  },
  { error: 'a map with kind and port' },
);

const zigbeeRadio = z.strictObject(
  {
    kind: z.literal('zigbee', { error: RADIO_KIND }),
    port: z.string({ error: SERIAL_PORT }).refine(isRadioPort, { error: SERIAL_PORT }),
    adapter: z.enum(ADAPTERS, { error: `one of ${ADAPTERS.join(', ')}` }),
  },
  { error: 'a map with kind, port and adapter' },
);

/** One broker, or the nodes of one: what is wrong is said of the node that it is wrong with. */
const brokerUrl = z.unknown().transform((value, context): string | readonly string[] => {
  const urls: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (urls.length === 0 || urls.length > BROKER_URLS_MAX) {
    context.addIssue({ code: 'custom', message: BROKER_URLS });
  }
  for (const [index, url] of urls.entries()) {
    const message = urlMistake(url);
    if (message !== undefined) {
      context.addIssue({ code: 'custom', path: Array.isArray(value) ? [index] : [], message });
    }
  }
  return value as string | readonly string[];
});

function urlMistake(value: unknown): string | undefined {
  const url = typeof value === 'string' ? parsedUrl(value) : undefined;
  if (url === undefined || !isOneOf(BROKER_SCHEMES, url) || url.hostname === '') return BROKER_URL;
  return url.username === '' && url.password === ''
    ? undefined
    : 'no login in the URL (username, password_file)';
}

const RADIOS = 'a list of radios, or auto';

const radioList = z
  .array(z.discriminatedUnion('kind', [zwaveRadio, zigbeeRadio], { error: RADIO_KIND }), { error: RADIOS })
  .refine((list) => new Set(list.map(({ kind }) => kind)).size === list.length, {
    error: 'at most one radio of each kind',
  });

/** `auto`: the sticks that somebody has confirmed on the page. */
const radios = z.union([z.literal('auto'), radioList], { error: RADIOS });

/** How a broker is reached, for `cloud` and `home_assistant`. */
const brokerKeys = {
  url: brokerUrl,
  username: z.string({ error: 'a user name' }).min(1, { error: 'a user name' }).optional(),
  password_file: filePath.optional(),
  ca_file: filePath.optional(),
  cert_file: filePath.optional(),
  key_file: filePath.optional(),
};
const broker = z.object(brokerKeys);

/** Keys of a broker that don't go together. */
function checkBroker(value: z.infer<typeof broker>, context: z.RefinementCtx): void {
  const mistake = (key: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [key], message });
  };
  if (value.password_file !== undefined && value.username === undefined) {
    mistake('username', 'a user name, since password_file is set');
  }
  if ((value.cert_file === undefined) !== (value.key_file === undefined)) {
    const missing = value.cert_file === undefined ? 'cert_file' : 'key_file';
    mistake(missing, `${FILE}, since cert_file and key_file belong together`);
  }
  for (const key of ['ca_file', 'cert_file'] as const) {
    if (value[key] !== undefined && !isSecret(value)) {
      mistake(key, 'no such key unless url is mqtts:// or wss://');
    }
  }
}

function isSecret({ url }: Pick<z.infer<typeof broker>, 'url'>): boolean {
  return [url].flat().every((one) => isOneOf(TLS_SCHEMES, parsedUrl(one)));
}

/** A hub that is to be claimed gets its certificate from the cloud. */
function checkClaim(
  value: z.infer<typeof broker> & { readonly claim?: object | undefined; readonly home_assistant: boolean },
  context: z.RefinementCtx,
): void {
  if (value.claim === undefined) return;
  const mistake = (key: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [key], message });
  };
  if (!isSecret(value)) mistake('claim', 'no such key unless url is mqtts:// or wss://');
  if (value.cert_file !== undefined) {
    mistake('cert_file', 'no such key, since with claim the hub gets a certificate of its own');
  }
  if (value.home_assistant) {
    mistake('home_assistant', 'no such key, since a claimed hub may only speak with its cloud');
  }
}

const claimPair = z.strictObject(
  { cert_file: filePath, key_file: filePath },
  { error: 'a map with cert_file and key_file' },
);

const cloud = z
  .strictObject(
    {
      ...brokerKeys,
      claim: claimPair.optional(),
      plain_codes: yesOrNo().default(true),
      wipe_public_key: wipePublicKey,
      home_assistant: yesOrNo().default(false),
    },
    { error: 'a map with url' },
  )
  .superRefine(checkBroker)
  .superRefine(checkClaim);

const homeAssistant = z
  .strictObject(
    {
      ...brokerKeys,
      discovery_prefix: z
        .string({ error: PREFIX })
        .regex(/^[A-Za-z0-9_-]{1,64}(\/[A-Za-z0-9_-]{1,64}){0,3}$/, { error: PREFIX })
        .default(DISCOVERY_PREFIX),
    },
    { error: 'a map with url' },
  )
  .superRefine(checkBroker);

const http = z.union(
  [
    z.literal(false),
    z.strictObject({
      listen: z
        .string({ error: LISTEN })
        .refine(isListenAddress, { error: LISTEN })
        .default('127.0.0.1:8080'),
      local_override: yesOrNo().default(false),
      tls: z
        .strictObject(
          { cert_file: filePath, key_file: filePath },
          { error: 'a map with cert_file and key_file' },
        )
        .optional(),
      hosts: z
        .array(z.string({ error: HOST_NAME }).regex(/^[A-Za-z0-9.-]{1,253}$/, { error: HOST_NAME }), {
          error: HOST_NAMES,
        })
        .max(HOST_NAMES_MAX, { error: HOST_NAMES })
        .default([]),
      requests_per_minute: whole(10, 1_000_000).default(12_000),
    }),
  ],
  { error: 'false, or a map with listen' },
);

/** The whole file, with defaults filled in. */
export const configSchema = z
  .strictObject(
    {
      hub_id: z.string({ error: HUB_ID }).regex(/^[A-Za-z0-9_-]{1,64}$/, { error: HUB_ID }),
      site: z.strictObject(
        {
          timezone: z.string({ error: ZONE }).transform((text, context) => {
            const zone = zoneName(text);
            if (zone !== undefined) return zone;
            context.addIssue({ code: 'custom', message: ZONE });
            return z.NEVER;
          }),
        },
        { error: 'a map with timezone' },
      ),
      data_dir: z.string({ error: FOLDER }).min(1, { error: FOLDER }).default('/var/lib/lockhub'),
      key_file: filePath.optional(),
      radios: radios.default([]),
      offline: offlineSchema,
      cloud: cloud.optional(),
      home_assistant: homeAssistant.optional(),
      http: http.prefault({}),
      scheduling: scheduling.prefault({}),
      backup_pool: z
        .strictObject({ size: whole(0, 100).default(DEFAULT_POLICY.backupPoolSize) }, { error: 'a map' })
        .prefault({}),
      radio_budget: radioBudget.prefault({}),
      clock: z.strictObject({ trust_system: yesOrNo().optional() }, { error: 'a map' }).prefault({}),
      backup: backup.prefault({}),
      update: update.prefault({}),
      log: z
        .strictObject(
          { level: z.enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(', ')}` }).default('info') },
          { error: 'a map' },
        )
        .prefault({}),
    },
    { error: 'a map of keys' },
  )
  .superRefine(({ cloud: { home_assistant: isSame } = {}, home_assistant: other }, context) => {
    if (isSame !== true || other === undefined) return;
    const message = 'no such key, since the key home_assistant names a broker of its own';
    context.addIssue({ code: 'custom', path: ['cloud', 'home_assistant'], message });
  });
