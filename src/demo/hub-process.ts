import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A hub in a process of its own, which can die as it does when somebody pulls the plug. */
export interface HubProcess {
  /** At once, in the middle of whatever it does. */
  kill(): Promise<void>;
  /** In peace. */
  stop(): Promise<void>;
}

/** Starts this very program as `lockhub run` with a config file. What becomes of it shows at the locks and the cloud. */
export function startHubProcess(configFile: string): HubProcess {
  const [node = '', program = ''] = process.argv;
  const child = spawn(node, [...process.execArgv, program, 'run', '--config', configFile], {
    stdio: 'ignore',
  });
  // One that can't be started is a hub that never says hello.
  child.on('error', () => undefined);
  const closed = once(child, 'exit').catch(() => undefined);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill(signal);
    await closed;
  };
  return { kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}
