import type { RadioKind } from '../core/lock-event.ts';
import type { RepairView } from '../core/repair-view.ts';
import type { Instant } from '../core/time.ts';

/** Something that was looked at, or why it could not be. */
export type Seen<T> = { readonly seen: T } | { readonly unseen: string };

/** All that is judged. Numbers and words as the machine gave them; no secret. */
export interface Observations {
  /** The machine's own clock. */
  readonly at: Instant;
  /** When this program was built or installed; no true time is before it. */
  readonly builtAt: Instant;
  /** One line a mistake; none: the config is valid. */
  readonly mistakes: readonly string[];
  readonly machine: MachineSeen;
  /** `null` where the config is broken, as everything from here on. */
  readonly installed: InstalledSeen | null;
}

/** What hangs on the config. */
export interface InstalledSeen {
  /** IANA zone of the site. */
  readonly timezone: string;
  readonly hub: Seen<HubSeen>;
  readonly sticks: readonly StickSeen[];
  readonly brokers: readonly BrokerSeen[];
  readonly page: PageSeen;
  readonly files: Seen<FilesSeen>;
  readonly key: Seen<KeySeen>;
  readonly database: Seen<DatabaseSeen>;
  readonly backups: Seen<BackupsSeen>;
  /** A damaged database was replaced; `null`: none was, or what was damaged is gone. */
  readonly repair: RepairView | null;
}

export interface MachineSeen {
  /** IANA zone of the operating system. */
  readonly zone: string;
  /** The operating system says that its clock is set by a time server. */
  readonly isSynchronised: Seen<boolean>;
  /** There is a folder in memory, where the keys of a Zigbee network may be while its stick is open. */
  readonly hasMemoryPlace: boolean;
  readonly memory: Seen<{ readonly availableBytes: number; readonly totalBytes: number }>;
  /** Flash memories that tell their wear. */
  readonly cards: readonly CardSeen[];
  /** `null`: the machine does not tell. */
  readonly undervoltage: 'none' | 'now' | 'since_boot' | null;
}

export interface CardSeen {
  readonly name: string;
  /** Parts of its life that are used, in tenths, the worst of its areas; 11: more than all. `null`: it does not tell. */
  readonly lifeTenths: number | null;
  /** Of its reserve: 1 normal, 2 warning (80 % used), 3 urgent (90 % used). `null`: it does not tell. */
  readonly preEndOfLife: number | null;
}

export type HubSeen =
  | { readonly kind: 'stopped' }
  /** It holds its data directory and does not answer. */
  | { readonly kind: 'hangs'; readonly waitedMs: number }
  /** `words` is `null` while it starts. */
  | { readonly kind: 'running'; readonly words: HubWords | null };

/** What a running hub says of itself. */
export interface HubWords {
  readonly clock: {
    readonly earliest: Instant;
    /** `null`: nobody says that it is no later. */
    readonly latest: Instant | null;
    /** It is the machine's clock that it goes by, as a time service or the config vouches for it. */
    readonly followsMachine: boolean;
    /** Its sources contradict each other. */
    readonly isDisputed: boolean;
  };
  /** Why the last backup was not made; `null`: it was, or there was none since the start. */
  readonly backupFailure: string | null;
  readonly radios: readonly {
    readonly radio: RadioKind;
    readonly state: 'starting' | 'ready' | 'down';
    readonly message: string;
    /** Make and firmware of the stick, as its library knows it. */
    readonly controller: string | null;
  }[];
  readonly links: readonly {
    /** The key of the config that names the broker. */
    readonly section: string;
    readonly status: 'connecting' | 'online' | 'waiting' | 'refused' | 'stopped';
    readonly lastFailure: string | null;
  }[];
  /** Why it runs in safe mode; `null`: it does not. */
  readonly safeMode: string | null;
  /** Why the page does not listen; `null`: it does, or is switched off. */
  readonly pageFailure: string | null;
  /** How locks are heard now. */
  readonly signals: readonly {
    readonly deviceId: string;
    readonly rssiDbm: number | null;
    readonly linkQuality: number | null;
  }[];
}

