import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { PairingNow } from '../../src/core/radio-view.ts';
import type { StreamMessage } from '../../src/http/page/types.ts';
import { DOOR, pageScene, type PageScene } from './page-rig.ts';
import { until } from './cloud-rig.ts';

/** A page that listens, and what it has heard so far. */
async function listener(scene: PageScene, query = '') {
  const cut = new AbortController();
  onTestFinished(() => cut.abort());
  const answer = await fetch(`${scene.url}/page/stream${query}`, {
    headers: { cookie: scene.person.cookie },
    signal: cut.signal,
  });
  const heard: StreamMessage[] = [];
  const stream = { answer, heard, cut, hasEnded: false };
  const read = async (): Promise<void> => {
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString();
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const [, kind, data] = /^event: (\w+)\ndata: (.*)$/m.exec(part) ?? [];
        if (data !== undefined && kind !== 'alive') heard.push(JSON.parse(data) as StreamMessage);
      }
    }
  };
  void read()
    .catch(() => undefined)
    .finally(() => (stream.hasEnded = true));
  if (answer.ok) await until('the stream begins', () => heard.length > 0);
  return stream;
}

const kinds = (heard: readonly StreamMessage[]) => heard.map(({ kind }) => kind);

describe('the stream', () => {
  test('tells several changes together, with their events, and each once', async () => {
    const scene = await pageScene();
    const page = await listener(scene);
    expect(page.answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(page.answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.answer.headers.get('cache-control')).toBe('no-store');
    scene.happen((lock) => lock.hear({ kind: 'locked', method: 'manual', slot: null }));
    scene.happen((lock) => lock.hear({ kind: 'unlocked', method: 'keycode', slot: 1 }));
    await until('it is told', () => kinds(page.heard).includes('changed'));
    expect(page.heard).toMatchObject([
      { kind: 'hello', boot_id: 'b0070000-0000-4000-8000-000000000001' },
      { kind: 'event', event: { event_type: 'lock.locked', device_id: DOOR } },
      { kind: 'event', event: { event_type: 'lock.unlocked', access_code_id: 'guest-1' } },
      { kind: 'changed', device_ids: [DOOR] },
    ]);
  });

  test('tells how a command goes on', async () => {
    const scene = await pageScene();
    const page = await listener(scene);
    const { command_id } = await scene.command({ type: 'lock_door', device_id: DOOR });
    const commands = () =>
      page.heard.flatMap((message) => (message.kind === 'command' ? [message.command.state] : []));
    await until('it is told that it waits', () => commands().length === 1);
    scene.store.transaction(() => scene.store.commands.settle(command_id, { state: 'running' }, 1));
    await until('it is told that it runs', () => commands().length === 2);
    scene.store.transaction(() => scene.store.commands.settle(command_id, { state: 'expired' }, 2));
    await until('it is told that it ended', () => commands().length === 3);
    expect(commands()).toEqual(['accepted', 'running', 'expired']);
  });

  test('tells of radios, of a pairing and of the cloud', async () => {
    let pairing: PairingNow | null = null;
    let status: 'online' | 'waiting' = 'online';
    const told = new Set<() => void>();
    const scene = await pageScene({
      pairing: () => pairing,
      cloudLink: () => ({ status, lastFailure: null }),
      onRadioChange: (listen) => {
        told.add(listen);
        return () => told.delete(listen);
      },
    });
    expect(told.size).toBe(0);
    const page = await listener(scene);
    pairing = {
      commandId: 'c-1',
      kind: 'pair',
      radio: 'zwave',
      deviceId: null,
      closesAt: 0,
      stage: 'pin_needed',
      dsk: '12345 54321',
      progress: null,
      ended: null,
    };
    for (const tell of told) tell();
    await until('the pairing is told', () => kinds(page.heard).includes('pairing'));
    expect(page.heard.at(-1)).toMatchObject({
      pairing: { current: { stage: 'pin_needed', dsk: '12345 54321' } },
    });
    status = 'waiting';
    await until('the cloud is told', () => kinds(page.heard).includes('changed'));
    expect(page.heard.at(-1)).toEqual({ kind: 'changed', device_ids: [], hub: true });
    page.cut.abort();
    await until('nobody listens any more', () => told.size === 0);
  });

  test('has the lines of the log that are asked for', async () => {
    const scene = await pageScene();
    const [page, quiet] = [await listener(scene, '?log=warn'), await listener(scene)];
    for (const level of ['info', 'warn', 'error']) {
      scene.logRing.write(JSON.stringify({ level, time: '2026-03-02T12:00:00.000Z', msg: level }));
    }
    await until('they are told', () => page.heard.length === 3);
    expect(page.heard.slice(1)).toMatchObject([{ line: { level: 'warn' } }, { line: { level: 'error' } }]);
    expect(kinds(quiet.heard)).toEqual(['hello']);
  });

  test('is refused to the 21st, and an open one is kept', async () => {
    const scene = await pageScene();
    const open = [];
    for (let count = 0; count < 20; count += 1) open.push(await listener(scene));
    const refused = await listener(scene);
    expect(refused.answer.status).toBe(429);
    expect(open.some(({ hasEnded }) => hasEnded)).toBe(false);
    open[0]?.cut.abort();
    await until('there is room again', async () => {
      const again = await listener(scene);
      return again.answer.status === 200;
    });
  });

  test('ends with the session', async () => {
    const scene = await pageScene();
    const page = await listener(scene);
    await fetch(`${scene.url}/logout`, { method: 'POST', headers: scene.person.headers, redirect: 'manual' });
    await until('it ends', () => page.hasEnded);
    expect((await listener(scene)).answer.status).toBe(401);
  });

  test('ends when the session is too old, and when the hub stops', async () => {
    const scene = await pageScene();
    const page = await listener(scene);
    scene.clock.skippedMs += 13 * 3_600_000;
    await until('it ends', () => page.hasEnded);
    const other = await pageScene();
    const last = await listener(other);
    await other.http.stop();
    await until('it ends too', () => last.hasEnded);
  });

  test('of a reader that takes nothing is cut', async () => {
    const told = new Set<() => void>();
    const scene = await pageScene({
      onRadioChange: (listen) => {
        told.add(listen);
        return () => told.delete(listen);
      },
    });
    const socket = connect(Number(new URL(scene.url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined);
    let isClosed = false;
    socket.once('close', () => (isClosed = true));
    socket.write(
      `GET /page/stream?log=info HTTP/1.1\r\nhost: localhost\r\ncookie: ${scene.person.cookie}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    await until('the hub listens for it', () => told.size === 1);
    const line = { level: 'info', time: '2026-03-02T12:00:00.000Z', msg: 'x'.repeat(900) };
    await until('the hub has given it up', () => {
      for (let count = 0; count < 1000; count += 1) scene.logRing.write(JSON.stringify(line));
      return told.size === 0;
    });
    socket.resume();
    await until('its connection is over', () => isClosed);
  });
});
