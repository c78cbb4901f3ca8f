import type { Config } from './config.ts';

/** The config as anybody who helps may read it: no secret, no file that has one, and addresses without a login. */
export function settingsOf(config: Config): Readonly<Record<string, unknown>> {
  const { hubId, radios, radiosAuto, offline, cloud, homeAssistant, http, policy, logLevel } = config;
  return {
    hub_id: hubId,
    radios: radiosAuto ? 'auto' : radios.map(({ kind, port }) => ({ kind, port })),
    offline: offline.map(({ kind, url, devices }) => ({ kind, url: withoutLogin(url), devices })),
    cloud: cloud && {
      ...brokerOf(cloud),
      plain_codes: cloud.plainCodes,
      wipe_public_key: cloud.wipePublicKey,
      is_to_be_claimed: cloud.claim !== null,
    },
    home_assistant: homeAssistant && brokerOf(homeAssistant),
    http: http && {
      host: http.host,
      port: http.port,
      local_override: http.localOverride,
      has_own_certificate: http.tls !== null,
      hosts: http.hosts,
      requests_per_minute: http.requestsPerMinute,
    },
    policy,
    trusts_system_clock: config.trustsSystemClock,
    log_level: logLevel,
  };
}

type Broker = Pick<NonNullable<Config['cloud']>, 'url' | 'passwordFile' | 'certFile'>;

/** How it is reached, and by which kind of login. */
function brokerOf({ url, passwordFile, certFile }: Broker): Readonly<Record<string, unknown>> {
  return {
    urls: [url].flat().map(withoutLogin),
    has_password: passwordFile !== null,
    has_certificate: certFile !== null,
  };
}

/** Scheme, host and port: what stands around them may be a secret. */
function withoutLogin(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
