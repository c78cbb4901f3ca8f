import type { Finding, FindingId } from '../../core/finding.ts';
import { DAY_MS, type Instant } from '../../core/time.ts';
import type { BrokerSeen } from '../observations.ts';
import { textOf } from './machine.ts';

/** A certificate that ends within this time should be renewed now. */
const RENEW_MS = 14 * DAY_MS;

interface Meaning {
  readonly id: FindingId;
  readonly means: (failure: NonNullable<BrokerSeen['failure']>) => boolean;
  readonly what: string;
  readonly fix: string;
}

/** By the words of TLS (OpenSSL's), of MQTT and of the hub's own link; the first that fits. */
const MEANINGS: readonly Meaning[] = [
  {
    id: 'login_unusable',
    means: ({ reason }) => /cannot read|no PEM certificate|not the key of|_file: /.test(reason),
    what: 'A file of the login for the broker can not be used.',
    fix: 'Put the file there, readable for the user lockhub, or mend its name in the config.',
  },
  {
    id: 'broker_certificate_expired',
    means: ({ reason }) => /^certificate (has expired|is not yet valid)/i.test(reason),
    what: 'The certificate of the broker is not valid now: it has expired, or the clock of this machine is wrong.',
    fix: 'Look at the clock first; then whoever runs the broker has to renew its certificate.',
  },
  {
    id: 'broker_name_mismatch',
    means: ({ reason }) => /altnames|does not match/i.test(reason),
    what: 'The certificate of the broker is for another name than the one in the config.',
    fix: 'Use the name of the broker that its certificate has, or have the certificate made for this one.',
  },
  {
    id: 'broker_certificate_unknown',
    means: ({ isRefusal, reason }) =>
      !isRefusal && /self[- ]signed|unable to (get|verify)|issuer certificate/i.test(reason),
    what: 'The certificate of the broker is of an authority that this hub does not know.',
    fix: "Name the broker's authority with ca_file, or leave ca_file out where a public authority made the certificate.",
  },
  {
    id: 'hub_id_shared',
    means: ({ reason }) => /with our client id/.test(reason),
    what: 'Another hub has the same hub_id, and the two throw each other out of the broker.',
    fix: 'Give one of the two another hub_id. A card that was copied needs one of its own.',
  },
  {
    id: 'broker_refuses_topics',
    means: ({ isRefusal, reason }) => isRefusal && /subscription|refuses lockhub\//.test(reason),
    what: 'The broker does not let this hub read or write its topics.',
    fix: 'The ACL of the broker needs: read lockhub/v1/HUB_ID/down/#, write lockhub/v1/HUB_ID/up/#.',
  },
  {
    id: 'broker_refuses_login',
    means: ({ isRefusal }) => isRefusal,
    what: 'The broker refuses the login of this hub.',
    fix: 'Mend username and password_file, or cert_file and key_file, or have the broker know this hub.',
  },
  {
    id: 'broker_unreachable',
    means: () => true,
    what: 'The broker is not reached. Codes that are here go on working.',
    fix: 'Look at the network of this machine, at the name and port in the config, and at what firewalls let out.',
  },
];

export function judgeBroker(broker: BrokerSeen, at: Instant): readonly Finding[] {
  return [...judgeFailure(broker), ...judgeCertificate(broker, at)];
}

function judgeFailure({ section, url, failure }: BrokerSeen): readonly Finding[] {
  const meaning = failure === null ? undefined : MEANINGS.find(({ means }) => means(failure));
  if (failure === null || meaning === undefined) return [];
  const { id, what, fix } = meaning;
  return [{ id, severity: 'error', subject: section, what, fix, seen: `${url}: ${failure.reason}` }];
}

function judgeCertificate(
  { section, certificateEndsAt: endsAt }: BrokerSeen,
  at: Instant,
): readonly Finding[] {
  if (endsAt === null || endsAt > at + RENEW_MS) return [];
  const isOver = endsAt <= at;
  return [
    {
      id: isOver ? 'client_certificate_expired' : 'client_certificate_expires',
      severity: isOver ? 'error' : 'warning',
      subject: section,
      what: `The certificate with which the hub logs in ${isOver ? 'has expired' : 'expires soon'}.`,
      fix: `Put a new one in place of ${section}.cert_file, and its key; the hub takes it up by itself.`,
      seen: `it ${isOver ? 'ended' : 'ends'} at ${textOf(endsAt)}`,
    },
  ];
}
