import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import {
  failed,
  type Command,
  type CommandOutcome,
  type CommandRequest,
  type WipeRequest,
} from '../core/command.ts';
import type { Draw } from '../core/draw.ts';
import type { LockState, Policy } from '../core/lock.ts';
import type { Pin } from '../core/pin.ts';
import { startAudit } from '../core/plan/audit.ts';
import { drawFor } from '../core/request/linked.ts';
import { pullBackup } from '../core/request/pool.ts';
import { setKeypad, takeSecret } from '../store/doors.ts';
import type { Store } from '../store/store.ts';
import { REPLY_INFO, replyAad } from './messages/sealed.ts';
import { acceptedSecrets } from './accepted-secrets.ts';
import { sealReply } from './sealing.ts';
import type { SealingKeys } from './sealing-keys.ts';

type Diagnosis = Readonly<Record<string, unknown>>;

/** Who has the hub forget everything. */
export interface Wiping {
  /** Why an order does not count; `null`: it does. */
  refusal(order: Command, request: WipeRequest): CommandOutcome | null;
  /** From here on it happens, whatever becomes of this process. An order that is known changes nothing. */
  begin(order: Command, request: WipeRequest): void;
}

export interface HubCommandsOptions {
  readonly hubId: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
  /** Cryptographic randomness, for PINs that the hub makes up. */
  readonly draw: Draw;
  readonly sealingKeys: Pick<SealingKeys, 'openSecret'>;
  readonly log: Logger;
  readonly wake: (deviceId: string) => void;
  /** Sends events above this seq once more. */
  readonly resendEvents: (afterSeq: number) => void;
  /** Tells a cloud that begins to listen in the middle who this hub is and what is true of each lock. */
  readonly introduce: () => void;
  /** How the hub is, without secrets. */
  readonly diagnose: () => Diagnosis | Promise<Diagnosis>;
  /** Makes a backup and puts it there, if it is said where. */
  readonly backUp?: (uploadUrl: string | null) => Promise<CommandOutcome>;
  /** Absent: nobody would start this hub anew after it. */
  readonly wiping?: Wiping | undefined;
  /** How this hub comes to another key; absent: it does not. */
  readonly keyChange?:
    | {
        /** False: the key is not the hub's own to replace. */
        readonly ask: () => boolean;
        readonly isAsked: () => boolean;
        /** Starts the hub anew, by the next key. */
        readonly restart: () => void;
      }
    | undefined;
  /** Another version of this hub is wanted: answers why it is not taken, `null`: it is, and its end is told then. */
  readonly update?: ((command: Command) => string | null) | undefined;
}

/** Commands that need no radio. One that a crash cut short is done again, which comes to the same. */
export class HubCommands {
  readonly #options: HubCommandsOptions;
  readonly #begun = new Set<string>();

  constructor(options: HubCommandsOptions) {
    this.#options = options;
  }

  /** Does it and stores what came of it; one that is under way is not begun again. */
  begin(commandId: string, request: CommandRequest): void {
    const { log } = this.#options;
    if (this.#begun.has(commandId)) return;
    this.#begun.add(commandId);
    this.#perform(commandId, request)
      .catch((error: unknown) => {
        log.error({ commandId, err: error }, 'a command failed');
        this.#settle(commandId, FAULT);
      })
      .catch((error: unknown) => log.error({ commandId, err: error }, 'its failure could not be stored'))
      .finally(() => this.#begun.delete(commandId));
  }

  async #perform(commandId: string, request: CommandRequest): Promise<void> {
    switch (request.type) {
      case 'ping':
        return this.#settle(commandId, { state: 'succeeded', result: {} });
      case 'audit':
        return this.#audit(commandId, request.deviceId);
      case 'resend_events':
        return this.#resend(commandId, request.afterSeq);
      case 'diagnostics':
        return this.#settle(commandId, { state: 'succeeded', result: await this.#options.diagnose() });
      case 'make_backup':
        return this.#settle(commandId, (await this.#options.backUp?.(request.uploadUrl)) ?? NO_BACKUPS);
      case 'rotate_key':
        return this.#rotateKey(commandId);
      case 'update':
        return this.#update(commandId);
      case 'generate_code':
        return this.#generate(commandId, request);
      case 'reveal_code':
        return this.#reveal(commandId, request);
      case 'pull_backup_access_code':
        return this.#pull(commandId, request);
      case 'set_keypad':
        return this.#setKeypad(commandId, request);
      case 'set_offline_secret':
        return this.#setSecret(commandId, request);
      case 'wipe':
        return this.#wipe(commandId, request);
      case 'lock_door':
      case 'unlock_door':
      case 'identify':
      case 'reinterview':
      case 'self_test':
      case 'check_link':
      case 'start_pairing':
      case 'stop_pairing':
      case 'remove_device':
      case 'replace_device':
      case 'enter_pairing_pin':
        throw new Error(`Not a command of the hub alone: ${request.type}`);
    }
  }

  #audit(commandId: string, deviceId: string | null): void {
    const { store, clock, wake } = this.#options;
    const deviceIds = deviceId === null ? store.deviceIds() : [deviceId];
    store.transaction(() => {
      const at = clock.now().earliest;
      for (const id of deviceIds) {
        const before = store.lockState(id);
        if (before !== undefined) store.commit(before, startAudit(before, at), []);
      }
      store.commands.settle(commandId, { state: 'succeeded', result: { device_ids: deviceIds } }, at);
    });
    for (const id of deviceIds) wake(id);
  }

