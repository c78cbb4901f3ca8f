import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import net from 'node:net';
import { promisify } from 'node:util';
import type { RadioConfig } from '../../config.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { StickSeen } from '../observations.ts';

const run = promisify(execFile);
/** A stick answers within milliseconds, one that was just plugged in within a second. */
const ANSWER_MS = 1.5 * SECOND_MS;
const CONNECT_MS = 5 * SECOND_MS;
const LOOK_EVERY_MS = 20;
const BAUD = '115200';
const BYTES_MAX = 4096;

/** Type and function of the answer of a Z-Wave controller. */
const ANSWERED = Buffer.from([0x01, 0x15]);

type Language = 'zwave' | 'zstack' | 'ember';

interface Question {
  readonly ask: Uint8Array;
  readonly isAnswer: (heard: Buffer) => boolean;
  /** Said after an answer, so that the stick does not repeat it. */
  readonly thank: Uint8Array | null;
}

/** A line to a stick, opened. */
interface Line {
  send(bytes: Uint8Array): void;
  /** What came since the last call. */
  heard(): Buffer;
  close(): void;
}

/**
 * Questions that change nothing: the version of a Z-Wave controller (INS12350, 7.1), the ping of Texas Instruments' ZNP,
 * and for Silicon Labs' ASH (UG101) the reset with which every conversation begins.
 */
const QUESTIONS: Readonly<Record<Language, Question>> = {
  zwave: {
    ask: Buffer.from([0x15, 0x01, 0x03, 0x00, 0x15, 0xe9]),
    isAnswer: (heard) => heard.includes(ANSWERED),
    thank: Buffer.from([0x06]),
  },
  zstack: {
    ask: Buffer.from([0xfe, 0x00, 0x21, 0x01, 0x20]),
    isAnswer: (heard) => heard.includes(Buffer.from([0xfe, 0x02, 0x61, 0x01])),
    thank: null,
  },
  ember: {
    ask: Buffer.from([0x1a, 0xc0, 0x38, 0xbc, 0x7e]),
    isAnswer: (heard) => heard.includes(Buffer.from([0xc1, 0x02])),
    thank: null,
  },
};

/** Asks what is at the port of a radio whether it is what the config says. Nobody else may have it open. */
export async function askStick(radio: RadioConfig): Promise<StickSeen['answer']> {
  const line = await openLine(radio.port);
  if (line === null) return radio.port.startsWith('tcp:') ? 'unreachable' : 'untried';
  try {
    const own: Language = radio.kind === 'zwave' ? 'zwave' : radio.adapter;
    if (await answers(line, QUESTIONS[own])) return 'well';
    // What is silent in its own language may be another stick.
    for (const other of ['zwave', 'zstack', 'ember'] as const) {
      if (other !== own && (await answers(line, QUESTIONS[other]))) return 'nonsense';
    }
    return 'silent';
  } finally {
    line.close();
  }
}

async function answers(line: Line, { ask, isAnswer, thank }: Question): Promise<boolean> {
  let heard = Buffer.alloc(0);
  try {
    line.heard();
    line.send(ask);
    const deadline = performance.now() + ANSWER_MS;
    while (performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      heard = Buffer.concat([heard, line.heard()]).subarray(-BYTES_MAX);
      if (!isAnswer(heard)) continue;
      if (thank !== null) line.send(thank);
      return true;
    }
  } catch {
    // A line that breaks says nothing.
  }
  return false;
}

function openLine(port: string): Promise<Line | null> {
  return port.startsWith('tcp:') ? overTcp(new URL(port)) : atDevice(port);
}

function overTcp({ hostname, port }: URL): Promise<Line | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = net.connect({ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) });
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_MS);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => resolve(null));
    socket.on('close', () => clearTimeout(timer));
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve({
        send: (bytes) => void socket.write(bytes),
        heard: () => Buffer.concat(chunks.splice(0)),
        close: () => socket.destroy(),
      });
    });
  });
}

/** `null`: it can't be opened, or is no serial line. */
async function atDevice(port: string): Promise<Line | null> {
  let descriptor: number;
  try {
    descriptor = openSync(port, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    await run('stty', ['-F', port, BAUD, 'raw', '-echo']);
  } catch {
    closeSync(descriptor);
    return null;
  }
  const buffer = Buffer.alloc(BYTES_MAX);
  return {
    send: (bytes) => void writeSync(descriptor, bytes),
    heard: () => {
      try {
        return Buffer.from(buffer.subarray(0, readSync(descriptor, buffer)));
      } catch (error) {
        // Nothing is there yet.
        if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return Buffer.alloc(0);
        throw error;
      }
    },
    close: () => closeSync(descriptor),
  };
}
