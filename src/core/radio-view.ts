import type { CommandOutcome } from './command.ts';
import type { RadioKind } from './lock-event.ts';
import type { Instant } from './time.ts';

/** How the radio reaches a node, as its library knows it right now; what it does not know is `null`. */
export interface LinkView {
  readonly lastHeardAt: Instant | null;
  /** dBm of the last frame. */
  readonly rssiDbm: number | null;
  /** How well the last hop is heard, 0 to 255, by the scale of the stick (Zigbee). */
  readonly linkQuality: number | null;
  readonly roundTripMs: number | null;
  readonly frames: FrameCounts | null;
}

/** Frames since the radio was opened. */
export interface FrameCounts {
  readonly sent: number;
  readonly received: number;
  /** Sent and never acknowledged. */
  readonly failed: number;
}

/** One member of a radio network. */
export interface NodeView extends LinkView {
  /** Z-Wave: the node id. Zigbee: the IEEE address as `0x…`. */
  readonly address: number | string;
  /** `null`: no lock, or one that was not met yet. */
  readonly deviceId: string | null;
  /** Make and model, or what little is known. */
  readonly name: string;
  readonly isController: boolean;
  readonly status: 'awake' | 'asleep' | 'dead' | 'unknown';
  /** Stage of the interview that is under way; `null`: it is done. */
  readonly interview: string | null;
  /** The highest security that it speaks, in the radio's own words. */
  readonly security: string | null;
  /** Addresses of the repeaters of the last way to it; none: direct. */
  readonly route: readonly (number | string)[] | null;
  readonly neighbors: readonly (number | string)[] | null;
}

/** A radio network as its library knows it; asks nobody and costs no frame. */
export interface NetworkView {
  /** Z-Wave: the home id. Zigbee: the PAN id. */
  readonly network: string;
  /** Name and version. */
  readonly library: string;
  readonly controller: string;
  readonly frames: FrameCounts | null;
  readonly nodes: readonly NodeView[];
}

/** How far the admission of a lock has come, in the order in which it goes. */
export type PairingStage =
  | 'opening'
  | 'waiting_for_lock'
  | 'joining'
  | 'pin_needed'
  | 'exchanging_keys'
  | 'interviewing'
  | 'ended';

export interface PairingProgress {
  readonly stage: PairingStage;
  /** In `pin_needed`: what is to be compared with the label, in groups of five digits without the first. */
  readonly dsk: string | null;
  /** Of the interview, 0 to 1. */
  readonly progress: number | null;
}

/** A pairing, replacement or removal that is under way, or the last one; in memory only. */
export interface PairingNow extends PairingProgress {
  readonly commandId: string;
  readonly kind: 'pair' | 'replace' | 'remove';
  readonly radio: RadioKind;
  readonly deviceId: string | null;
  /** When the network closes by itself. */
  readonly closesAt: Instant;
  /** `null` while it is under way. */
  readonly ended: CommandOutcome | null;
}

/** One round of frames to a node and back. */
export interface LinkRound {
  readonly roundTripMs: number | null;
  readonly rssiDbm: number | null;
  readonly failedPings: number;
}

/** What a check of the way to a lock found. */
export interface LinkCheck {
  /** 0 (nothing got through) to 10, by the scale of the radio's own library. */
  readonly rating: number;
  readonly rounds: readonly LinkRound[];
}
