import {
  EntryControlCommand,
  EntryControlDataTypes,
  EntryControlEventTypes,
  type CCParsingContext,
  type CCRaw,
  type CommandClass,
} from '@zwave-js/cc';
import { BatteryCCGet, BatteryCCReport } from '@zwave-js/cc/BatteryCC';
import {
  EntryControlCCConfigurationGet,
  EntryControlCCConfigurationSet,
  EntryControlCCEventSupportedGet,
  EntryControlCCKeySupportedGet,
} from '@zwave-js/cc/EntryControlCC';
import { ManufacturerSpecificCCDeviceSpecificGet } from '@zwave-js/cc/ManufacturerSpecificCC';
import { IndicatorCCSet } from '@zwave-js/cc/IndicatorCC';
import { CommandClasses, Indicator, SecurityClass } from '@zwave-js/core';
import {
  ccCaps,
  MockNode,
  MockZWaveFrameType,
  type MockController,
  type MockNodeResponse,
  type PartialCCCapabilities,
} from '@zwave-js/testing';
import { createDefaultMockNodeBehaviors } from 'zwave-js/Testing';
import type { KeypadEntry, SimKeypad } from '../keypad.ts';
import { rawReport, reply, verdict } from './behavior.ts';
import { serialReport } from './hardware.ts';
import { KEY_REPEAT_MS, KeyExchange } from './key-exchange.ts';
import { isOf, type LockNode, type LockNodeOptions } from './node.ts';
import { ReportSender } from './report-sender.ts';
import { guardSecurity } from './security.ts';

const TX_DELAY_MS = 2;
const SEQUENCE_NUMBERS = 256;
/** Text is filled up to blocks of 16 bytes with these (Entry Control CC, Notification). */
const TEXT_BLOCK = 16;
const PADDING = 0xff;
/** Bit mask of the keys 0 to 9 by their ASCII codes. */
const DIGIT_KEYS = [0, 0, 0, 0, 0, 0, 0xff, 0x03];
const MULTILEVEL = 1;
const ACCEPTED: number = Indicator['Code accepted'];
const DENIED: number = Indicator['Code not accepted'];

/** Puts a keypad on the air of a mock controller, already included and with its keys. */
export async function createKeypadNode(
  controller: MockController,
  keypad: SimKeypad,
  { keyRepeatMs = KEY_REPEAT_MS }: Pick<LockNodeOptions, 'keyRepeatMs'>,
): Promise<LockNode> {
  const node = await MockNode.create({
    id: keypad.address,
    controller,
    capabilities: {
      ...keypad.model.product,
      isListening: false,
      isFrequentListening: '1000ms',
      supportsSecurity: true,
      securityClasses: new Set([SecurityClass.S2_AccessControl]),
      txDelay: TX_DELAY_MS,
      commandClasses: commandClasses(),
    },
  });
  node.defineBehavior(...createDefaultMockNodeBehaviors());
  node.defineBehavior({
    handleCC: (_controller, _node, command) => answer(keypad, command, controller.ownNodeId),
  });
  node.defineBehavior(guardSecurity(keypad));
  const keyExchange = new KeyExchange(node, keyRepeatMs);
  node.defineBehavior(keyExchange.behavior());
  const sender = new ReportSender(node);
  let sequenceNumber = 0;
  const isReached = (): boolean => isOf(node, keypad) && keypad.fault.kind !== 'unreachable';
  const unsubscribe = keypad.onEntry((entry) => {
    if (!isReached()) return;
    sequenceNumber = (sequenceNumber + 1) % SEQUENCE_NUMBERS;
    sender.send(notification(controller.ownNodeId, entry, sequenceNumber));
  });
  const receive = node.onControllerFrame.bind(node);
  node.onControllerFrame = async (frame) => {
    // The mock records every frame for assertions; a house that runs for weeks must not.
    node.clearReceivedControllerFrames();
    node.clearSentControllerFrames();
    if (isReached() || frame.type === MockZWaveFrameType.ACK) await receive(frame);
  };
  controller.addNode(node);
  return {
    node,
    leave: () => {
      unsubscribe();
      keyExchange.stop();
      controller.removeNode(node);
    },
  };
}

