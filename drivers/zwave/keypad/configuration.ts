import { EntryControlCCValues } from '@zwave-js/cc/EntryControlCC';
import { isZWaveError } from '@zwave-js/core';
import type { Logger } from 'pino';
import type { ZWaveNode } from 'zwave-js';
import { HUB_CODE_DIGITS } from '../../../src/core/offline/hub-code.ts';

/** A guest who reads a code from a telephone pauses; after this long without a key the keypad sends what it has. */
const PAUSE_S = 5;

/** What the two settings may be, where the keypad did not say (Entry Control CC version 1). */
const SIZE = { min: 1, max: 32 };
const TIMEOUT = { min: 1, max: 10 };

/**
 * Has a keypad collect all digits of a code before it sends them: most send after four to eight keys. Nothing is written
 * where that is so already. What fails is tried again when the keypad is met the next time. Answers how many digits the
 * keypad sends at once.
 */
export async function configure(node: ZWaveNode, log: Logger): Promise<number> {
  const { keyCacheSize, keyCacheTimeout } = EntryControlCCValues;
  const digits = digitsOf(node);
  const pauseS = within(PAUSE_S, limits(node, keyCacheTimeout.id, TIMEOUT));
  const api = node.commandClasses['Entry Control'];
  try {
    // It may have lost its settings with its battery, and the library reads them only once.
    const before = await api.getConfiguration();
    if (before?.keyCacheSize === digits && before.keyCacheTimeout === pauseS) return digits;
    await api.setConfiguration(digits, pauseS);
    await api.getConfiguration();
  } catch (error) {
    if (!isZWaveError(error)) throw error;
    log.warn({ node: node.id, err: error }, 'a keypad could not be configured');
  }
  return Math.min(node.getValue<number>(keyCacheSize.id) ?? digits, digits);
}

/** How many digits a keypad can be set up to send at once, as far as a code needs them. */
export function digitsOf(node: ZWaveNode): number {
  return within(HUB_CODE_DIGITS, limits(node, EntryControlCCValues.keyCacheSize.id, SIZE));
}

function limits(
  node: ZWaveNode,
  id: Parameters<ZWaveNode['getValueMetadata']>[0],
  otherwise: typeof SIZE,
): typeof SIZE {
  const metadata = node.getValueMetadata(id);
  if (metadata.type !== 'number') return otherwise;
  const { min = otherwise.min, max = otherwise.max } = metadata as Partial<typeof SIZE>;
  return { min, max };
}

function within(wanted: number, { min, max }: typeof SIZE): number {
  return Math.max(min, Math.min(max, wanted));
}
