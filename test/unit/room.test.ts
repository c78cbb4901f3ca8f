import { expect, test } from 'vitest';
import { mayReserve, roomAfter, roomBounds, type Room } from '../../src/core/room.ts';

const CARD = 16e9;
const MB = 1024 * 1024;
const look = (freeBytes: number, isRefused = false) => ({ freeBytes, totalBytes: CARD, isRefused });

test.each<readonly [before: Room, freeMb: number, after: Room]>([
  ['ample', 65, 'ample'],
  ['ample', 63, 'short'],
  ['short', 90, 'short'],
  ['short', 97, 'ample'],
  ['short', 1.9, 'none'],
  ['none', 2.9, 'none'],
  ['none', 3.1, 'short'],
  ['none', 97, 'ample'],
])('from %s with %d MB free it is %s', (before, freeMb, after) => {
  expect(roomAfter(before, look(freeMb * MB))).toBe(after);
});

test('a disk that refuses has no room, whatever it says is free', () => {
  expect(roomAfter('ample', look(CARD, true))).toBe('none');
});

test('small disks have smaller bounds, and the reserve never makes one short', () => {
  const totalBytes = 32 * MB;
  const { shortBytes, noneBytes, reserveBytes } = roomBounds(totalBytes);
  expect([shortBytes, noneBytes, reserveBytes]).toEqual([4 * MB, MB / 2, 2 * MB]);
  expect(mayReserve('ample', { totalBytes, freeBytes: 8 * MB, isRefused: false })).toBe(true);
  expect(mayReserve('ample', { totalBytes, freeBytes: 7 * MB, isRefused: false })).toBe(false);
  expect(mayReserve('short', { totalBytes, freeBytes: 8 * MB, isRefused: false })).toBe(false);
});
