import type { RadioKind } from './lock-event.ts';
import type { Instant } from './time.ts';

/** An offline code that was typed at a keypad and is to open a lock. */
export interface OfflineEntry {
  readonly keypadId: string;
  /** `null`: the hub was never told of the code, it only judged it. */
  readonly accessCodeId: string | null;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
}

/** A one-shot wish of the cloud: unlike codes, which are state, it happens once or not at all. */
export type CommandRequest =
  | {
      readonly type: 'lock_door' | 'identify' | 'reinterview' | 'self_test' | 'check_link';
      readonly deviceId: string;
    }
  | {
      readonly type: 'unlock_door';
      readonly deviceId: string;
      /** The hub's own order, for an offline code that was typed; its clock has judged that code already. */
      readonly entry?: OfflineEntry;
    }
  /** Which keypad's codes open a lock; `null`: none's. */
  | { readonly type: 'set_keypad'; readonly deviceId: string; readonly keypadId: string | null }
  /** The secret of the hub's own offline codes, sealed to a key of this hub. */
  | {
      readonly type: 'set_offline_secret';
      readonly secretId: string;
      readonly sealedSecret: { readonly key_id: string; readonly enc: string; readonly ciphertext: string };
    }
  /** Without a lock it is the hub itself that is asked. */
  | { readonly type: 'ping'; readonly deviceId: string | null }
  /** Compares the table with one lock, or with all. */
  | { readonly type: 'audit'; readonly deviceId: string | null }
  | {
      readonly type: 'pull_backup_access_code' | 'reveal_code';
      readonly deviceId: string;
      readonly accessCodeId: string;
      /** Public key to seal the PIN of the answer to; `null`: the answer has none. */
      readonly replyKey: string | null;
    }
  /** A PIN that this lock takes and nobody has; it is not set. */
  | {
      readonly type: 'generate_code';
      readonly deviceId: string;
      readonly preferredCodeLength: number | null;
      readonly replyKey: string;
    }
  | { readonly type: 'diagnostics' }
  /** `uploadUrl`: where it is put; `null`: it stays on the hub. */
  | { readonly type: 'make_backup'; readonly uploadUrl: string | null }
  /** Seals all that is secret in the database by another key. */
  | { readonly type: 'rotate_key' }
  /** Another version of the hub itself, signed by somebody whom it trusts. */
  | {
      readonly type: 'update';
      readonly url: string;
      /** The text of the `.minisig` file. */
      readonly signature: string;
      readonly allowDowngrade: boolean;
    }
  /** Events above this seq that the cloud has not acknowledged are sent once more. */
  | { readonly type: 'resend_events'; readonly afterSeq: number }
  | {
      readonly type: 'start_pairing';
      readonly radio: RadioKind;
      readonly durationMs: number;
      /** The text of the lock's QR code, which says who it is and lets it in securely. */
      readonly qr: string | null;
      /** The five digits that a lock shows to be let in securely. */
      readonly pin: string | null;
      /** Somebody can be asked for the digits while it is under way. */
      readonly asksForPin: boolean;
    }
  /** A lock takes the place of one that no longer answers: its codes come to it. */
  | {
      readonly type: 'replace_device';
      readonly deviceId: string;
      readonly durationMs: number;
      readonly qr: string | null;
      readonly pin: string | null;
      readonly asksForPin: boolean;
    }
  /** The five digits that a pairing waits for; `null`: nobody has them. */
  | { readonly type: 'enter_pairing_pin'; readonly pin: string | null }
  | { readonly type: 'stop_pairing'; readonly radio: RadioKind | null }
  | { readonly type: 'remove_device'; readonly deviceId: string }
  | WipeRequest;

/** A hub that was stolen forgets everything that opens a door. */
export interface WipeRequest {
  readonly type: 'wipe';
  /** Which hub is meant, and which of its databases: after the wipe it has another one, so an order never counts twice. */
  readonly hubId: string;
  readonly epoch: string;
  /** What becomes of codes on the locks that have not ended: a guest must not stand outside, so by default they stay. */
  readonly codes: 'keep' | 'remove';
  /** Shown on the page. */
  readonly reason: string;
  /** Ed25519 over `wipeText`, as base64url; `null`: the broker alone says who sent it. */
  readonly signature: string | null;
}

