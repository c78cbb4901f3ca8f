import { expect, it } from 'vitest';
import { crc16 } from '../../drivers/sim/lock/checksum.ts';
import { userCodeChecksum } from '../../drivers/zwave/execute/checksum.ts';
import { Pin } from '../../src/core/pin.ts';

function pin(digits: string): Pin {
  const parsed = Pin.parse(digits);
  if (parsed === undefined) throw new Error('not a PIN');
  return parsed;
}

it('covers slot, status and digits, and is 0 for an empty lock', () => {
  // The lock's side computes it by itself; its function is held to the example of the specification.
  const bytes = Buffer.from('000301383834373301000234333231', 'hex');
  const held = [
    { slot: 3, pin: pin('88473'), enabled: true },
    { slot: 256, pin: pin('4321'), enabled: false },
  ];
  expect(userCodeChecksum(held)).toBe(crc16([...bytes]));
  expect(userCodeChecksum([])).toBe(0);
});
