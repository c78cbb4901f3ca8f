import { answerOfError, type Answer } from '../answer.ts';
import type { Member } from '../lock.ts';

/** The library's call, without the types that it derives from its names. */
interface Speaker {
  commandResponse(
    cluster: string,
    name: string,
    payload: Readonly<Record<string, number>>,
    options: Record<string, unknown>,
    transaction: number,
  ): Promise<void>;
}

/** Answers a question of a keypad, at once and once: it listens for some seconds and sleeps again. */
export async function respond(
  { endpoint, times }: Pick<Member, 'endpoint' | 'times'>,
  name: 'armRsp' | 'getPanelStatusRsp',
  payload: Readonly<Record<string, number>>,
  transaction: number,
): Promise<Answer<null>> {
  const options = { sendPolicy: 'immediate', disableRecovery: true, timeout: times.questionMs };
  try {
    const speaker = endpoint as unknown as Speaker;
    await speaker.commandResponse('ssIasAce', name, payload, options, transaction);
    return { kind: 'answer', payload: null };
  } catch (error) {
    return answerOfError(error);
  }
}