  #update(commandId: string): void {
    const { store, update } = this.#options;
    const command = store.commands.get(commandId);
    if (command === undefined) return;
    const refusal = update === undefined ? NO_UPDATES : update(command);
    if (refusal !== null) this.#settle(commandId, failed('update_refused', refusal));
  }

  #resend(commandId: string, afterSeq: number): void {
    const { store, resendEvents, introduce } = this.#options;
    const acked = store.outbox.acked();
    const from = Math.max(afterSeq, acked);
    // What was acknowledged is deleted: nobody has it any more.
    const result = { after_seq: from, through_seq: store.outbox.head(), acked_seq: acked };
    this.#settle(commandId, { state: 'succeeded', result });
    if (afterSeq === 0) introduce();
    resendEvents(from);
  }

  async #generate(
    commandId: string,
    request: Extract<CommandRequest, { type: 'generate_code' }>,
  ): Promise<void> {
    const { store, draw } = this.#options;
    const state = store.lockState(request.deviceId);
    const pin = state === undefined ? null : drawFor([state], request.preferredCodeLength, draw);
    if (pin === null) return this.#settle(commandId, NO_CODE);
    await this.#answer(commandId, pin, request.replyKey, {});
  }

  async #reveal(commandId: string, request: CodeRequest): Promise<void> {
    const code = this.#options.store
      .lockState(request.deviceId)
      ?.codes.find(({ accessCodeId }) => accessCodeId === request.accessCodeId);
    if (code === undefined) return this.#settle(commandId, NOT_FOUND);
    if (code.pin === null) return this.#settle(commandId, NO_PIN_YET);
    await this.#answer(commandId, code.pin, request.replyKey, {});
  }

  async #pull(commandId: string, request: CodeRequest): Promise<void> {
    const { store, clock, wake } = this.#options;
    const pulled = store.transaction(() => {
      const before = store.lockState(request.deviceId);
      if (before === undefined) return { refusal: GONE };
      const pull = pullBackup(before, request.accessCodeId, clock.now());
      if (pull.kind === 'refused') return { refusal: failed(pull.reason, pull.message) };
      store.commit(before, pull.step.state, pull.step.events);
      return { state: pull.step.state, id: pull.backupAccessCodeId };
    });
    if ('refusal' in pulled) return this.#settle(commandId, pulled.refusal);
    wake(request.deviceId);
    const pin = pinOf(pulled.state, pulled.id);
    if (pin === null) throw new Error('A backup access code was pulled and has no PIN.');
    await this.#answer(commandId, pin, request.replyKey, { backup_access_code_id: pulled.id });
  }

  /** The key changes while the hub starts anew, and the start after that ends the command. */
  #rotateKey(commandId: string): void {
    const { store, clock, keyChange } = this.#options;
    const isBegun = store.commands.get(commandId)?.outcome.state === 'running';
    if (isBegun && keyChange?.isAsked() !== true) {
      return this.#settle(commandId, { state: 'succeeded', result: { key_number: store.keyNumber } });
    }
    if (isBegun) return this.#settle(commandId, KEY_STAYS);
    if (keyChange?.ask() !== true) return this.#settle(commandId, KEY_OF_ROOT);
    const at = clock.now().earliest;
    store.transaction(() => store.commands.settle(commandId, { state: 'running' }, at));
    keyChange.restart();
  }

  #setKeypad(commandId: string, request: Extract<CommandRequest, { type: 'set_keypad' }>): void {
    const { store, wake } = this.#options;
    this.#settle(
      commandId,
      store.transaction(() => setKeypad(store, request)),
    );
    wake(request.deviceId);
  }

  async #setSecret(
    commandId: string,
    { secretId, sealedSecret }: Extract<CommandRequest, { type: 'set_offline_secret' }>,
  ): Promise<void> {
    const { store, clock, sealingKeys, hubId, wake } = this.#options;
    const opened = await sealingKeys.openSecret(sealedSecret, hubId, secretId);
    if (!opened.ok) return this.#settle(commandId, failed('invalid_input', `params.${opened.message}`));
    const next = { secretId, secret: opened.text };
    const doors = store.transaction(() => takeSecret(store, next, clock.now()));
    if (doors === null) return this.#settle(commandId, OTHER_SECRET);
    this.#settle(commandId, {
      state: 'succeeded',
      result: { accepted: acceptedSecrets(store.secrets) },
    });
    for (const deviceId of doors) wake(deviceId);
  }

  /** Its end is told by who carries it out, when nothing is left of the store. */
  #wipe(commandId: string, request: WipeRequest): void {
    const { store, wiping } = this.#options;
    const order = store.commands.get(commandId);
    if (wiping === undefined || order === undefined) return this.#settle(commandId, NO_WIPING);
    const refusal = wiping.refusal(order, request);
    if (refusal !== null) return this.#settle(commandId, refusal);
    if (order.outcome.state === 'accepted') this.#settle(commandId, { state: 'running' });
    wiping.begin(order, request);
  }

  /** Ends a command with a PIN in its answer: by its fingerprint, and sealed where there is a key to seal it to. */
  async #answer(
    commandId: string,
    pin: Pin,
    replyKey: string | null,
    more: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { store, hubId } = this.#options;
    const result = { ...more, pin_fingerprint: store.fingerprint(pin) };
    if (replyKey === null) return this.#settle(commandId, { state: 'succeeded', result });
    const sealed = await sealReply(replyKey, pin.reveal(), REPLY_INFO, replyAad(hubId, commandId));
    if (sealed === undefined) return this.#settle(commandId, WRONG_KEY);
    this.#settle(commandId, { state: 'succeeded', result: { ...result, sealed_code: sealed } });
  }

  #settle(commandId: string, outcome: CommandOutcome): void {
    const { store, clock, log } = this.#options;
    store.transaction(() => store.commands.settle(commandId, outcome, clock.now().earliest));
    log.info({ commandId, state: outcome.state }, 'command ended');
  }
}

