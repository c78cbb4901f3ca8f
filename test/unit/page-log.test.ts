import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../src/http/page/types.ts';
import { isShown, lineText, LINES_MAX, merged } from '../../src/page/views/log/lines.ts';

const EVERYTHING = { level: 'trace', text: '', lock: null } as const;

function line(id: number, more: Partial<LogLine> = {}): LogLine {
  return { id, at: '2026-11-22T21:00:00.000Z', level: 'info', message: 'a line', fields: {}, ...more };
}

describe('the lines of the log', () => {
  it('come together in their order, each once', () => {
    const known = [1, 2, 5].map((id) => line(id));
    expect(
      merged(
        known,
        [3, 5, 6].map((id) => line(id)),
      ).map(({ id }) => id),
    ).toEqual([1, 2, 3, 5, 6]);
    expect(
      merged(
        known,
        [7, 6].map((id) => line(id)),
      ).map(({ id }) => id),
    ).toEqual([1, 2, 5, 6, 7]);
    expect(merged([], known)).toEqual(known);
  });

  it('are bounded: the oldest go', () => {
    const many = Array.from({ length: LINES_MAX }, (_, index) => line(index + 1));
    const after = merged(many, [line(LINES_MAX + 1)]);
    expect(after).toHaveLength(LINES_MAX);
    expect(after[0]?.id).toBe(2);
  });

  it('are filtered by level, by all of the words and wherever these are', () => {
    const warning = line(1, { level: 'warn', message: 'Radio gone', fields: { port: '/dev/ttyUSB0' } });
    expect(isShown(warning, EVERYTHING)).toBe(true);
    expect(isShown(warning, { ...EVERYTHING, level: 'error' })).toBe(false);
    expect(isShown(warning, { ...EVERYTHING, text: ' ttyusb0  radio ' })).toBe(true);
    expect(isShown(warning, { ...EVERYTHING, text: 'radio back' })).toBe(false);
  });

  it('belong to a lock by its device or by its address on the radio', () => {
    const lock = { device_id: 'd1', address: 7 };
    const about = (fields: LogLine['fields']): boolean =>
      isShown(line(1, { fields }), { ...EVERYTHING, lock });
    expect([{ deviceId: 'd1' }, { node: 7 }, { deviceId: 'd2' }, { node: 8 }, {}].map(about)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(
      isShown(line(1, { fields: {} }), { ...EVERYTHING, lock: { device_id: 'd1', address: null } }),
    ).toBe(false);
  });

  it('are copied with all of their fields', () => {
    const copied = lineText(line(1, { level: 'error', fields: { slot: 3, err: { message: 'gone' } } }));
    expect(copied).toBe('2026-11-22T21:00:00.000Z ERROR a line slot=3 err={"message":"gone"}');
  });
});
