import { readFile } from 'node:fs/promises';

/** What a file holds, without the line break at its end; read anew at each use, so that a new secret counts at once. */
export async function secretOf(file: string): Promise<string | null> {
  try {
    const text = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
    return text === '' ? null : text;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
