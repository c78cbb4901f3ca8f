import { z } from 'zod';
import { filePath } from './config-path.ts';

/** The keys of `offline`: accounts with the vendors that issue offline codes. */

/** An account with a vendor that issues offline codes. Its secret is read from its file at each use. */
export type OfflineAccount = {
  readonly url: string;
  /** The vendor's ids of the locks of this site; `null`: all of the account. */
  readonly devices: readonly string[] | null;
} & (
  | {
      readonly kind: 'igloohome';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecretFile: string;
    }
  | { readonly kind: 'dormakaba_oracode'; readonly tokenFile: string }
);

const KIND = 'igloohome or dormakaba_oracode';
const CLIENT_ID = 'the client id of the account';
const URL_TEXT = 'a URL as https://, or as http:// of this machine, without a login, a query or a "#"';
const DEVICE = "the vendor's own id of a lock";
/** Locks of one vendor at one site. */
const DEVICES_MAX = 1000;
const DEVICES = `a list of 1 to ${DEVICES_MAX} ids of locks`;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** What is sent there is worth a door, so it is encrypted wherever it leaves this machine. */
function isVendorUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname));
  return isSafe && [username, password, search, hash].every((part) => part === '');
}

const vendorUrl = z
  .string({ error: URL_TEXT })
  .refine(isVendorUrl, { error: URL_TEXT })
  .transform((text) => text.replace(/\/+$/, ''));

const devices = z
  .array(z.string({ error: DEVICE }).min(1, { error: DEVICE }), { error: DEVICES })
  .min(1, { error: DEVICES })
  .max(DEVICES_MAX, { error: DEVICES })
  .optional();

const igloohome = z.strictObject(
  {
    kind: z.literal('igloohome', { error: KIND }),
    client_id: z.string({ error: CLIENT_ID }).min(1, { error: CLIENT_ID }),
    client_secret_file: filePath,
    url: vendorUrl.default('https://api.igloodeveloper.co/igloohome'),
    token_url: vendorUrl.default('https://auth.igloohome.co/oauth2/token'),
    devices,
  },
  { error: 'a map with kind, client_id and client_secret_file' },
);

const oracode = z.strictObject(
  {
    kind: z.literal('dormakaba_oracode', { error: KIND }),
    url: vendorUrl,
    token_file: filePath,
    devices,
  },
  { error: 'a map with kind, url and token_file' },
);

export const offlineSchema = z
  .array(z.discriminatedUnion('kind', [igloohome, oracode], { error: KIND }), {
    error: 'a list of accounts with vendors',
  })
  .refine((accounts) => new Set(accounts.map(({ kind }) => kind)).size === accounts.length, {
    error: 'at most one account of each kind',
  })
  .default([]);

/** The accounts as the hub uses them. `fileOf` notes a mistake for a file that can't be named, and answers `null`. */
export function accountsOf(
  accounts: z.infer<typeof offlineSchema>,
  fileOf: (where: string, name: string) => string | null,
): readonly OfflineAccount[] {
  return accounts.flatMap((account, index): readonly OfflineAccount[] => {
    const { kind, url } = account;
    const shared = { url, devices: account.devices ?? null };
    if (kind === 'igloohome') {
      const { client_id: clientId, token_url: tokenUrl } = account;
      const clientSecretFile = fileOf(`offline[${index}].client_secret_file`, account.client_secret_file);
      return clientSecretFile === null ? [] : [{ kind, ...shared, tokenUrl, clientId, clientSecretFile }];
    }
    const tokenFile = fileOf(`offline[${index}].token_file`, account.token_file);
    return tokenFile === null ? [] : [{ kind, ...shared, tokenFile }];
  });
}
