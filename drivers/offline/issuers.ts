import type { Logger } from 'pino';
import type { Instant } from '../../src/core/time.ts';
import type { RadioStorage } from '../../src/lock-driver.ts';
import type { OfflineCodeIssuer } from '../../src/offline-issuer.ts';
import { hubIssuer, type Doors } from './hub/issuer.ts';
import type { IgloohomeAccount } from './igloohome/issuer.ts';
import type { OracodeAccount } from './oracode/issuer.ts';

/** An account with a vendor, as the config names it. */
type VendorAccount =
  | ({ readonly kind: 'igloohome' } & IgloohomeAccount)
  | ({ readonly kind: 'dormakaba_oracode' } & OracodeAccount);

interface IssuerParts {
  readonly storage: RadioStorage;
  /** Of the site. */
  readonly zone: string;
  readonly now: () => Instant;
  readonly log: Logger;
}

/** The hub's own issuer and those of these accounts. The code of a vendor that none of them names is never loaded. */
export async function openIssuers(
  accounts: readonly VendorAccount[],
  parts: IssuerParts & Doors,
): Promise<readonly OfflineCodeIssuer[]> {
  return [hubIssuer(parts), ...(await Promise.all(accounts.map((account) => openIssuer(account, parts))))];
}

async function openIssuer(account: VendorAccount, parts: IssuerParts): Promise<OfflineCodeIssuer> {
  switch (account.kind) {
    case 'igloohome': {
      const { IgloohomeIssuer } = await import('./igloohome/issuer.ts');
      return new IgloohomeIssuer({ account, ...parts });
    }
    case 'dormakaba_oracode': {
      const { OracodeIssuer } = await import('./oracode/issuer.ts');
      return new OracodeIssuer({ account, ...parts });
    }
  }
}
