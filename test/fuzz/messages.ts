import type { Random } from '../../drivers/sim/random.ts';
import { EPOCH, GUEST, HUB } from '../../src/cloud/contract/example.ts';
import { MESSAGES } from '../../src/cloud/contract/messages.ts';
import { CODE_INFO, codeAad, type SealingKey } from '../../src/cloud/messages/sealed.ts';
import { seal } from '../support/hpke.ts';
import { canary } from './canary.ts';
import { below, changedBytes, changedText, partsOf, pick, randomBytes, type Json } from './mutate.ts';

/** What a well-informed cloud knows of the hub. */
export interface Known {
  readonly deviceIds: readonly [string, ...string[]];
  readonly epoch: string;
  readonly sentThrough: () => number;
  readonly versionsOf: (deviceId: string) => { readonly generation: number; readonly version: number };
  readonly sealingKey: () => SealingKey;
  readonly nowMs: () => number;
}

/** One message to the hub. */
export interface Sent {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retain: boolean;
}

type Fields = Record<string, Json>;

const ROOT = `lockhub/v1/${HUB}`;
const PARTS = MESSAGES.flatMap(({ examples }) => examples.flatMap(({ payload }) => partsOf(payload)));
const CODE_IDS = ['a', 'b', 'c', 'cleaning-team', GUEST] as const;
const DAY_MS = 86_400_000;
const MUCH_BYTES = 110_000;

/** Topics beside those that the hub serves; one has a lock that is none. */
const NEAR_MISSES = [
  `${ROOT}/down`,
  `${ROOT}/down/`,
  `${ROOT}/down/desired`,
  `${ROOT}/down/desired/`,
  `${ROOT}/down/desired/x`,
  `${ROOT}/down/ack/`,
  `${ROOT}/down/Ack`,
  `${ROOT}/down/ack/x`,
  `${ROOT}/down/sync/x`,
  `${ROOT}/down/command/x`,
  `${ROOT}/down//ack`,
  `${ROOT}/down/__proto__`,
  `${ROOT}/down/constructor`,
  `${ROOT}/up/event`,
  ROOT,
  '',
  '/',
  `lockhub/v1/${HUB}x/down/ack`,
  `lockhub/v2/${HUB}/down/command`,
  `/${ROOT}/down/command`,
  '$SYS/x',
  `${ROOT}/down/${'x'.repeat(1000)}`,
] as const;

/** Makes messages: right ones, right ones that were changed at random, and bytes. */
export class Messages {
  readonly #random: Random;
  readonly #known: Known;
  #commands = 0;

  constructor(random: Random, known: Known) {
    this.#random = random;
    this.#known = known;
  }

  next(): Sent {
    const random = this.#random;
    const { topic, message } = this.#right();
    const retain = random() < 0.03;
    const payload = this.#payload(message);
    if (random() < 0.92) return { topic, payload, retain };
    return { topic: this.#nearMiss(topic), payload, retain };
  }

  #payload(message: Json): Uint8Array {
    const random = this.#random;
    const roll = random();
    if (roll < 0.3) return bytesOf(JSON.stringify(message));
    if (roll < 0.8) return bytesOf(changedText(random, message, PARTS));
    if (roll < 0.95) return changedBytes(random, bytesOf(JSON.stringify(message)));
    if (roll < 0.998) return randomBytes(random, below(random, 300));
    return bytesOf(JSON.stringify({ ...(message as Fields), much: 'x'.repeat(MUCH_BYTES) }));
  }

