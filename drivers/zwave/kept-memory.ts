import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isZWaveError } from '@zwave-js/core';
import { GetControllerIdRequest, type GetControllerIdResponse } from '@zwave-js/serial/serialapi';
import type { Logger } from 'pino';
import type { Driver } from 'zwave-js';
import { z } from 'zod';
import type { RadioStorage } from '../../src/lock-driver.ts';
import { within } from './within.ts';

/** Our own row in the radio's storage: the memory of the stick, without which its network is lost with it. */
const FILE = 'lockhub.stick';
const MEMORY = 'memory';
/** There while the memory is written to another stick: one that was left half written is written again. */
const WRITING = 'writing';
/** A large memory over a slow line takes some minutes. */
const MEMORY_TIMEOUT_MS = 10 * 60_000;
/** A stick that takes no memory is given up, so that its network is not written again and again. */
const ATTEMPTS_MAX = 3;

const keptMemory = z.object({
  homeId: z.int(),
  /** Of the image. */
  sha256: z.string(),
  /** The image, compressed. */
  gzip: z.string(),
});

type KeptMemory = z.output<typeof keptMemory>;

/** Reads the memory of the stick and keeps it where it differs. The library switches its radio off meanwhile. */
export async function keepMemory(driver: Driver, storage: RadioStorage, log: Logger): Promise<boolean> {
  const { homeId } = driver.controller;
  if (homeId === undefined) return false;
  const image = await ended(driver.controller.backupNVMRaw(), log, 'the memory of the stick was not read');
  if (image === undefined) return false;
  const sha256 = createHash('sha256').update(image).digest('hex');
  if (keptIn(storage)?.sha256 === sha256) return true;
  const kept: KeptMemory = { homeId, sha256, gzip: gzipSync(image).toString('base64') };
  storage.set(FILE, MEMORY, JSON.stringify(kept));
  storage.flush();
  log.info({ bytes: image.length }, 'the memory of the stick is kept');
  return true;
}

/**
 * Whether this stick is to get the network that is kept: it was left half written, or it is in no network but one of its
 * own. A stick that knows devices of another network keeps them: it may have been mistaken for the right one.
 */
export function needsMemory({ controller }: Driver, storage: RadioStorage): boolean {
  const kept = keptIn(storage);
  const attempts = attemptsIn(storage);
  if (kept === undefined || attempts >= ATTEMPTS_MAX) return false;
  if (attempts > 0) return true;
  const isAlone = [...controller.nodes.keys()].every((nodeId) => nodeId === controller.ownNodeId);
  return isAlone && controller.homeId !== kept.homeId;
}

/**
 * Writes the kept memory to this stick, converted to its firmware. The library starts anew then, and drops this work in
 * the middle of its last step: whether the stick has taken it shows when it is ready once more.
 */
export async function giveMemory(driver: Driver, storage: RadioStorage, log: Logger): Promise<void> {
  const kept = keptIn(storage);
  if (kept === undefined) throw new Error('There is no memory to give.');
  const attempt = attemptsIn(storage) + 1;
  storage.set(FILE, WRITING, String(attempt));
  storage.flush();
  log.warn({ attempt, homeId: kept.homeId.toString(16) }, 'a new stick gets the network of the old one');
  const image = gunzipSync(Buffer.from(kept.gzip, 'base64'));
  const given = driver.controller.restoreNVM(image).then(() => true);
  await ended(given, log, 'the library dropped the writing of a memory');
}

/** The stick to which the memory was written is ready again. */
export function memoryGiven({ controller }: Driver, storage: RadioStorage): void {
  if (controller.homeId !== keptIn(storage)?.homeId) return;
  storage.delete(FILE, WRITING);
  storage.flush();
}

/** After its port was lost and came back: the stick that was there, another one, or none that says anything. */
export async function whoAnswers(driver: Driver): Promise<'same' | 'another' | 'nobody'> {
  const { homeId } = driver.controller;
  try {
    const answer = await driver.sendMessage<GetControllerIdResponse>(new GetControllerIdRequest());
    return answer.homeId === homeId ? 'same' : 'another';
  } catch (error) {
    if (!isZWaveError(error)) throw error;
    return 'nobody';
  }
}

function keptIn(storage: RadioStorage): KeptMemory | undefined {
  const text = storage.entries(FILE).find(([key]) => key === MEMORY)?.[1];
  if (text === undefined) return undefined;
  return keptMemory.safeParse(JSON.parse(text)).data;
}

function attemptsIn(storage: RadioStorage): number {
  return Number(storage.entries(FILE).find(([key]) => key === WRITING)?.[1] ?? 0);
}

/** `undefined`, with a line in the log: the stick refused, was lost, or took too long. */
async function ended<T>(work: Promise<T>, log: Logger, trouble: string): Promise<T | undefined> {
  try {
    const result = await within(work, MEMORY_TIMEOUT_MS);
    if (result === undefined) log.warn(`${trouble} in time`);
    return result;
  } catch (error) {
    if (!isZWaveError(error)) throw error;
    log.warn({ code: error.code, reason: error.message }, trouble);
    return undefined;
  }
}
