import type { Controller, Events } from 'zigbee-herdsman';
import type { Clock } from '../../../src/clock.ts';
import type { PairingStage } from '../../../src/core/radio-view.ts';
import { SECOND_MS } from '../../../src/core/time.ts';
import type { PairingEnd, PairingRequest } from '../../../src/lock-driver.ts';
import { answerOfError } from '../answer.ts';
import type { Meeting } from '../meetings.ts';
import type { Network } from '../network-view.ts';
import { installCodeOf } from './install-code.ts';

/** The wire has a byte for the seconds, and 255 of them stand for ever. */
const PERMIT_MAX_S = 254;
const PAIRING_MAX_MS = 300_000;
/** A lock that joined in the last moment is still met. */
const INTERVIEW_GRACE_MS = 90_000;

/** What letting a lock in tells and needs. */
interface Door {
  readonly clock: Clock;
  readonly at: (stage: PairingStage, progress?: number | null) => void;
  /** Who may join from now on. */
  readonly admit: (guest: ((ieee: string) => boolean) | null) => void;
  readonly onJoined: (ieee: string) => void;
}

const invalidQr: PairingEnd = {
  kind: 'failed',
  reason: 'invalid_qr',
  message: 'The text is no QR code of a Zigbee lock, or a digit of its install code is wrong.',
};

const radioDown: PairingEnd = { kind: 'failed', reason: 'radio_down', message: 'The radio was lost.' };

const unopened: PairingEnd = {
  kind: 'failed',
  reason: 'radio_down',
  message: 'The stick did not open the network.',
};

/**
 * Opens the network until a lock is in and met, the time is over, or it is stopped. What is no lock is sent away again,
 * and the end says what it was where no lock came.
 */
export async function letIn(
  network: Network,
  request: PairingRequest,
  signal: AbortSignal,
  door: Door,
): Promise<PairingEnd> {
  const { controller } = network;
  const label = request.qr === null ? null : installCodeOf(request.qr);
  if (label === undefined) return invalidQr;
  const { end, close, giveUp, unfollow } = follow(network, door);
  const over = new AbortController();
  const onAbort = (): void =>
    end.resolve(signal.reason === 'radio_down' ? radioDown : { kind: 'stopped', deviceIds: [] });
  signal.addEventListener('abort', onAbort);
  try {
    if (label !== null) await controller.addInstallCode(label.text);
    door.admit((ieee) => label === null || label.ieee === ieee);
    const openMs = Math.min(request.durationMs, PAIRING_MAX_MS);
    await controller.permitJoin(permitSeconds(openMs));
    door.at('waiting_for_lock');
    void keepOpen(controller, openMs, door.clock, over.signal).then(async () => {
      door.admit(null);
      close();
      await door.clock.sleepFor(INTERVIEW_GRACE_MS, over.signal);
      giveUp();
    });
    return await end.promise;
  } catch (error) {
    answerOfError(error);
    return signal.aborted ? radioDown : unopened;
  } finally {
    over.abort();
    signal.removeEventListener('abort', onAbort);
    unfollow();
    door.admit(null);
    await permit(controller, 0);
  }
}

/** Resolves when the time is over, having opened the network again each time that the longest opening has passed. */
async function keepOpen(
  controller: Controller,
  openMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let leftMs = openMs; leftMs > 0 && !signal.aborted; leftMs -= PERMIT_MAX_S * SECOND_MS) {
    if (leftMs < openMs) await permit(controller, permitSeconds(leftMs));
    await clock.sleepFor(Math.min(leftMs, PERMIT_MAX_S * SECOND_MS), signal);
  }
}

function permitSeconds(openMs: number): number {
  return Math.min(Math.ceil(openMs / SECOND_MS), PERMIT_MAX_S);
}

interface Followed {
  readonly end: PromiseWithResolvers<PairingEnd>;
  /** Nobody else gets in: it ends when all who did are met. */
  readonly close: () => void;
  /** Ends it with whom was met so far. */
  readonly giveUp: () => void;
  readonly unfollow: () => void;
}

/** Tells of everybody who comes in, and ends with the first that is met as a lock. */
function follow({ controller, discovery }: Network, door: Door): Followed {
  const joined = new Set<string>();
  const end = Promise.withResolvers<PairingEnd>();
  let isClosed = false;
  let withoutLock: PairingEnd = { kind: 'timed_out' };
  const giveUp = (): void => end.resolve(withoutLock);
  const sentAway = (ieee: string, message: string): void => {
    joined.delete(ieee);
    withoutLock = { kind: 'failed', reason: 'no_lock', message };
    if (!isClosed) door.at('waiting_for_lock');
    else if (joined.size === 0) giveUp();
  };
  const close = (): void => {
    isClosed = true;
    if (joined.size === 0) giveUp();
  };
  const onJoined = ({ device }: Events.DeviceJoinedPayload): void => {
    joined.add(device.ieeeAddr);
    door.at('joining');
    door.onJoined(device.ieeeAddr);
  };
  const onInterview = ({ device, status }: Events.DeviceInterviewPayload): void => {
    if (status === 'started') door.at('interviewing', 0);
    joined.add(device.ieeeAddr);
  };
  discovery.meetings.onProgress = (ieee, progress) => {
    if (joined.has(ieee)) door.at('interviewing', progress);
  };
  discovery.meetings.onMeeting = (ieee, meeting) => {
    if (!joined.has(ieee)) return;
    if (meeting.kind === 'stranger') sentAway(ieee, meeting.message);
    else if (meeting.kind !== 'failed') end.resolve(endOf(meeting));
  };
  controller.on('deviceJoined', onJoined).on('deviceInterview', onInterview);
  const unfollow = (): void => {
    discovery.meetings.onProgress = null;
    discovery.meetings.onMeeting = null;
    controller.off('deviceJoined', onJoined).off('deviceInterview', onInterview);
  };
  return { end, close, giveUp, unfollow };
}

function endOf(meeting: Extract<Meeting, { readonly kind: 'lock' | 'radio_down' }>): PairingEnd {
  return meeting.kind === 'lock' ? { kind: 'done', deviceIds: [meeting.deviceId] } : radioDown;
}

/** A stick that is gone is closed. */
async function permit(controller: Controller, seconds: number): Promise<void> {
  await controller.permitJoin(seconds).catch((error: unknown) => answerOfError(error));
}
