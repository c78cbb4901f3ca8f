import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTerseBroker } from './terse-broker.ts';
import { Scene, startHub, until } from './cloud-rig.ts';

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(() => scene.end());

test.each([
  [142, '', 'refused', /^another client took the connection over with our client id lockhub-hub-1: is there/],
  [152, 'pay\n first', 'refused', /^the broker ended the connection: administrative action "pay first"/],
  [135, '', 'refused', /^the broker ended the connection: not authorized \(code 135\)$/],
  [139, '', 'waiting', /^the broker ended the connection: server shutting down \(code 139\)$/],
] as const)(
  'a goodbye with code %i %j is told in words, and counts as %s',
  async (code, words, status, said) => {
    const text = Buffer.from(words);
    const reason = words === '' ? [] : [0x1f, 0, text.length, ...text];
    const body = [code, reason.length, ...reason];
    const hub = startHub(scene, {
      url: await startTerseBroker(scene, Buffer.from([0xe0, body.length, ...body])),
    });
    await until('it is told', () => said.test(hub.cloud.state().lastFailure ?? ''));
    if (status === 'refused') expect(hub.cloud.state().status).toBe('refused');
    else expect(hub.cloud.state().status).not.toBe('refused');
  },
);
