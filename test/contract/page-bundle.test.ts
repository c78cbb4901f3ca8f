import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { settingsOf } from '../../src/config-shown.ts';
import { createHubLog } from '../../src/log.ts';
import { unpacked } from '../support/archive.ts';
import { pin, request } from '../support/core-world.ts';
import { temporaryDirectory } from '../unit/store-fixture.ts';
import { DOOR, GUEST_PIN, pageScene, type PageScene } from './page-rig.ts';

/** Digits and words that are nowhere else in a hub. */
const CANARIES = {
  guest: GUEST_PIN,
  guestName: 'Ada Guest',
  otherPin: '50917263',
  otherName: 'Canary Byron 8264',
  newName: 'Canary Lovelace',
  foreignPin: '61728394',
  group: 'canary-group-77',
  logged: '94857263',
  pairingPin: '86420',
  qr: '90011234567890123456789012345678901234567890',
  revealed: 'canary-sealed-answer',
  radio: 'canary-network-key',
  webhook: 'whsec_Y2FuYXJ5LXdlYmhvb2s=',
  receiver: 'canary-receiver',
  keyName: 'canary-key-name',
  password: 'canary-password',
} as const;

/** Secrets wherever a hub keeps some. */
async function seed(scene: PageScene): Promise<void> {
  const { store, happen } = scene;
  happen((lock) => {
    lock.desire(
      request('guest-1', GUEST_PIN, { name: CANARIES.newName }),
      request('guest-2', CANARIES.otherPin, { name: CANARIES.otherName, commonCodeKey: CANARIES.group }),
    );
  });
  happen((lock) => {
    lock.pins.set(5, CANARIES.foreignPin);
    lock.hear({ kind: 'slot_changed', slot: 5 });
  });
  // One whose PIN is held by somebody else fails, in words.
  happen((lock) =>
    lock.desire(
      request('guest-1', GUEST_PIN, { name: CANARIES.newName }),
      request('guest-2', CANARIES.otherPin, { name: CANARIES.otherName, commonCodeKey: CANARIES.group }),
      request('guest-3', CANARIES.foreignPin, { name: CANARIES.otherName }),
    ),
  );
  store.secrets.set('zwave_security_keys', CANARIES.radio);
  store.radioStorage.set('network.json', 'keys', CANARIES.radio);
  store.transaction(() => {
    const webhook = { webhookId: 'w-1', url: `https://${CANARIES.receiver}/`, eventTypes: null };
    store.webhooks.add({ ...webhook, secret: CANARIES.webhook, createdAt: 1 });
  });
  const asked = await scene.command({
    type: 'start_pairing',
    radio: 'zwave',
    duration_seconds: 60,
    qr: CANARIES.qr,
    pin: CANARIES.pairingPin,
  });
  await scene.post('pairing/pin', { pin: CANARIES.pairingPin });
  const result = { sealed_code: CANARIES.revealed };
  store.transaction(() => store.commands.settle(asked.command_id, { state: 'succeeded', result }, 5));
  await scene.post('codes/show', { access_code_id: 'guest-1' });
}

test('the bundle has all that helps and no PIN, name or secret', async () => {
  const { log, ring } = createHubLog('warn', { write: () => undefined });
  const scene = await pageScene({ logRing: ring, log });
  await seed(scene);
  log.info({ pin: CANARIES.logged, deviceId: DOOR }, 'a line with digits');
  log.info({ code: { pin: CANARIES.logged }, found: pin(CANARIES.logged) }, 'another');
  const key = scene.key('read', 'write');
  const answer = await scene.call('/page/diagnostics', { headers: { authorization: `Bearer ${key}` } });
  expect(answer.headers.get('content-disposition')).toMatch(
    /^attachment; filename="lockhub-hub-1-[\dTZ-]+\.tar\.gz"$/,
  );
  const files = unpacked(Buffer.from(await answer.arrayBuffer()));
  expect(Object.keys(files)).toEqual(['database.json', 'doctor.json', 'hub.json', 'log.jsonl']);
  const text = Object.values(files).join('');
  const bundle = JSON.parse(files['hub.json'] ?? '') as {
    readonly locks: readonly {
      readonly slots: readonly object[];
      readonly codes: readonly { readonly access_code_id: string }[];
    }[];
    readonly events: readonly { readonly event_type: string }[];
    readonly commands: readonly { readonly type: string }[];
  };
  const logged = (files['log.jsonl'] ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly message: string });
  expect(bundle.locks[0]?.codes.map((code) => code.access_code_id)).toEqual([
    'guest-1',
    'guest-2',
    'guest-3',
  ]);
  expect(bundle.locks[0]?.slots.length).toBeGreaterThan(2);
  expect(bundle.commands.map(({ type }) => type)).toEqual(['enter_pairing_pin', 'start_pairing']);
  expect(bundle.events.map((event) => event.event_type)).toContain('hub.code_shown');
  expect(bundle.events.map((event) => event.event_type)).toContain('access_code.changed');
  expect(logged.map(({ message }) => message)).toContain('a line with digits');
  const [, cookieText = 'none'] = scene.person.cookie.split('=');
  const secrets = [...Object.values(CANARIES), key, cookieText, scene.person.headers['x-csrf-token']];
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
});

test('the config is shown without logins', () => {
  const folder = temporaryDirectory();
  const parsed = parseConfig(
    {
      hub_id: 'hub-1',
      data_dir: folder,
      site: { timezone: 'Europe/Berlin' },
      radios: [{ kind: 'zwave', port: '/dev/ttyUSB0' }],
      cloud: {
        url: 'mqtts://broker.example.org:8883',
        username: CANARIES.keyName,
        password_file: `${folder}/${CANARIES.password}`,
      },
    },
    folder,
  );
  if (!parsed.ok) throw new Error(parsed.mistakes.join('\n'));
  const shown = settingsOf(parsed.value);
  expect(shown).toMatchObject({
    radios: [{ kind: 'zwave', port: '/dev/ttyUSB0' }],
    cloud: { urls: ['mqtts://broker.example.org:8883'], has_password: true, has_certificate: false },
  });
  expect(JSON.stringify(shown)).not.toMatch(/canary/);
});