export type CommandType = CommandRequest['type'];

/** Why a command failed. */
export type CommandError =
  | 'invalid_input'
  | 'unknown_device'
  | 'unsupported'
  /** It opens a door, and the hub does not know the time well enough to say that it is still wanted. */
  | 'clock_uncertain'
  | 'device_offline'
  /** A lock that is to be replaced still answers. */
  | 'device_online'
  | 'radio_down'
  /** The lock did not say whether it did it. */
  | 'no_answer'
  | 'refused_by_lock'
  | 'jammed'
  | 'access_code_not_found'
  | 'access_code_not_time_bound'
  | 'backup_access_code_not_found'
  | 'no_code_possible'
  | 'backup_failed'
  /** The backup was made, and its place did not take it. */
  | 'upload_failed'
  /** Another command of this kind is under way. */
  | 'busy'
  /** The hub died while it was under way: nobody knows whether it happened. */
  | 'interrupted'
  | 'timed_out'
  /** It is not signed for this hub, older than what there is, or could not be taken. */
  | 'update_refused'
  /** The new version did not work, and the old one is back. */
  | 'update_failed'
  | 'hub_fault';

/** What came of a command so far. */
export type CommandOutcome =
  /** `accepted`: stored. `running`: begun, so that it is not begun again. The others are the end. */
  | { readonly state: 'accepted' | 'running' | 'expired' }
  /** Fields as they go out, in the contract's words; PINs only sealed. */
  | { readonly state: 'succeeded'; readonly result: Readonly<Record<string, unknown>> }
  | {
      readonly state: 'failed';
      /** The message is a sentence for a person, never with a PIN in it. */
      readonly error: { readonly code: CommandError; readonly message: string };
    };

/** A command as it is stored: its id makes it happen once, whatever the broker does. */
export interface Command {
  readonly commandId: string;
  /** As it was sent, known or not. */
  readonly type: string;
  /** `null`: it was not understood, and failed at once. */
  readonly request: CommandRequest | null;
  readonly receivedAt: Instant;
  readonly expiresAt: Instant;
  readonly outcome: CommandOutcome;
  /** When the outcome became what it is. */
  readonly outcomeAt: Instant;
}

export function failed(code: CommandError, message: string): CommandOutcome {
  return { state: 'failed', error: { code, message } };
}

/** An old wish must not open a door today, or wipe a hub. */
export const CLOCK_UNCERTAIN: CommandOutcome = failed(
  'clock_uncertain',
  'The hub does not know the time well enough to say that this is still wanted.',
);

/** Who does it: the loop of its lock, whoever lets locks into a radio network, or the hub alone. */
export function doerOf(request: CommandRequest): 'lock' | 'radio' | 'hub' {
  switch (request.type) {
    case 'lock_door':
    case 'unlock_door':
    case 'identify':
    case 'reinterview':
    case 'self_test':
    case 'check_link':
      return 'lock';
    case 'ping':
      return request.deviceId === null ? 'hub' : 'lock';
    case 'start_pairing':
    case 'stop_pairing':
    case 'remove_device':
    case 'replace_device':
    case 'enter_pairing_pin':
      return 'radio';
    case 'audit':
    case 'set_keypad':
    case 'set_offline_secret':
    case 'pull_backup_access_code':
    case 'reveal_code':
    case 'generate_code':
    case 'diagnostics':
    case 'make_backup':
    case 'rotate_key':
    case 'update':
    case 'resend_events':
    case 'wipe':
      return 'hub';
  }
}

/** The lock that has to be spoken to for it; `null`: none alone. */
export function lockOf(request: CommandRequest): string | null {
  return doerOf(request) === 'lock' && 'deviceId' in request ? request.deviceId : null;
}

/** It has come to its end. */
export function isSettled({ state }: CommandOutcome): boolean {
  return state !== 'accepted' && state !== 'running';
}
