import type { PageNode } from '../../../http/page/types.ts';
import type { Said } from '../../words.ts';
import { securityVerdict } from './security.ts';

export const STATUS: Readonly<Record<PageNode['status'], Said>> = {
  awake: { tone: 'good', text: 'awake' },
  asleep: { tone: 'good', text: 'asleep, listens' },
  dead: { tone: 'bad', text: 'does not answer' },
  unknown: { tone: 'quiet', text: 'not known yet' },
};

/** What a rating of 0 to 10 means for a person. */
export function ratingWord(rating: number): Said {
  if (rating >= 8) return { tone: 'good', text: 'good' };
  if (rating >= 6) return { tone: 'good', text: 'fair' };
  if (rating >= 4) return { tone: 'warn', text: 'weak' };
  if (rating >= 1) return { tone: 'bad', text: 'poor' };
  return { tone: 'bad', text: 'nothing got through' };
}

/** What the Z-Wave library asks a node after the stage that it has ended. */
const INTERVIEW: ReadonlyMap<string, string> = new Map([
  ['None', 'not begun'],
  ['ProtocolInfo', 'asking what it can do'],
  ['NodeInfo', 'asking for settings and codes'],
  ['CommandClasses', 'almost done'],
  ['OverwriteConfig', 'almost done'],
]);

/** `Interview: not begun`; a stage that nobody gave a word is under way. */
export function interviewText(stage: string): string {
  return `Interview: ${INTERVIEW.get(stage) ?? 'under way'}`;
}

/** `3 of 412`, or that nobody counted. */
export function failuresText(frames: PageNode['frames']): string {
  if (frames === null) return 'not counted';
  return frames.failed === 0 ? `none of ${frames.sent}` : `${frames.failed} of ${frames.sent}`;
}

/** `direct`, `by 5, Hall plug`. */
export function routeText(route: PageNode['route'], nameOf: (address: number | string) => string): string {
  if (route === null) return 'not known';
  return route.length === 0 ? 'direct' : `by ${route.map(nameOf).join(', then ')}`;
}

/** Those that a technician has to look at first, then by name; the controller is no part of the list. */
export function inOrder(nodes: readonly PageNode[], nameOf: (node: PageNode) => string): readonly PageNode[] {
  return nodes
    .filter(({ is_controller }) => !is_controller)
    .map((node) => ({ node, name: nameOf(node), weight: weightOf(node) }))
    .sort((one, other) => other.weight - one.weight || one.name.localeCompare(other.name, 'en'))
    .map(({ node }) => node);
}

function weightOf({ status, security, interview }: PageNode): number {
  if (status === 'dead') return 3;
  if (securityVerdict(security).meaning !== null) return 2;
  return interview === null ? 0 : 1;
}
