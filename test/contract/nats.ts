import { spawn } from 'node:child_process';
import path from 'node:path';
import { answers, ended, freePort, until, type Broker, type Scene } from './cloud-rig.ts';

/** How NATS delivers again what was not acknowledged: after this time, also to a client that came back meanwhile. */
interface Delivery {
  readonly ackWait: string;
  /** Messages that wait for an acknowledgement. */
  readonly pendingMax: number;
}

const DELIVERY: Delivery = { ackWait: '2s', pendingMax: 100 };

/** A real NATS server: MQTT 3.1.1 on JetStream. `lines` go into its configuration. */
export async function startNats(
  scene: Scene,
  lines: readonly string[] = [],
  { ackWait, pendingMax } = DELIVERY,
): Promise<Broker> {
  const [natsPort, port] = [await freePort(), await freePort()];
  const config = [
    `listen: 127.0.0.1:${natsPort}`,
    'server_name: one',
    `jetstream { store_dir: "${path.join(scene.dir, `nats-${port}`)}" }`,
    `mqtt { listen: "127.0.0.1:${port}", ack_wait: "${ackWait}", max_ack_pending: ${pendingMax} }`,
    ...lines,
  ];
  const file = scene.file(`nats-${port}.conf`, `${config.join('\n')}\n`);
  const child = spawn('/usr/sbin/nats-server', ['-c', file], { stdio: 'ignore' });
  const stop = () => ended(child, 'SIGTERM');
  scene.atEnd(stop);
  await until('NATS listens', () => answers(port));
  return { port, url: `mqtt://127.0.0.1:${port}`, stop };
}
