import type { CheckUp } from '../../core/finding.ts';
import type { LogRing } from './log-ring.ts';

/** How the link to the cloud is; the words are those of the page. */
interface CloudLink {
  readonly status: 'connecting' | 'online' | 'waiting' | 'refused' | 'stopped';
  /** Why the last attempt failed or the last connection ended; no secrets. */
  readonly lastFailure: string | null;
}

/** What the page is told of the hub beside its locks. */
export interface HubState {
  /** Another one at each start. */
  readonly bootId: string;
  /** When the hub started, as a monotonic time. */
  readonly startedMs: number;
  /** Of the file system with the database, in bytes. */
  readonly disk: () => { readonly freeBytes: number; readonly totalBytes: number };
  /** `null`: this hub has no cloud. */
  readonly cloudLink: () => CloudLink | null;
  /** Looks at the hub and its machine; one look at a time. Takes some seconds at most, and holds nothing up. */
  readonly checkUp: () => Promise<CheckUp>;
  /** The newest lines of the log. */
  readonly logRing: LogRing;
  /** Why there is no ordinary hub, and when it is tried again, as a monotonic time. `null` or absent: it is one. */
  readonly safeMode?: { readonly reason: string; readonly untilMs: number } | null;
  /** The config, as far as it may be shown to anybody who helps: without secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
}
