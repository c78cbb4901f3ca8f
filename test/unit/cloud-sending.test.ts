import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Sending } from '../../src/cloud/sending.ts';

const TIMEOUT_MS = 1000;

let gone: number;
/** Acknowledgements that a broker could send now, in the order of what was sent. */
let sent: ((taken: boolean) => void)[];
let sending: Sending;

beforeEach(() => {
  vi.useFakeTimers();
  gone = 0;
  sent = [];
  sending = new Sending(TIMEOUT_MS, () => (gone += 1));
});
afterEach(() => vi.useRealTimers());

const publish = (): Promise<boolean> => sending.publish((done) => sent.push(done));

test('a broker that acknowledges nothing is gone after the time-out, and one with nothing to acknowledge is not', () => {
  void publish();
  vi.advanceTimersByTime(TIMEOUT_MS - 1);
  expect(gone).toBe(0);
  vi.advanceTimersByTime(1);
  expect(gone).toBe(1);

  const idle = new Sending(TIMEOUT_MS, () => (gone += 1));
  void idle.publish((done) => done(true));
  vi.advanceTimersByTime(100 * TIMEOUT_MS);
  expect(gone).toBe(1);
});

test('a window that goes slowly through a thin line is not given up while acknowledgements come', async () => {
  const taken = Array.from({ length: 8 }, publish);
  for (const acknowledge of sent) {
    vi.advanceTimersByTime(TIMEOUT_MS - 1);
    acknowledge(true);
  }
  expect(gone).toBe(0);
  expect(await Promise.all(taken)).toEqual(taken.map(() => true));
});

test('a message that is forgotten among others is missed after ten time-outs', () => {
  void publish();
  for (let count = 0; count < 10; count += 1) {
    void publish();
    vi.advanceTimersByTime(TIMEOUT_MS - 1);
    sent.at(-1)?.(true);
    expect(gone).toBe(0);
  }
  void publish();
  vi.advanceTimersByTime(TIMEOUT_MS - 1);
  sent.at(-1)?.(true);
  expect(gone).toBe(1);
});

test('no more are on their way than the broker wants, and the others follow in order', async () => {
  sending.limit(2);
  const order: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    void sending.publish((done) => {
      order.push(name);
      sent.push(done);
    });
  }
  expect(order).toEqual(['a', 'b']);
  sent[1]?.(true);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('at a goodbye nothing more goes out, and it is over when all that went is acknowledged', async () => {
  sending.limit(1);
  const [first, second] = [publish(), publish()];
  let isOver = false;
  const settled = sending.settled().then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(1);
  expect(isOver).toBe(false);
  sent[0]?.(true);
  await settled;
  expect(await first).toBe(true);
  expect(sent).toHaveLength(1);
  sending.end();
  expect(await second).toBe(false);
});

test('what is on its way when the connection ends is not taken, and nobody waits for it any more', async () => {
  const waiting = [publish(), publish()];
  sending.end();
  expect(await Promise.all(waiting)).toEqual([false, false]);
  sent[0]?.(false);
  vi.advanceTimersByTime(100 * TIMEOUT_MS);
  expect(gone).toBe(0);
});
