import { z } from 'zod';
import type { ChosenRadio } from '../core/radio-stick.ts';

/** Where the choice is kept in the database. */
const SECRET = 'radios';

const schema = z.array(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('zwave'), port: z.string() }),
    z.object({ kind: z.literal('zigbee'), port: z.string(), adapter: z.enum(['zstack', 'ember']) }),
  ]),
);

/** The hub's own secrets (`store.secrets`). */
export interface Secrets {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** The sticks that were confirmed, at most one of each kind. */
export function chosenRadios(secrets: Secrets): readonly ChosenRadio[] {
  const text = secrets.get(SECRET);
  return text === undefined ? [] : schema.parse(JSON.parse(text));
}

/** Keeps a stick as the radio of its kind; another one of that kind, or another use of the stick, is given up. */
export function chooseRadio(secrets: Secrets, radio: ChosenRadio): void {
  const others = chosenRadios(secrets).filter(({ kind, port }) => kind !== radio.kind && port !== radio.port);
  secrets.set(SECRET, JSON.stringify([...others, radio]));
}
