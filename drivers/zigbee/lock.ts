import type { TimeReading } from '../../src/core/time.ts';
import type { Models } from 'zigbee-herdsman';
import type { Evidence } from './evidence.ts';
import type { LateAnswers } from './late-answers.ts';
import type { LockProfile } from './profile.ts';
import type { SlotNotes } from './slot-notes.ts';

/** What a lock is busy with. */
interface Work {
  /** Events about this slot answer our own work and are not somebody's edit. `null`: no slot is concerned. */
  readonly slot: number | null;
  readonly jam: Evidence;
}

/** The same for a lock however often it is introduced. */
interface Occupation {
  work: Work | null;
  /** Settles when the last operation that missed its deadline has really ended. */
  leftover: Promise<void> | null;
}

/** How long a lock is given to answer, in milliseconds. */
export interface AnswerTimes {
  readonly questionMs: number;
  /** Slow makes take 3 to 8 s for a write (field note 6). */
  readonly writeMs: number;
}

/** A lock or a keypad of the hub, as the running controller has it. */
export interface Member {
  readonly deviceId: string;
  readonly device: Models.Device;
  /** What is asked and told goes there. */
  readonly endpoint: Models.Endpoint;
  readonly times: AnswerTimes;
}

/** An interviewed lock of the running controller. */
export interface ZigbeeLock extends Member {
  readonly profile: LockProfile;
  readonly notes: SlotNotes;
  readonly late: LateAnswers;
  readonly occupation: Occupation;
  /** The site's time zone. */
  readonly zone: string;
  /** The hub's time. */
  readonly now: () => TimeReading;
}
