import { Zcl } from 'zigbee-herdsman';
import { expect, it } from 'vitest';
import type { ApsMessage } from '../../drivers/sim/zigbee/child.ts';
import { KeypadDevice } from '../../drivers/sim/zigbee/keypad-device.ts';
import { ZIGBEE_KEYPAD_MODELS, type ZigbeeKeypadName } from '../../drivers/sim/zigbee/keypad-model.ts';
import { SimZigbeeKeypad } from '../../drivers/sim/zigbee/keypad.ts';

const HUB = '0x00124b0000000001';

/** A keypad that is bound, what it says as the library reads it, and a way to answer it as the library does. */
function keypadOf(name: ZigbeeKeypadName) {
  const keypad = new SimZigbeeKeypad('beside', '0x000d6ffffe000021', ZIGBEE_KEYPAD_MODELS[name]);
  const said: Zcl.Frame[] = [];
  const send = ({ cluster, content }: ApsMessage): void => {
    const bytes = Buffer.from(content);
    const header = Zcl.Header.fromBuffer(bytes);
    if (header !== undefined) said.push(Zcl.Frame.fromBuffer(cluster, header, bytes, {}));
  };
  const memory = { bindings: [], reports: [] };
  const device = new KeypadDevice({ keypad, memory, onChange: () => undefined, send });
  const { endpoint, outputs, inputs } = device.simple;
  for (const cluster of [...outputs, ...inputs])
    device.bind({ endpoint, cluster, target: HUB, targetEndpoint: 1 });
  const hear = (cluster: number, frame: Zcl.Frame): void =>
    device.receive({ cluster, endpoint, sourceEndpoint: 1, content: Uint8Array.from(frame.toBuffer()) });
  return { keypad, device, said, hear };
}

function frameOf(cluster: string, command: string, payload: object, sequence: number): Zcl.Frame {
  const direction = command === 'armRsp' ? Zcl.Direction.SERVER_TO_CLIENT : Zcl.Direction.CLIENT_TO_SERVER;
  const isGeneral = command === 'write' || command === 'read';
  const type = isGeneral ? Zcl.FrameType.GLOBAL : Zcl.FrameType.SPECIFIC;
  return Zcl.Frame.create(type, direction, true, undefined, sequence, command, cluster, payload, {});
}

it('asks about a code, and shows the answer to that question only', () => {
  const { keypad, said, hear } = keypadOf('ace-keypad');
  keypad.type('0012345678');
  expect(said.map(({ command, payload }) => [command.name, payload])).toEqual([
    ['arm', { armmode: 0, code: '0012345678', zoneid: 0 }],
  ]);
  const sequence = said[0]?.header.transactionSequenceNumber ?? 0;
  const answer = (number: number, armnotification: number): void =>
    hear(0x0501, frameOf('ssIasAce', 'armRsp', { armnotification }, number));
  answer(sequence + 1, 0);
  expect(keypad.shown).toEqual({ accepted: 0, denied: 0 });
  answer(sequence, 4);
  answer(sequence, 0);
  expect(keypad.shown).toEqual({ accepted: 0, denied: 1 });
});

it('sends each four digits where it can send no more', () => {
  const { keypad, said } = keypadOf('ace-four-digits');
  keypad.type('123456789');
  expect(said.map(({ payload }) => (payload as { code: string }).code)).toEqual(['1234', '5678']);
});

it('tells of its zone to the hub that has enrolled it, and keeps that', () => {
  const { keypad, device, said, hear } = keypadOf('ace-keypad');
  keypad.setTampered(true);
  expect(said).toEqual([]);
  const address = { attrId: 0x0010, dataType: Zcl.DataType.IEEE_ADDR, attrData: HUB };
  hear(0x0500, frameOf('ssIasZone', 'write', [address], 1));
  hear(0x0500, frameOf('ssIasZone', 'enrollRsp', { enrollrspcode: 0, zoneid: 23 }, 2));
  hear(0x0500, frameOf('ssIasZone', 'read', [{ attrId: 0x0000 }, { attrId: 0x0010 }], 3));
  expect(said.at(-1)?.payload).toMatchObject([{ attrData: 1 }, { attrData: HUB }]);
  keypad.setTampered(true);
  expect(said.at(-1)).toMatchObject({
    command: { name: 'statusChangeNotification' },
    payload: { zonestatus: 0b0100 },
  });
  expect(device.toJSON().panel).toBe(HUB);
  device.forget();
  expect(device.toJSON().panel).toBeUndefined();
});
