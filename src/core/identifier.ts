/** Multipliers of four lanes; odd and unlike, so that no two lanes keep step. */
const LANES = [0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f, 0x165667b1] as const;

/**
 * A UUID made from a text alone: the same text gives the same id, on every hub and after every restart. 122 bits are
 * mixed from all of the text, so that ids of neighbouring slots and instants have nothing in common. No secret is
 * kept by it. The version digit is 8, which RFC 9562 leaves to such ids.
 */
export function identifierOf(text: string): string {
  const words = LANES.map((multiplier, lane) => mixed(text, multiplier, lane + 1));
  // Each lane has seen the whole text; together they are mixed once more, so that none can be guessed from another.
  const all = words.reduce((sum, word) => Math.imul(sum ^ word, 0x9e3779b1) >>> 0, text.length);
  const hex = words.map((word, lane) => hexOf(avalanche(word ^ Math.imul(all, lane * 2 + 1)))).join('');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}

function mixed(text: string, multiplier: number, seed: number): number {
  let hash = Math.imul(seed, 0x9e3779b1);
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), multiplier);
    hash ^= hash >>> 15;
  }
  return avalanche(hash);
}

/** Spreads every bit of a word over the whole word. */
function avalanche(word: number): number {
  let bits = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function hexOf(word: number): string {
  return word.toString(16).padStart(8, '0');
}
