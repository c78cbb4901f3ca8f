import type { CheckUp } from '../../core/finding.ts';
import type { ClaimView } from '../../core/claim-view.ts';
import type { RepairView } from '../../core/repair-view.ts';
import type { Room } from '../../core/room.ts';
import type { LogRing } from './log-ring.ts';
import type { UpdateAnswer } from './update-types.ts';

/** How the link to the cloud is; the words are those of the page. */
interface CloudLink {
  readonly status: 'connecting' | 'online' | 'waiting' | 'refused' | 'stopped';
  /** Why the last attempt failed or the last connection ended; no secrets. */
  readonly lastFailure: string | null;
}

/** The backups of this hub. */
export interface BackupService {
  state(): {
    readonly isRunning: boolean;
    /** Why the last one was not made; `null`: it was. */
    readonly failure: string | null;
    /** Newest first. */
    readonly backups: readonly { readonly name: string; readonly sizeBytes: number }[];
    readonly hasRecoveryKey: boolean;
  };
  /** One that is under way counts. Answers its name; `null`: it was not made. */
  make(reason: 'on_demand'): Promise<string | null>;
  /** `undefined`: there is none of this name. */
  fileOf(name: string): string | undefined;
  /** Takes the place of the one before; its text is shown this once. */
  makeRecoveryKey(): { reveal(): string };
  /**
   * Makes the hub what the file says and starts it anew; `null`. Otherwise a sentence that says why not, and nothing was
   * changed. Without the text of a recovery key the hub's own key opens it.
   */
  restore(file: string, recoveryKey: string | null): Promise<string | null>;
  /** Where a file that is sent is put until then. */
  readonly folder: string;
}

/** Other versions of this hub. */
interface UpdateService {
  view(): {
    readonly version: string;
    readonly offered: {
      readonly version: string;
      readonly bytes: number;
      /** Downloaded so far. */
      readonly bytesHere: number;
    } | null;
    readonly state: UpdateAnswer['state'];
    /** In words; `null`: nothing. */
    readonly waitsFor: string | null;
    /** How the last one ended. */
    readonly last: UpdateAnswer['last'];
  };
}

/** What the page is told of the hub beside its locks. */
export interface HubState {
  /** Another one at each start. */
  readonly bootId: string;
  /** When the hub started, as a monotonic time. */
  readonly startedMs: number;
  /** The database was damaged and replaced lately. */
  readonly repaired?: RepairView | null;
  /** Of the file system with the database, in bytes. */
  readonly disk: () => { readonly freeBytes: number; readonly totalBytes: number; readonly room: Room };
  /** `null`: this hub has no cloud. */
  readonly cloudLink: () => CloudLink | null;
  /** Looks at the hub and its machine; one look at a time. Takes some seconds at most, and holds nothing up. */
  readonly checkUp: () => Promise<CheckUp>;
  /** What the database is like, without anything that is in it. */
  readonly databaseShape: () => unknown;
  /** `null`: this hub need not be claimed. */
  readonly claim: () => ClaimView | null;
  /** The newest lines of the log. */
  readonly logRing: LogRing;
  /** Why there is no ordinary hub, and when it is tried again, as a monotonic time. `null` or absent: it is one. */
  readonly safeMode?: { readonly reason: string; readonly untilMs: number } | null;
  /** An order to wipe this hub: how far that is, and why. `null` or absent: there was none. */
  readonly wipe?: {
    readonly phase: 'expiring' | 'wiping' | 'wiped';
    readonly reason: string;
    /** When it was done, in milliseconds since 1970. */
    readonly wiped_at: number | null;
    /** Files of the config that only root may delete. */
    readonly left: readonly string[];
  } | null;
  /** How a hub that was restored gets on with its locks; `null`: it was not, or all have answered. Absent: the same. */
  readonly replaced?: () => {
    readonly madeAt: string;
    readonly locks: number;
    readonly silent: readonly string[];
  } | null;
  /** The config, as far as it may be shown to anybody who helps: without secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Absent: this hub keeps none. */
  readonly backups?: BackupService;
  /** `null` or absent: it is in safe mode. */
  readonly updates?: UpdateService | null;
}
