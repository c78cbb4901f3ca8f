/** Fields of codes and commands whose value is a text even where it looks like a number. */
const TEXT_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'code',
  'common_code_key',
  'qr',
  'pin',
  'reply_key',
  'reason',
]);

/** A line as somebody typed it. */
export interface Typed {
  readonly verb: string;
  readonly words: readonly string[];
  /** What was given as `name=value`; `null` for `name=`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a line: words, and fields as `name=value`. Quotes hold together what has spaces. `undefined`: nothing in it. */
export function readLine(line: string): Typed | undefined {
  const [verb, ...rest] = tokensOf(line);
  if (verb === undefined || verb.startsWith('#')) return undefined;
  const words: string[] = [];
  const fields: Record<string, unknown> = {};
  for (const token of rest) {
    const [, name, value] = /^([a-z_]+)=(.*)$/s.exec(token) ?? [];
    if (name === undefined || value === undefined) words.push(token);
    else fields[name] = valueOf(name, value);
  }
  return { verb, words, fields };
}

/** Splits at spaces, but for what stands in quotes (which go) or in the brackets of JSON (where quotes stay). */
function tokensOf(line: string): readonly string[] {
  const tokens: string[] = [];
  let token: string | undefined;
  let quote: string | undefined;
  let depth = 0;
  for (const character of line) {
    if (quote !== undefined) {
      if (character !== quote || depth > 0) token = (token ?? '') + character;
      if (character === quote) quote = undefined;
    } else if (/\s/.test(character) && depth === 0) {
      if (token !== undefined) tokens.push(token);
      token = undefined;
    } else {
      const isQuote = character === '"' || (character === "'" && depth === 0);
      if (isQuote) quote = character;
      if ('[{'.includes(character)) depth += 1;
      if (']}'.includes(character)) depth = Math.max(0, depth - 1);
      token = (token ?? '') + (isQuote && depth === 0 ? '' : character);
    }
  }
  if (token !== undefined) tokens.push(token);
  return tokens;
}

function valueOf(name: string, text: string): unknown {
  if (text === '') return null;
  if (TEXT_FIELDS.has(name)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
