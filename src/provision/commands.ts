import type { Loaded } from '../config.ts';
import { sealCredential } from '../sealed-credentials.ts';
import { importCard } from './import.ts';
import { installedPlaces } from './places.ts';
import { describeSticks, findSticks } from './sticks.ts';

/** `lockhub import`: what to print, or the mistakes of the card's file. Throws what the system says of files. */
function takeCard(from: string): Loaded<readonly string[]> {
  return importCard({ from, ...installedPlaces(), seal: sealCredential });
}

/** `lockhub sticks`: for people, or one JSON list. */
function listSticks(isJson: boolean): readonly string[] {
  const found = findSticks();
  return isJson ? [JSON.stringify(found)] : describeSticks(found);
}

/** The commands that make a machine a hub. */
export const provisioning = { takeCard, listSticks };
