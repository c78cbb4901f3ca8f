import { createLocal } from '../../src/core/request/local.ts';
import { askedFor, createParameters } from '../../src/wire/request.ts';
import { CONDUCTS, type Conduct } from './issuer.ts';
import { CODE, FIELDS, fieldsOf, LOCK, quiet, type Sentence } from './sentence.ts';

const VENDORS = { igloohome: 'igloohome', Oracode: 'dormakaba_oracode' } as const;
const VENDOR = `(${Object.keys(VENDORS).join('|')})`;

function vendorOf(word: string): (typeof VENDORS)[keyof typeof VENDORS] {
  return word === 'Oracode' ? VENDORS.Oracode : VENDORS.igloohome;
}

function conductOf(word: string): Conduct {
  const found = Object.keys(CONDUCTS).find((conduct): conduct is Conduct => conduct === word);
  if (found === undefined) throw new Error(`No issuer "${word}".`);
  return found;
}

/** Locks whose codes an issuer computes, and what issuers do. */
export const ISSUER_DEEDS: readonly Sentence[] = [
  {
    form: `${LOCK} is an ${VENDOR} lock`,
    act: (house, name, vendor) => quiet(house.addOfflineLock(name, vendorOf(vendor))),
  },
  {
    form: `${VENDOR} (${Object.keys(CONDUCTS).join('|')})`,
    happens: true,
    act: (house, vendor, conduct) => {
      house.issuer(vendorOf(vendor)).conduct = conductOf(conduct);
      return [];
    },
  },
  {
    form: `the answers of ${VENDOR} get (lost|through)`,
    happens: true,
    act: (house, vendor, how) => {
      house.issuer(vendorOf(vendor)).isMute = how === 'lost';
      return [];
    },
  },
  {
    form: `somebody asks the hub itself for ${CODE} on ${LOCK}: ${FIELDS}`,
    happens: true,
    act: (house, code, lock, fields) => {
      const { request, attemptForOfflineDevice } = askedFor(createParameters.parse(fieldsOf(fields)));
      const state = house.state(lock);
      const wanted = { request: { ...request, accessCodeId: code }, attemptForOfflineDevice };
      const sources = { draw: () => 0, siblings: () => [] };
      const context = { sources, policy: house.policy, now: house.now, localOverride: false };
      const outcome = createLocal(state, wanted, context);
      if (outcome.kind === 'refused') return [`refused: ${outcome.type}: ${outcome.message}`];
      house.commit(lock, state, outcome.step.state, outcome.step.events);
      return [];
    },
  },
];
