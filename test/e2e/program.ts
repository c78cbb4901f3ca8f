import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const LOCKHUB = fileURLToPath(new URL('../../scripts/lockhub', import.meta.url));

/** A program under test, with all it has said. */
export interface Program {
  readonly child: ChildProcess;
  readonly stdout: string[];
  readonly stderr: string[];
  /** Resolves with the first line that the test takes, also an earlier one; rejects at the deadline or the end. */
  line(test: (line: string) => boolean, withinMs: number): Promise<string>;
  /** Sends a signal and answers how it ended: the exit code, or the name of the signal. */
  end(signal: NodeJS.Signals): Promise<number | string>;
  ended(): Promise<number | string>;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program and collects its lines. */
export function startProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Program {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { ...process.env, ...options.env },
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => stdout.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
  const closed = once(child, 'close').then(([code, signal]) => ending(code, signal));
  return {
    child,
    stdout,
    stderr,
    line: async (test, withinMs) => {
      const deadline = performance.now() + withinMs;
      while (performance.now() < deadline) {
        const found = [...stdout, ...stderr].find(test);
        if (found !== undefined) return found;
        if (child.exitCode !== null || child.signalCode !== null) break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(
        `${command} ${args.join(' ')} did not say it: ${[...stdout, ...stderr].slice(-20).join('\n')}`,
      );
    },
    end: (signal) => {
      child.kill(signal);
      return closed;
    },
    ended: () => closed,
  };
}

function ending(code: unknown, signal: unknown): number | string {
  return typeof code === 'number' ? code : String(signal);
}
