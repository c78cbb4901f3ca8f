import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One file that the config names: the text behind its key, and what is in it. */
const keptFile = z.object({ named: z.string(), base64: z.string() });

/** The config of a hub with the files that it names, as a backup keeps them. */
export const keptConfig = z.object({ config: z.string(), files: z.array(keptFile) });

export type KeptConfig = z.output<typeof keptConfig>;

/** A file that the config names, by the text behind its key and by where it is. */
export interface NamedFile {
  readonly named: string;
  readonly path: string;
}

/** Reads the config and what it names; what can't be read is left out and answered, for the hub itself runs without it. */
export function keepConfig(
  configFile: string,
  named: readonly NamedFile[],
): { readonly kept: KeptConfig; readonly missing: readonly string[] } {
  const files: z.output<typeof keptFile>[] = [];
  const missing: string[] = [];
  for (const file of named) {
    try {
      files.push({ named: file.named, base64: readFileSync(file.path).toString('base64') });
    } catch {
      missing.push(file.named);
    }
  }
  return { kept: { config: readFileSync(configFile, 'utf8'), files }, missing };
}
