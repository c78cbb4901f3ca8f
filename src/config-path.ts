import { z } from 'zod';

const FILE = 'the path of a file';
const CREDENTIAL = 'credential:NAME with the name of a file in it, without a folder';
const CREDENTIAL_PREFIX = 'credential:';

/** A key that names a file: by its path, or as a credential that systemd hands over. */
export const filePath = z
  .string({ error: FILE })
  .min(1, { error: FILE })
  .refine((text) => isFileName(credentialName(text) ?? 'a path'), { error: CREDENTIAL });

function isFileName(text: string): boolean {
  return !['', '.', '..'].includes(text) && !text.includes('/');
}

/** The name after `credential:`, which stands for a file that systemd hands over; `undefined` for a path. */
export function credentialName(text: string): string | undefined {
  return text.startsWith(CREDENTIAL_PREFIX) ? text.slice(CREDENTIAL_PREFIX.length) : undefined;
}