export interface StickSeen {
  /** As the config names it: `radios[0]`. */
  readonly key: string;
  readonly radio: RadioKind;
  readonly port: string;
  /** What is at that path; of `tcp` nothing is looked at. */
  readonly device: 'present' | 'absent' | 'no_device' | 'tcp';
  /** Whether the user that the hub runs as may read and write it; `null`: nobody knows that user. */
  readonly isPermitted: boolean | null;
  /** Owner, group and mode, for a person. */
  readonly owner: string | null;
  /** Other programs that have it open or locked, by name and process id. */
  readonly holders: readonly string[];
  /** How it answered a question that changes nothing; `untried`: a hub has it, or it can't be opened. */
  readonly answer: 'well' | 'silent' | 'nonsense' | 'unreachable' | 'untried';
}

export interface BrokerSeen {
  /** The key of the config that names the broker. */
  readonly section: string;
  readonly url: string;
  /** Why it could not be tried; `null`: it was, or the hub knows. */
  readonly unseen: string | null;
  /** `null`: connected, or nobody knows yet. */
  readonly failure: { readonly isRefusal: boolean; readonly reason: string } | null;
  /** Of the client certificate; `null`: there is none. */
  readonly certificateEndsAt: Instant | null;
}

export type PageSeen =
  | { readonly kind: 'off' | 'well' | 'unknown' }
  | {
      readonly kind: 'failed';
      readonly listen: string;
      readonly reason: string;
      readonly holder: string | null;
    }
  | { readonly kind: 'expired'; readonly file: string; readonly endedAt: Instant };

export interface FilesSeen {
  readonly dataDir: string;
  /** `null`: it is not there yet. */
  readonly mode: number | null;
  readonly isReadOnly: boolean;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Of files that can still be made; `null` where the file system knows no bound. */
  readonly freeFiles: number | null;
  /** User id of the hub. */
  readonly user: number;
  /** Names in the data directory, itself included, that belong to another user than the hub's. */
  readonly foreign: readonly string[];
}

export interface BackupsSeen {
  readonly folder: string;
  /** When the newest was made, by the clock of the hub; `null`: there is none. */
  readonly newestAt: Instant | null;
  /** Since when there is something to back up: the age of the key file; `null`: there is none. */
  readonly hubSince: Instant | null;
  /** The config names recovery keys. */
  readonly hasRecipients: boolean;
}

export interface KeySeen {
  readonly file: string;
  readonly state: 'present' | 'absent' | 'unusable';
  readonly mode: number | null;
  /** Another key was asked for and is not in its place yet: part of the database may be sealed by it. */
  readonly isFollowed: boolean;
}

export interface DatabaseSeen {
  readonly file: string;
  readonly state: 'absent' | 'sound' | 'damaged' | 'foreign' | 'newer';
  /** What SQLite says of a damaged one. */
  readonly verdict: string;
  /** `null`: one of an older version, which the hub brings up to date at its start. */
  readonly content: DatabaseContent | null;
}

export interface DatabaseContent {
  /** Whether the key is the one that sealed it; `null`: there is no key to compare. */
  readonly isKeyRight: boolean | null;
  /** Names of what it keeps sealed. */
  readonly secrets: readonly string[];
  /** What is wrong with the file that `security_keys_file` names; `null`: nothing, or none is named. */
  readonly keysFileFault: string | null;
  readonly locks: readonly LockSeen[];
  readonly eventsWaiting: number;
  readonly newestEventAt: Instant | null;
  /** How often the hub has started within the last hour. */
  readonly startsLately: number;
}

export interface LockSeen {
  readonly deviceId: string;
  readonly name: string;
  readonly radio: RadioKind | null;
  readonly isSecure: boolean;
  readonly isOnline: boolean;
  /** 0 to 1. */
  readonly batteryLevel: number | null;
  readonly isBatteryLow: boolean;
  readonly isKeyMissing: boolean;
  /** How far its clock was ahead of the hub's when it was last read, in milliseconds. */
  readonly aheadMs: number | null;
  /** Repeated writes are held back until then. */
  readonly heldBackUntil: Instant | null;
  /** dBm, as it was last measured. */
  readonly rssiDbm: number | null;
}
