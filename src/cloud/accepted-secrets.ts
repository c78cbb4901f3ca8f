import { offlineSecrets } from '../store/offline-secrets.ts';
import type { Secrets } from '../store/store.ts';
import { instantText } from '../wire/instant-text.ts';
import type { AcceptedSecret } from './messages/sealed.ts';

/** The secrets of offline codes that the hub accepts, by their ids. */
export function acceptedSecrets(secrets: Secrets): AcceptedSecret[] {
  return offlineSecrets(secrets).map(({ secretId, acceptedUntil }) => ({
    secret_id: secretId,
    accepted_until: instantText(acceptedUntil),
  }));
}
