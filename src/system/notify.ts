import { execFile } from 'node:child_process';

/** Far more than `systemd-notify` needs on a busy machine. */
const NOTIFY_TIMEOUT_MS = 10_000;

/** What systemd is told, in the words of sd_notify(3). */
export type Notice = 'READY=1' | 'STOPPING=1' | 'WATCHDOG=1' | `STATUS=${string}`;

/** Tells systemd how the service is. */
export interface Notify {
  /** Resolves when systemd has it, or cannot be told, of which `onFailure` hears. Never rejects. */
  tell(...notices: readonly Notice[]): Promise<void>;
}

/** The environment that systemd gives a service. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Tells by a child, `systemd-notify`, because Node has no datagram sockets of Unix: the unit needs `NotifyAccess=all`.
 * `null`: nobody waits to be told (`NOTIFY_SOCKET` is not set).
 */
export function notifyOf(environment: Environment, onFailure: (error: Error) => void): Notify | null {
  const { NOTIFY_SOCKET, PATH } = environment;
  if (!NOTIFY_SOCKET) return null;
  const options = { env: { NOTIFY_SOCKET, PATH }, timeout: NOTIFY_TIMEOUT_MS };
  return {
    tell: (...notices) =>
      new Promise((resolve) => {
        execFile('systemd-notify', [...notices], options, (error) => {
          if (error !== null) onFailure(error);
          resolve();
        });
      }),
  };
}

/** How often systemd wants to hear that the service goes on, in ms; `null`: it does not watch. */
export function watchdogMs({ WATCHDOG_USEC }: Environment): number | null {
  const usec = Number(WATCHDOG_USEC);
  return Number.isSafeInteger(usec) && usec > 0 ? usec / 1000 : null;
}
