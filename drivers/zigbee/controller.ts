import type { Logger } from 'pino';
import { Controller, setLogger } from 'zigbee-herdsman';
import type { ZigbeeNetworkKeys } from './keys.ts';

/** Kinds of sticks that are driven. */
export type ZigbeeAdapter = 'zstack' | 'ember';

/** What a controller is made from. */
interface ControllerOptions {
  /** Serial path or `tcp://host:port`. */
  readonly port: string;
  readonly adapter: ZigbeeAdapter;
  readonly keys: ZigbeeNetworkKeys;
  readonly databasePath: string;
  readonly backupPath: string;
  /** Asked for everybody who joins. */
  readonly accepts: (ieee: string) => boolean;
}

/**
 * A controller of the library, not started. The options of its next major version, which renames `serialPort`, are
 * given as well: a move to it is a new version number (field note 7).
 */
export function createController(options: ControllerOptions): Controller {
  const { port, adapter, keys, databasePath, backupPath, accepts } = options;
  const line = { path: port, adapter };
  const wide = {
    network: {
      panID: keys.panId,
      extendedPanID: [...Buffer.from(keys.extendedPanId, 'hex')],
      channelList: [keys.channel],
      networkKey: [...Buffer.from(keys.networkKey, 'hex')],
      networkKeyDistribute: false,
    },
    serialPort: line,
    transport: line,
    databasePath,
    databaseBackupPath: '',
    backupPath,
    adapter: { disableLED: false },
    acceptJoiningDeviceHandler: (ieee: string) => Promise.resolve(accepts(ieee)),
  };
  return new Controller(wide);
}

/** The library quotes frames, and so PINs, in what it says: only that it complains, and which part of it, is noted. */
export function silenceLibrary(log: Logger): void {
  const note = (_text: unknown, part: string): void => log.warn({ part }, 'the radio library complains');
  setLogger({ debug: () => undefined, info: () => undefined, warning: note, error: note });
}

/** Whether the stick answers. The library keeps what it once knew of the network, so its adapter is asked. */
export function isAnswering(controller: Controller): Promise<boolean> {
  return controller['adapter'].getNetworkParameters().then(
    () => true,
    () => false,
  );
}

/** A stick that is there and dead is treated like one that was pulled: the library closes the line and says so. */
export function declareLost(controller: Controller): void {
  controller['adapter'].emit('disconnected');
}

/** Has the library write what another stick needs to its file. False: the stick did not say it. */
export function keepBackup(controller: Controller): Promise<boolean> {
  return controller.backup().then(
    () => true,
    () => false,
  );
}

/** Has a ZNP stick erase its whole memory, the network key with it. False: it did not, or is of another kind. */
export function eraseStick(controller: Controller): Promise<boolean> {
  // The library erases only where it makes a new network, and has no public way to it.
  const { adapterManager: memory }: { adapterManager?: { clearAdapter?(): Promise<void> } } = controller[
    'adapter'
  ] as object;
  if (memory?.clearAdapter === undefined) return Promise.resolve(false);
  return memory.clearAdapter().then(
    () => true,
    () => false,
  );
}

/** Closes the port of a controller whose start has failed or hangs, which its own `stop` leaves open. */
export async function abandon(controller: Controller): Promise<void> {
  // The library has no public way to it.
  const adapter: { stop(): Promise<void> } | undefined = controller['adapter'];
  await adapter?.stop();
}
