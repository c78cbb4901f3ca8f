import { CommandClass } from '@zwave-js/cc';
import type { CommandClasses } from '@zwave-js/core';
import { Bytes } from '@zwave-js/shared';
import type { MockNodeBehavior, MockNodeResponse } from '@zwave-js/testing';
import type { Refusal } from '../lock/code-table.ts';
import type { SimLock } from '../lock/lock.ts';

/**
 * Answers one command that reached a lock; `undefined` leaves it to the next handler and at last to zwave-js's
 * stock behaviours. `hubId` is the node id of the controller, to which answers are addressed.
 */
export type CommandHandler = (
  lock: SimLock,
  command: CommandClass,
  hubId: number,
) => MockNodeResponse | undefined;

/** A behaviour of zwave-js's mock node that asks these handlers in turn. */
export function behaviorOf(lock: SimLock, handlers: readonly CommandHandler[]): MockNodeBehavior {
  return {
    handleCC(controller, _node, command) {
      for (const handler of handlers) {
        const response = handler(lock, command, controller.ownNodeId);
        if (response !== undefined) return response;
      }
      return undefined;
    },
  };
}

/** Answers with a report. */
export function reply(cc: CommandClass): MockNodeResponse {
  return { action: 'sendCC', cc };
}

/** Taken or refused: a Supervision report where the command asked for one, and silence otherwise. */
export function verdict(refusal: Refusal | undefined): MockNodeResponse {
  return { action: refusal === undefined ? 'ok' : 'fail' };
}

/** A report that zwave-js can parse but not write, made of its bytes. */
export function rawReport(
  hubId: number,
  ccId: CommandClasses,
  ccCommand: number,
  payload: readonly number[],
): CommandClass {
  return new CommandClass({ nodeId: hubId, ccId, ccCommand, payload: Bytes.from(payload) });
}
