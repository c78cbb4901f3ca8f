import { expect, it } from 'vitest';
import { aheadOfAll } from '../../drivers/zigbee/frame-counter.ts';

function backupWith(frameCounter: number): string {
  return JSON.stringify({ coordinator_ieee: '00', network_key: { key: 'ab', frame_counter: frameCounter } });
}

function counterIn(text: string): number {
  return (JSON.parse(text) as { network_key: { frame_counter: number } }).network_key.frame_counter;
}

it('a stick that gets a network from a backup counts on above all that was sent since', () => {
  // A month of some frames a second.
  expect(counterIn(aheadOfAll(backupWith(1000)))).toBeGreaterThan(1000 + 30 * 86_400 * 3);
  expect(JSON.parse(aheadOfAll(backupWith(1000)))).toMatchObject({
    coordinator_ieee: '00',
    network_key: { key: 'ab' },
  });
});

it('a counter stays within its 32 bits, and what is no backup stays as it is', () => {
  expect(counterIn(aheadOfAll(backupWith(0xefff_ffff)))).toBeLessThan(2 ** 32);
  for (const text of ['', 'nonsense', '{}', '[]']) expect(aheadOfAll(text)).toBe(text);
});