  #nearMiss(topic: string): string {
    const random = this.#random;
    if (random() < 0.5) return pick(random, NEAR_MISSES);
    const at = below(random, topic.length);
    return topic.slice(0, at) + pick(random, ['', '/', 'x', '%', 'é', ' ', '.']) + topic.slice(at + 1);
  }

  #right(): { readonly topic: string; readonly message: Json } {
    const roll = this.#random();
    if (roll < 0.5) {
      const deviceId = this.#deviceId();
      return { topic: `${ROOT}/down/desired/${deviceId}`, message: this.#document(deviceId) };
    }
    if (roll < 0.8) return { topic: `${ROOT}/down/command`, message: this.#command() };
    if (roll < 0.92) return { topic: `${ROOT}/down/ack`, message: this.#ack() };
    return { topic: `${ROOT}/down/sync`, message: this.#sync() };
  }

  #deviceId(): string {
    const random = this.#random;
    if (random() < 0.95) return pick(random, this.#known.deviceIds);
    const hex = Buffer.from(randomBytes(random, 16)).toString('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  #document(deviceId: string): Fields {
    const random = this.#random;
    const { generation, version } = this.#known.versionsOf(deviceId);
    const step = pick(random, [1, 1, 1, 1, 1, 2, 0, -1]);
    const isNewer = random() < 0.02;
    const versions = {
      generation: generation + (isNewer ? 1 : 0) || 1,
      version: Math.max(isNewer ? 1 : version + step, 1),
    };
    const codes = Array.from({ length: below(random, 5) }, () => this.#entry(deviceId, versions));
    const ids = Array.from({ length: below(random, 2) }, () => pick(random, CODE_IDS));
    return { v: 1, device_id: deviceId, ...versions, codes, tombstones: ids };
  }

  #entry(deviceId: string, versions: { readonly generation: number; readonly version: number }): Fields {
    const random = this.#random;
    const accessCodeId = pick(random, CODE_IDS);
    const startMs = this.#known.nowMs() + below(random, 10 * DAY_MS) - DAY_MS;
    const may = (fields: () => Fields): Fields => (random() < 0.3 ? fields() : {});
    const sealed = (): Fields => {
      const place = { hubId: HUB, deviceId, accessCodeId, ...versions };
      const { key_id, public_key } = this.#known.sealingKey();
      const binding = { info: CODE_INFO, aad: codeAad(place) };
      const { enc, ciphertext } = seal(Buffer.from(public_key, 'base64url'), canary(random), binding);
      const texts = { enc: enc.toString('base64url'), ciphertext: ciphertext.toString('base64url') };
      return { sealed_code: { key_id, ...texts } };
    };
    return {
      access_code_id: accessCodeId,
      ...may(() => ({ name: pick(random, ['Anna', 'Zoë', '', null, 'half a \uD83D']) })),
      ...(random() < 0.03 ? sealed() : random() < 0.8 ? { code: canary(random) } : {}),
      ...may(() => ({
        starts_at: new Date(startMs).toISOString(),
        ends_at: new Date(startMs + below(random, 3 * DAY_MS)).toISOString(),
      })),
      ...may(() => ({ preferred_code_length: 4 + below(random, 9), prefer_native_scheduling: false })),
      ...may(() => ({ common_code_key: pick(random, ['x', 'y', '\uDD12']) })),
      ...may(() => ({ use_backup_access_code_pool: true })),
      ...may(() => ({ weekly_windows: [{ days: ['monday'], start: '22:00', end: '06:00' }], max_uses: 3 })),
    };
  }

  #command(): Fields {
    const random = this.#random;
    const example = pick(random, COMMANDS);
    const isOld = random() < 0.1;
    if (!isOld) this.#commands += 1;
    const expires = this.#known.nowMs() + pick(random, [60_000, 3_600_000, 29 * DAY_MS, 31 * DAY_MS, 0, -1]);
    const params = example['params'] as Fields | undefined;
    const device = params && 'device_id' in params ? { device_id: this.#deviceId() } : {};
    const code = params && 'access_code_id' in params ? { access_code_id: pick(random, CODE_IDS) } : {};
    const after = params && 'after_seq' in params ? { after_seq: this.#seq() } : {};
    return {
      ...example,
      command_id: `c-${Math.max(this.#commands - (isOld ? below(random, 50) : 0), 0)}`,
      expires_at: new Date(expires).toISOString(),
      ...(params && { params: { ...params, ...device, ...code, ...after } }),
    };
  }

  #ack(): Fields {
    const isOther = this.#random() < 0.1;
    return { v: 1, epoch: isOther ? EPOCH : this.#known.epoch, seq: this.#seq() };
  }

  #seq(): number {
    const random = this.#random;
    const sent = this.#known.sentThrough();
    return pick(random, [
      sent,
      sent,
      Math.max(sent - below(random, 20), 0),
      sent + 1 + below(random, 1000),
      0,
    ]);
  }

  #sync(): Fields {
    const random = this.#random;
    const devices = Array.from({ length: below(random, 4) }, () => ({
      device_id: this.#deviceId(),
      verdict: pick(random, ['same', 'document_follows', 'forget']),
    }));
    return { v: 1, cloud_time: new Date(this.#known.nowMs()).toISOString(), devices };
  }
}

const COMMANDS = commandExamples();

function commandExamples(): readonly [Fields, ...Fields[]] {
  const { examples = [] } = MESSAGES.find(({ name }) => name === 'command') ?? {};
  const [first, ...others] = examples.map(({ payload }) => payload);
  if (first === undefined) throw new Error('The contract has no example of a command.');
  return [first, ...others];
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}
