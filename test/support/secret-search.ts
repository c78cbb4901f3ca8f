import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A secret: a text, or the bytes of a key. */
export type Canary = string | Uint8Array;

/** Bytes of which no whole number of base64 digits is made: what stands before decides the digits. */
const BASE64_SHIFTS = [0, 1, 2] as const;

/** Every form in which a secret may lie about, by the name of the form. */
export function formsOf(canary: Canary): ReadonlyMap<string, Buffer> {
  const raw = Buffer.from(canary);
  const reversed = Buffer.from(raw.toReversed());
  const forms = new Map<string, Buffer>([
    ['raw', raw],
    ['reversed', reversed],
    ['decimal', Buffer.from([...raw].join(','))],
  ]);
  for (const [order, bytes] of [
    ['', raw],
    ['reversed ', reversed],
  ] as const) {
    const hex = bytes.toString('hex');
    for (const [name, text] of [
      [`${order}hex`, hex],
      [`${order}HEX`, hex.toUpperCase()],
      [`${order}hex with colons`, hex.replaceAll(/..(?!$)/g, '$&:')],
      ...BASE64_SHIFTS.flatMap((shift) =>
        base64Of(bytes, shift).map(
          (digits, index) => [`${order}base64${index === 0 ? '' : 'url'} ${shift}`, digits] as const,
        ),
      ),
    ] as const) {
      forms.set(name, Buffer.from(text));
      forms.set(`${name}, UTF-16`, Buffer.from(text, 'utf16le'));
    }
  }
  if (typeof canary === 'string') {
    forms.set('UTF-16', Buffer.from(canary, 'utf16le'));
    forms.set('UTF-16, big endian', Buffer.from(canary, 'utf16le').swap16());
  }
  return forms;
}

/** The digits that are the same whatever stands before and behind, in both alphabets. */
function base64Of(bytes: Buffer, shift: number): readonly [base64: string, base64url: string] {
  const digits = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const whole = digits.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + bytes.length) * 8) / 6));
  return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
}

/** Looks for secrets in bytes, and answers `place: name of the secret (form)` for each that is found. */
export function searcher(canaries: Readonly<Record<string, Canary>>) {
  const forms = Object.entries(canaries).flatMap(([name, canary]) =>
    [...formsOf(canary)].map(([form, bytes]) => ({ name, form, bytes })),
  );
  return (place: string, content: Uint8Array | string): readonly string[] => {
    const bytes = Buffer.from(content);
    return forms
      .filter((one) => bytes.includes(one.bytes))
      .map(({ name, form }) => `${place}: ${name} (${form})`);
  };
}

/** Every file below a folder, with its content; what goes meanwhile is left out. */
export function filesBelow(folder: string): readonly (readonly [file: string, content: Buffer])[] {
  return (there(() => readdirSync(folder, { withFileTypes: true })) ?? []).flatMap((entry) => {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return filesBelow(place).map(([file, content]) => [path.join(entry.name, file), content] as const);
    }
    const content = entry.isFile() ? there(() => readFileSync(place)) : undefined;
    return content === undefined ? [] : [[entry.name, content] as const];
  });
}

function there<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
