import { z } from 'zod';
import { answerOf, answerOfError, isUnsupported, type Answer } from './answer.ts';
import type { Line } from './door-lock.ts';
import { Zcl } from 'zigbee-herdsman';

const values = z.record(z.string(), z.unknown());

/** The library's calls about attributes, without the types that it derives from its names. */
interface Attributes {
  read(cluster: string, names: string[], options: Record<string, unknown>): Promise<unknown>;
  write(cluster: string, values: Record<string, unknown>, options: Record<string, unknown>): Promise<unknown>;
}

/** Asks for attributes of a cluster. One that the lock does not have makes a default answer of all of them. */
export async function readAttributes(
  line: Pick<Line, 'endpoint' | 'times'>,
  cluster: string,
  names: readonly string[],
): Promise<Answer<Readonly<Record<string, unknown>>>> {
  try {
    const endpoint = line.endpoint as unknown as Attributes;
    return answerOf(await endpoint.read(cluster, [...names], optionsOf(line)), values);
  } catch (error) {
    return refusalOf(error);
  }
}

/** Whether a lock answers, whatever it says, to the one question that every Zigbee device knows. */
export async function isAnswering(line: Pick<Line, 'endpoint' | 'times'>): Promise<boolean> {
  const { kind } = await readAttributes(line, 'genBasic', ['zclVersion']);
  return kind === 'answer' || kind === 'default' || kind === 'unreadable';
}

/** Asks for one number; `null` where the lock has none to tell. */
export async function readNumber(
  line: Pick<Line, 'endpoint' | 'times'>,
  cluster: string,
  name: string,
): Promise<Answer<number | null>> {
  const answer = await readAttributes(line, cluster, [name]);
  if (answer.kind === 'default') return { kind: 'answer', payload: null };
  if (answer.kind !== 'answer') return answer;
  const value = answer.payload[name];
  return { kind: 'answer', payload: typeof value === 'number' && !Number.isNaN(value) ? value : null };
}

export async function writeAttributes(
  line: Pick<Line, 'endpoint' | 'times'>,
  cluster: string,
  wanted: Readonly<Record<string, unknown>>,
): Promise<Answer<null>> {
  try {
    const endpoint = line.endpoint as unknown as Attributes;
    await endpoint.write(cluster, { ...wanted }, optionsOf(line));
    return { kind: 'answer', payload: null };
  } catch (error) {
    return refusalOf(error);
  }
}

/** The library throws the status that the lock answered about an attribute. */
function refusalOf(error: unknown): Answer<never> {
  if (error instanceof Zcl.StatusError && (isUnsupported(error.code) || REFUSALS.has(error.code)))
    return { kind: 'default', status: error.code };
  return answerOfError(error);
}

const REFUSALS: ReadonlySet<number> = new Set([
  Zcl.Status.FAILURE,
  Zcl.Status.READ_ONLY,
  Zcl.Status.INVALID_VALUE,
  Zcl.Status.NOT_AUTHORIZED,
]);

function optionsOf({ times }: Pick<Line, 'times'>): Record<string, unknown> {
  return { sendPolicy: 'immediate', disableRecovery: true, timeout: times.questionMs };
}
