/** Stands for a password or key that must not show up in a mistake. */
export const SECRET = 'hunter2secret';

export const GOOD_KEYS = {
  S0_Legacy: '00112233445566778899aabbccddeeff',
  S2_Unauthenticated: '10112233445566778899aabbccddeeff',
  S2_Authenticated: '20112233445566778899aabbccddeeff',
  S2_AccessControl: '30112233445566778899AABBCCDDEEFF',
} as const;

const GOOD = 'hub_id: hub-1\nsite:\n  timezone: Europe/Berlin\n';
const CLOUD = `${GOOD}cloud:\n  url: `;
const RADIO = `${GOOD}radios:\n  - `;

/** Every kind of broken config file, and what its only mistake must say. */
export const BROKEN_CONFIGS: readonly {
  readonly kind: string;
  readonly text: string | Uint8Array;
  readonly mistake: RegExp;
}[] = [
  { kind: 'empty file', text: '', mistake: /empty.*hub_id/ },
  { kind: 'only comments', text: '# nothing\n', mistake: /empty.*hub_id/ },
  { kind: 'a text instead of keys', text: 'hello\n', mistake: /^the config file: expected a map of keys/ },
  { kind: 'not UTF-8', text: new Uint8Array([0x68, 0xff, 0xfe]), mistake: /not UTF-8/ },
  { kind: 'too large', text: `# ${'x'.repeat(1024 * 1024)}`, mistake: /at most 1048576 bytes/ },
  { kind: 'syntax error', text: `${GOOD}radios: [\n`, mistake: /^line \d+: expected valid YAML/ },
  { kind: 'tab', text: 'hub_id: h\nsite:\n\ttimezone: UTC\n', mistake: /^line 3: expected valid YAML/ },
  { kind: 'the same key twice', text: `${GOOD}hub_id: again\n`, mistake: /^line 4: .*same key twice/ },
  { kind: 'two documents', text: `${GOOD}---\nhub_id: h\n`, mistake: /^line \d: .*multiple documents/ },
  { kind: 'alias without anchor', text: `${GOOD}cloud: *nowhere\n`, mistake: /[Uu]nresolved alias/ },
  { kind: 'unknown tag', text: `${GOOD}log: !loud {}\n`, mistake: /^line 4: .*[Uu]nresolved tag/ },
  { kind: 'no hub id', text: 'site: {timezone: UTC}\n', mistake: /^hub_id: expected .*, found nothing$/ },
  { kind: 'number as hub id', text: 'hub_id: 12\nsite: {timezone: UTC}\n', mistake: /^hub_id: .*found 12$/ },
  { kind: 'slash in hub id', text: 'hub_id: a/b\nsite: {timezone: UTC}\n', mistake: /^hub_id: .*"a\/b"$/ },
  { kind: 'no site', text: 'hub_id: h\n', mistake: /^site: expected a map with timezone, found nothing$/ },
  { kind: 'no zone', text: 'hub_id: h\nsite: {}\n', mistake: /^site\.timezone: .*IANA.*found nothing$/ },
  {
    kind: 'unknown zone',
    text: 'hub_id: h\nsite: {timezone: CEST}\n',
    mistake: /^site\.timezone: .*"CEST"$/,
  },
  {
    kind: 'offset as zone',
    text: 'hub_id: h\nsite: {timezone: "+02:00"}\n',
    mistake: /^site\.timezone: .*IANA/,
  },
  { kind: 'unknown key', text: `${GOOD}databir: /x\n`, mistake: /^databir: .*unknown/ },
  {
    kind: 'unknown nested key',
    text: `${CLOUD}mqtt://b\n  password: ${SECRET}\n`,
    mistake: /^cloud\.password: /,
  },
  { kind: 'key with a line break', text: `${GOOD}"a\\nb": 1\n`, mistake: /^a b: .*unknown/ },
  { kind: 'data_dir', text: `${GOOD}data_dir: [a]\n`, mistake: /^data_dir: .*folder, found a list$/ },
  { kind: 'empty key_file', text: `${GOOD}key_file: ''\n`, mistake: /^key_file: .*path of a file/ },
  {
    kind: 'credential in a folder',
    text: `${GOOD}key_file: 'credential:../shadow'\n`,
    mistake: /^key_file: .*credential:NAME/,
  },
  {
    kind: 'credential without a name',
    text: `${CLOUD}mqtt://b\n  username: u\n  password_file: 'credential:'\n`,
    mistake: /^cloud\.password_file: .*credential:NAME/,
  },
  {
    kind: 'credential, and systemd hands none over',
    text: `${CLOUD}mqtt://b\n  username: u\n  password_file: credential:mqtt\n`,
    mistake: /^cloud\.password_file: .*LoadCredential=.*CREDENTIALS_DIRECTORY/,
  },
  {
    kind: 'radios not a list',
    text: `${GOOD}radios: {}\n`,
    mistake: /^radios: expected a list.*found a map$/,
  },
  {
    kind: 'two radios of one kind',
    text: `${RADIO}{kind: zwave, port: /dev/a}\n  - {kind: zwave, port: /dev/b}\n`,
    mistake: /^radios: expected at most one/,
  },
  {
    kind: 'a Zigbee stick of an unknown kind',
    text: `${RADIO}{kind: zigbee, port: /dev/a, adapter: zigate}\n`,
    mistake: /^radios\[0\]\.adapter: expected one of zstack, ember.*"zigate"$/,
  },
  {
    kind: 'radio without port',
    text: `${RADIO}kind: zwave\n`,
    mistake: /^radios\[0\]\.port: .*found nothing$/,
  },
  {
    kind: 'radio port of another scheme',
    text: `${RADIO}{kind: zwave, port: 'http://x:1'}\n`,
    mistake: /^radios\[0\]\.port: .*tcp:/,
  },
  {
    kind: 'radio port out of range',
    text: `${RADIO}{kind: zwave, port: 'tcp://x:70000'}\n`,
    mistake: /^radios\[0\]\.port: .*tcp:/,
  },
  {
    kind: 'cloud without url',
    text: `${GOOD}cloud: {username: u}\n`,
    mistake: /^cloud\.url: .*found nothing$/,
  },
  {
    kind: 'Home Assistant at two brokers',
    text: `${CLOUD}mqtt://b\n  home_assistant: true\nhome_assistant: {url: mqtt://h}\n`,
    mistake: /^cloud\.home_assistant: expected no such key, since the key home_assistant/,
  },
  {
    kind: 'Home Assistant without url',
    text: `${GOOD}home_assistant: {username: u}\n`,
    mistake: /^home_assistant\.url: .*found nothing$/,
  },
  {
    kind: 'Home Assistant with a password in the file',
    text: `${GOOD}home_assistant: {url: 'mqtt://u:${SECRET}@h'}\n`,
    mistake: /^home_assistant\.url: .*no login.*found another text$/,
  },
  {
    kind: 'wildcard in the prefix',
    text: `${GOOD}home_assistant: {url: mqtt://h, discovery_prefix: 'a/#'}\n`,
    mistake: /^home_assistant\.discovery_prefix: .*topic levels/,
  },
  { kind: 'cloud of another scheme', text: `${CLOUD}https://b\n`, mistake: /^cloud\.url: .*mqtts:/ },
  { kind: 'cloud without a host', text: `${CLOUD}'mqtt://'\n`, mistake: /^cloud\.url: .*host/ },
  {
    kind: 'login in the cloud url',
    text: `${CLOUD}mqtt://u:${SECRET}@b\n`,
    mistake: /^cloud\.url: .*no login/,
  },
  {
    kind: 'node without a host',
    text: `${CLOUD}[mqtt://a, 'mqtt://']\n`,
    mistake: /^cloud\.url\[1\]: .*host/,
  },
  {
    kind: 'login in the url of a node',
    text: `${CLOUD}[mqtt://a, 'mqtt://u:${SECRET}@b']\n`,
    mistake: /^cloud\.url\[1\]: .*no login/,
  },
  { kind: 'cloud without a node', text: `${CLOUD}[]\n`, mistake: /^cloud\.url: .*list of 1 to 8/ },
  {
    kind: 'CA for nodes of which one is reached in clear',
    text: `${CLOUD}[mqtts://a, mqtt://b]\n  ca_file: /c\n`,
    mistake: /^cloud\.ca_file: .*mqtts:/,
  },
  { kind: 'broken url with a login', text: `${CLOUD}mqtt://u:${SECRET}@b:99999\n`, mistake: /^cloud\.url: / },
  {
    kind: 'password without user',
    text: `${CLOUD}mqtt://b\n  password_file: /p\n`,
    mistake: /^cloud\.username: /,
  },
  {
    kind: 'number as password file',
    text: `${CLOUD}mqtt://b\n  username: u\n  password_file: 12345678\n`,
    mistake: /^cloud\.password_file: .*found a number$/,
  },
  {
    kind: 'certificate without its key',
    text: `${CLOUD}mqtts://b\n  cert_file: /c\n`,
    mistake: /^cloud\.key_file: /,
  },
  {
    kind: 'CA for a connection in clear',
    text: `${CLOUD}mqtt://b\n  ca_file: /c\n`,
    mistake: /^cloud\.ca_file: /,
  },
  {
    kind: 'claim certificate without its key',
    text: `${CLOUD}mqtts://b\n  claim: {cert_file: c.pem}\n`,
    mistake: /^cloud\.claim\.key_file: expected the path of a file, found nothing$/,
  },
  {
    kind: 'claiming without TLS',
    text: `${CLOUD}mqtt://b\n  claim: {cert_file: c.pem, key_file: k.pem}\n`,
    mistake: /^cloud\.claim: expected no such key unless url is mqtts/,
  },
  {
    kind: 'claiming a hub that has a certificate',
    text: `${CLOUD}mqtts://b\n  cert_file: c\n  key_file: k\n  claim: {cert_file: c.pem, key_file: k.pem}\n`,
    mistake: /^cloud\.cert_file: expected no such key, since with claim/,
  },
  {
    kind: 'claiming beside Home Assistant',
    text: `${CLOUD}mqtts://b\n  home_assistant: true\n  claim: {cert_file: c.pem, key_file: k.pem}\n`,
    mistake: /^cloud\.home_assistant: expected no such key, since a claimed hub/,
  },
  {
    kind: 'something else than a key for wipe_public_key',
    text: `${CLOUD}mqtt://b\n  wipe_public_key: short\n`,
    mistake:
      /^cloud\.wipe_public_key: expected an Ed25519 public key, 32 bytes as base64url, found another text$/,
  },
  {
    kind: 'neither true nor false for plain_codes',
    text: `${CLOUD}mqtt://b\n  plain_codes: never\n`,
    mistake: /^cloud\.plain_codes: expected true or false, found another text$/,
  },
  {
    kind: 'http: true',
    text: `${GOOD}http: true\n`,
    mistake: /^http: expected false, or a map.*found true$/,
  },
  {
    kind: 'listen without port',
    text: `${GOOD}http: {listen: localhost}\n`,
    mistake: /^http\.listen: .*HOST:PORT.*"localhost"$/,
  },
  {
    kind: 'listen port out of range',
    text: `${GOOD}http: {listen: '127.0.0.1:99999'}\n`,
    mistake: /^http\.listen: /,
  },
  {
    kind: 'a certificate without its key',
    text: `${GOOD}http: {tls: {cert_file: a.pem}}\n`,
    mistake: /^http\.tls\.key_file: expected the path of a file, found nothing$/,
  },
  {
    kind: 'a host with a port',
    text: `${GOOD}http: {hosts: ['hub.example:80']}\n`,
    mistake: /^http\.hosts\[0\]: .*without a port.*"hub\.example:80"$/,
  },
  {
    kind: 'no requests at all',
    text: `${GOOD}http: {requests_per_minute: 0}\n`,
    mistake: /^http\.requests_per_minute: .*from 10 to 1000000, found 0$/,
  },
  { kind: 'unknown key in http', text: `${GOOD}http: {lisen: 'x:1'}\n`, mistake: /^http\.lisen: .*unknown/ },
  {
    kind: 'accounts not a list',
    text: `${GOOD}offline: {kind: igloohome}\n`,
    mistake: /^offline: expected a list of accounts.*found a map$/,
  },
  {
    kind: 'another vendor',
    text: `${GOOD}offline: [{kind: lockly}]\n`,
    mistake: /^offline\[0\]\.kind: expected igloohome or dormakaba_oracode/,
  },
  {
    kind: 'an account without its secret',
    text: `${GOOD}offline: [{kind: igloohome, client_id: a}]\n`,
    mistake: /^offline\[0\]\.client_secret_file: expected the path of a file, found nothing$/,
  },
  {
    kind: 'a secret in place of its file',
    text: `${GOOD}offline: [{kind: igloohome, client_id: a, client_secret_file: b, client_secret: ${SECRET}}]\n`,
    mistake: /^offline\[0\]\.client_secret: expected a known key, found an unknown one$/,
  },
  {
    kind: 'a vendor in clear over the network',
    text: `${GOOD}offline: [{kind: dormakaba_oracode, url: 'http://codes.example', token_file: a}]\n`,
    mistake: /^offline\[0\]\.url: expected a URL as https:/,
  },
  {
    kind: 'a login in the address of a vendor',
    text: `${GOOD}offline: [{kind: dormakaba_oracode, url: 'https://me:${SECRET}@codes.example', token_file: a}]\n`,
    mistake: /^offline\[0\]\.url: expected a URL.*found another text$/,
  },
  {
    kind: 'no locks of a vendor',
    text: `${GOOD}offline: [{kind: dormakaba_oracode, url: 'https://codes.example', token_file: a, devices: []}]\n`,
    mistake: /^offline\[0\]\.devices: expected a list of 1 to 1000 ids/,
  },
  {
    kind: 'two accounts of one vendor',
    text: `${GOOD}offline:\n${'  - {kind: igloohome, client_id: a, client_secret_file: b}\n'.repeat(2)}`,
    mistake: /^offline: expected at most one account of each kind/,
  },
  {
    kind: 'lead of zero',
    text: `${GOOD}scheduling: {jit_lead_minutes: 0}\n`,
    mistake: /^scheduling\.jit_lead_minutes: .*from 1 to 1440, found 0$/,
  },
  {
    kind: 'half a minute',
    text: `${GOOD}scheduling: {jit_lead_minutes: 0.5}\n`,
    mistake: /jit_lead_minutes: .*whole number/,
  },
  {
    kind: 'text as hours',
    text: `${GOOD}scheduling: {native_preload_hours: "72"}\n`,
    mistake: /native_preload_hours: .*found "72"$/,
  },
  {
    kind: 'yes instead of true',
    text: `${GOOD}scheduling: {strict_start: yes}\n`,
    mistake: /strict_start: .*true or false.*"yes"$/,
  },
  {
    kind: 'negative pool',
    text: `${GOOD}backup_pool: {size: -1}\n`,
    mistake: /^backup_pool\.size: .*found -1$/,
  },
  {
    kind: 'a budget that leaves nothing for removals',
    text: `${GOOD}radio_budget: {repeated_writes_per_hour: 3}\n`,
    mistake: /^radio_budget\.repeated_writes_per_hour: .*from 4 to 1000, found 3$/,
  },
  {
    kind: 'no backup at all',
    text: `${GOOD}backup: {keep: 0}\n`,
    mistake: /^backup\.keep: .*from 1 to 365, found 0$/,
  },
  {
    kind: 'a whole recovery key where only its public half belongs',
    text: `${GOOD}backup: {recipients: [ABCDEFG-ABCDEFG]}\n`,
    mistake: /^backup\.recipients\[0\]: .*public half/,
  },
  {
    kind: 'a key of something else where one of minisign belongs',
    text: `${GOOD}update: {public_keys: [RWQABC]}\n`,
    mistake: /^update\.public_keys\[0\]: .*minisign/,
  },
  {
    kind: 'unknown log level',
    text: `${GOOD}log: {level: verbose}\n`,
    mistake: /^log\.level: .*trace.*"verbose"$/,
  },
  {
    kind: 'section without content',
    text: `${GOOD}scheduling:\n`,
    mistake: /^scheduling: expected a map, found nothing$/,
  },
];
