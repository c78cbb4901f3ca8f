import { describe, expect, it } from 'vitest';
import { installCodeOf } from '../../drivers/zigbee/pairing/install-code.ts';

/** The example of the Zigbee base device specification (10.1.1), checksum and all. */
const CODE = '83FED3407A939723A5C639B26916D505C3B5';
const IEEE = '00124B001234ABCD';

describe('the text of a label', () => {
  it.each([
    `Z:${IEEE}$I:${CODE}`,
    `SN:77$Z:${IEEE.toLowerCase()}$I:${CODE}%maker`,
    ` ${IEEE}|${CODE}\n`,
    `|${IEEE}|${CODE.slice(0, -4)}|`,
    `G$M:LOCK$A:${IEEE}$I:${CODE}`,
    `HUE:Z:${CODE} M:${IEEE}`,
    `HUE:Z:${CODE}M:${IEEE}`,
  ])('names the lock: %s', (text) => {
    expect(installCodeOf(text)?.ieee).toBe('0x00124b001234abcd');
  });

  it('is refused with a digit that is wrong or missing', () => {
    for (let at = 0; at < CODE.length; at += 1) {
      const other = CODE[at] === '0' ? '1' : '0';
      expect(installCodeOf(`${IEEE}|${CODE.slice(0, at)}${other}${CODE.slice(at + 1)}`)).toBeUndefined();
    }
    expect(installCodeOf(`${IEEE}|${CODE.slice(1)}`)).toBeUndefined();
    expect(installCodeOf(`${IEEE}|`)).toBeUndefined();
    expect(installCodeOf('900112345')).toBeUndefined();
  });
});
