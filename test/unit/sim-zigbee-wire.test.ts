import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { SimLock } from '../../drivers/sim/lock/lock.ts';
import { randomBytes, seededRandom } from '../../drivers/sim/random.ts';
import { Device } from '../../drivers/sim/zigbee/device.ts';
import { installCodeOf, linkKeyOf, zigbeeLabelOf } from '../../drivers/sim/zigbee/label.ts';
import { ZIGBEE_MODELS } from '../../drivers/sim/zigbee/model.ts';
import { startZigbeeNetwork } from '../../drivers/sim/zigbee/network.ts';
import { encodeLine, LineParser } from '../../drivers/sim/zigbee/unpi.ts';

const IEEE = '0x000d6ffffe000001';
const SUBSYSTEMS = 16;
const CLUSTERS = [0x0000, 0x0001, 0x0003, 0x0009, 0x000a, 0x0020, 0x0101, 0xfc00];

function lockOf(now = Date.now): SimLock {
  return new SimLock({ id: 'one', model: ZIGBEE_MODELS['dl-schedules'], address: 1, ieee: IEEE, now });
}

it('hashes an install code to the link key of the specification', () => {
  const code = Buffer.from('83FED3407A939723A5C639B26916D505C3B5', 'hex');
  expect(Buffer.from(linkKeyOf(code)).toString('hex')).toBe('66b6900981e1ee3ca4206b6b861c02bb');
  expect(installCodeOf('one')).toHaveLength(18);
  expect(zigbeeLabelOf('one', IEEE).qr).toMatch(/^Z:000D6FFFFE000001\$I:[0-9A-F]{36}$/);
});

it('cuts a line into frames wherever it is cut, and leaves out what is broken', () => {
  const frame = { type: 1, subsystem: 5, command: 2, content: Uint8Array.of(0xfe, 0, 0xfe) };
  const broken = encodeLine(frame).map((byte, index) => (index === 4 ? byte ^ 1 : byte));
  const line = [...encodeLine(frame), 0x11, ...broken, ...encodeLine(frame)];
  const parser = new LineParser();
  const frames = line.flatMap((byte) => parser.push(Uint8Array.of(byte)));
  expect(frames.filter(({ command }) => command === 2)).toEqual([frame, frame]);
});

it('outlives whatever a host says on the line', { timeout: 20_000 }, async () => {
  const random = seededRandom(7);
  const network = await startZigbeeNetwork({ locks: [lockOf()], port: 0, random });
  const socket = connect(network.port, '127.0.0.1');
  await once(socket, 'connect');
  const parser = new LineParser();
  let answers = 0;
  socket.on(
    'data',
    (bytes: Buffer) => (answers += parser.push(bytes).filter(({ type }) => type === 3).length),
  );
  const asked = 4000;
  for (let count = 0; count < asked; count += 1) {
    const subsystem = Math.floor(random() * SUBSYSTEMS);
    const command = Math.floor(random() * 0x70);
    const content = randomBytes(random, Math.floor(random() * 40));
    socket.write(encodeLine({ type: 1, subsystem, command, content }));
  }
  // Every request is answered, and be it with the error of the line.
  await expect.poll(() => answers, { timeout: 10_000 }).toBe(asked);
  socket.destroy();
  await network.stop();
});

it('outlives whatever a hub says to a lock, and answers nothing longer than a frame', () => {
  const random = seededRandom(8);
  let longest = 0;
  const model = ZIGBEE_MODELS['dl-schedules'];
  const device = new Device({
    lock: lockOf(),
    model,
    memory: { bindings: [], reports: [] },
    onChange: () => undefined,
    send: ({ content }) => (longest = Math.max(longest, content.length)),
  });
  for (let count = 0; count < 20_000; count += 1) {
    const cluster = CLUSTERS[Math.floor(random() * CLUSTERS.length)] ?? 0;
    const content = randomBytes(random, Math.floor(random() * 24));
    if (count % 2 === 0 && content.length > 2) content.set([count % 4 === 0 ? 0 : 1, 5, count % 0x18]);
    device.receive({ cluster, sourceEndpoint: 1, endpoint: 1, content });
  }
  const questions = Uint8Array.from({ length: 3 + 2 * 200 }, (_, index) =>
    index < 3 ? 0 : index % 2 === 1 ? 5 : 0,
  );
  device.receive({ cluster: 0, sourceEndpoint: 1, endpoint: 1, content: questions });
  device.stop();
  expect(longest).toBeGreaterThan(8);
  expect(longest).toBeLessThan(210);
});
