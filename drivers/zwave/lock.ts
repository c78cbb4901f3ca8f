import type { TimeReading } from '../../src/core/time.ts';
import type { Driver, ZWaveNode } from 'zwave-js';
import type { Credentials } from './credentials.ts';
import type { Evidence } from './evidence.ts';
import type { Meeting } from './meetings.ts';
import type { LockProfile } from './profile.ts';

/** The API of zwave-js over both families; `undefined` only on nodes that are no locks. */
type AccessControl = NonNullable<ZWaveNode['accessControl']>;

/** What a lock is busy with. */
interface Work {
  /** Reports about this slot answer our own work and are not somebody's edit. `null`: no slot is concerned. */
  readonly slot: number | null;
  readonly duplicate: Evidence;
  readonly jam: Evidence;
}

/** The same for a lock however often it is introduced: a turn may outlast an interview. */
interface Occupation {
  work: Work | null;
  /** Settles when the last operation that missed its deadline has really ended. */
  leftover: Promise<void> | null;
}

/** An interviewed lock of the running controller. Made anew at each start of the controller. */
export interface ZwaveLock {
  readonly deviceId: string;
  readonly node: ZWaveNode;
  readonly driver: Driver;
  readonly accessControl: AccessControl;
  readonly profile: LockProfile;
  readonly credentials: Credentials;
  /** What becomes of its next interview. */
  readonly nextMeeting: () => Promise<Meeting>;
  readonly occupation: Occupation;
  /** Users of a User Credential lock that a failed write may have left there without a PIN. */
  readonly doubtfulUsers: Set<number>;
  /** The hub's time. */
  readonly now: () => TimeReading;
}