type CodeRequest = Extract<CommandRequest, { readonly type: 'pull_backup_access_code' | 'reveal_code' }>;

function pinOf({ codes }: LockState, id: string): Pin | null {
  return codes.find(({ accessCodeId }) => accessCodeId === id)?.pin ?? null;
}

const NO_BACKUPS = failed('unsupported', 'This hub makes no backups.');
const KEY_OF_ROOT = failed(
  'unsupported',
  'The key of this hub is a credential: root replaces it at the hub.',
);
const KEY_STAYS = failed('hub_fault', 'The key could not be replaced; the hub tries again at each start.');
const GONE = failed('unknown_device', 'The lock is not there any more.');
const FAULT = failed('hub_fault', 'The hub failed; its log says how.');
const NO_CODE = failed('no_code_possible', 'No PIN that this lock takes is free.');
const NOT_FOUND = failed('access_code_not_found', 'The lock has no access code with this id.');
const NO_PIN_YET = failed('no_code_possible', 'The access code has no PIN yet.');
const NO_UPDATES = 'This hub does not update itself.';
const OTHER_SECRET = failed('invalid_input', 'params.secret_id: another secret has this id already.');
const NO_WIPING = failed('unsupported', 'This hub can not wipe itself.');
const WRONG_KEY = failed('invalid_input', 'params.reply_key: nothing can be sealed to this key.');
