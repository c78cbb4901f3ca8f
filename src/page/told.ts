import { timeText } from './time.ts';

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g;
const ID_ASIDE = / \([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\)/g;

/** A sentence of the hub for people at the site: instants in its own time, and no ids beside names. */
export function told(sentence: string): string {
  return sentence.replaceAll(INSTANT, timeText).replaceAll(ID_ASIDE, '');
}
