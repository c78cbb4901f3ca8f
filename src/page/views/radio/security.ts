/** How well the talk with a lock is protected, for a person who is to decide whether that is enough. */
export interface SecurityVerdict {
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet';
  readonly word: string;
  /** What it means, and how to mend it; `null`: all is well or nobody knows. */
  readonly meaning: string | null;
}

const MEND = 'Remove the lock here, then pair it again with its QR code or the five digits of its label.';

/** Judges what a radio's library says of a node, in whatever spelling. */
export function securityVerdict(security: string | null): SecurityVerdict {
  const words = (security ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (words === '') return { tone: 'quiet', word: 'not known yet', meaning: null };
  if (words.includes('unauthenticated')) {
    return {
      tone: 'warn',
      word: 'S2, identity not proven',
      meaning: `Encrypted, but nobody checked that this is the lock in front of you; most locks accept no codes this way. ${MEND}`,
    };
  }
  if (words === 'networkkey') return good('encrypted by the network key');
  if (words.includes('accesscontrol')) return good('S2 Access Control');
  if (words.includes('authenticated')) return good('S2 Authenticated');
  if (words.startsWith('s0')) {
    return {
      tone: 'warn',
      word: 'S0, old encryption',
      meaning: `Encrypted the old way: whoever listened while it was paired can read the codes, and it costs battery. If the lock has an S2 label: ${lowerFirst(MEND)}`,
    };
  }
  if (words === 'none' || words === 'insecure' || words === 'no') {
    return {
      tone: 'bad',
      word: 'not encrypted',
      meaning: `Whoever listens nearby can read codes and send commands, so most locks refuse codes. ${MEND}`,
    };
  }
  return { tone: 'quiet', word: security ?? '', meaning: null };
}

function good(word: string): SecurityVerdict {
  return { tone: 'good', word, meaning: null };
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