/** Gives zwave-js the parser that it lacks for a command that only hubs send. */
export function addKeypadParser(): void {
  Object.assign(EntryControlCCConfigurationSet, {
    from: (raw: CCRaw, context: CCParsingContext): EntryControlCCConfigurationSet => {
      const [keyCacheSize = 0, keyCacheTimeout = 0] = raw.payload;
      return new EntryControlCCConfigurationSet({
        nodeId: context.sourceNodeId,
        keyCacheSize,
        keyCacheTimeout,
      });
    },
  });
}

function commandClasses(): PartialCCCapabilities[] {
  const secure = true;
  const property = { properties: [MULTILEVEL] };
  return [
    { ccId: CommandClasses['Z-Wave Plus Info'], version: 2 },
    { ccId: CommandClasses['Security 2'], version: 1 },
    { ccId: CommandClasses.Supervision, version: 1 },
    { ccId: CommandClasses.Version, version: 3, secure },
    { ccId: CommandClasses['Manufacturer Specific'], version: 2, secure },
    { ccId: CommandClasses.Battery, version: 1, secure },
    { ccId: CommandClasses['Entry Control'], version: 1, secure },
    ccCaps({
      ccId: CommandClasses.Indicator,
      version: 3,
      secure,
      indicators: { [ACCEPTED]: property, [DENIED]: property },
    }),
  ];
}

function answer(keypad: SimKeypad, command: CommandClass, hubId: number): MockNodeResponse | undefined {
  const say = (what: EntryControlCommand, payload: readonly number[]): MockNodeResponse =>
    reply(rawReport(hubId, CommandClasses['Entry Control'], what, payload));
  if (command instanceof EntryControlCCKeySupportedGet)
    return say(EntryControlCommand.KeySupportedReport, [DIGIT_KEYS.length, ...DIGIT_KEYS]);
  if (command instanceof EntryControlCCEventSupportedGet)
    return say(EntryControlCommand.EventSupportedReport, eventsOf(keypad));
  if (command instanceof EntryControlCCConfigurationGet)
    return say(EntryControlCommand.ConfigurationReport, [keypad.cacheSize, keypad.cacheTimeoutS]);
  if (command instanceof EntryControlCCConfigurationSet) return configured(keypad, command);
  if (command instanceof ManufacturerSpecificCCDeviceSpecificGet)
    return reply(serialReport(keypad.serial, hubId));
  if (command instanceof BatteryCCGet)
    return reply(new BatteryCCReport({ nodeId: hubId, level: keypad.batteryPercent }));
  return command instanceof IndicatorCCSet ? shown(keypad, command) : undefined;
}

function configured(keypad: SimKeypad, set: EntryControlCCConfigurationSet): MockNodeResponse {
  const { cacheSizeLimits: sizes, cacheTimeoutLimits: timeouts } = keypad;
  const { keyCacheSize: size, keyCacheTimeout: timeout } = set;
  if (size < sizes.min || size > sizes.max || timeout < timeouts.min || timeout > timeouts.max)
    return verdict('unsupported');
  keypad.cacheSize = size;
  keypad.cacheTimeoutS = timeout;
  return verdict(undefined);
}

function shown(keypad: SimKeypad, { values = [] }: IndicatorCCSet): MockNodeResponse {
  for (const { indicatorId } of values) {
    if (indicatorId === ACCEPTED) keypad.shown.accepted += 1;
    if (indicatorId === DENIED) keypad.shown.denied += 1;
  }
  return verdict(undefined);
}

/** Data types and events as bit masks, then the limits of the key cache. */
function eventsOf({ cacheSizeLimits: sizes, cacheTimeoutLimits: timeouts }: SimKeypad): number[] {
  const types = 1 << EntryControlDataTypes.ASCII;
  const events = (1 << EntryControlEventTypes.CachedKeys) | (1 << EntryControlEventTypes.Enter);
  return [1, types, 1, events, sizes.min, sizes.max, timeouts.min, timeouts.max];
}

function notification(hubId: number, { event, digits }: KeypadEntry, sequenceNumber: number): CommandClass {
  const type = event === 'enter' ? EntryControlEventTypes.Enter : EntryControlEventTypes.CachedKeys;
  const text = [...Buffer.from(digits, 'ascii')];
  while (text.length % TEXT_BLOCK !== 0) text.push(PADDING);
  const dataType = text.length === 0 ? EntryControlDataTypes.None : EntryControlDataTypes.ASCII;
  const payload = [sequenceNumber, dataType, type, text.length, ...text];
  return rawReport(hubId, CommandClasses['Entry Control'], EntryControlCommand.Notification, payload);
}
