import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import mqtt, { type MqttClient } from 'mqtt';
import { Scene, startMosquitto } from '../contract/cloud-rig.ts';

const COMMANDS = Number(process.argv[2] ?? 2000);
/** The first ones are not counted: both sides are still being compiled. */
const WARM_UP = 200;
const ANSWER_MAX_MS = 30_000;
const LOCK = '6aae9d08-fed6-4ca5-8328-e36849ab48fe';

/** Hears everything, and calls whoever waits for it. */
class Sender {
  readonly #client: MqttClient;
  #heard: (topic: string, text: string) => void = () => undefined;

  constructor(client: MqttClient) {
    this.#client = client;
    if (client.stream instanceof Socket) client.stream.setNoDelay();
    client.on('message', (topic, payload) => this.#heard(topic, payload.toString()));
  }

  /** Milliseconds from sending, if anything is sent, to the first message of the kind that is waited for. */
  async heard(
    isIt: (topic: string, text: string) => boolean,
    send?: { readonly topic: string; readonly text: string },
  ): Promise<number> {
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('Waited in vain for an answer.')), ANSWER_MAX_MS);
      this.#heard = (topic, text) => {
        if (!isIt(topic, text)) return;
        clearTimeout(deadline);
        resolve(performance.now() - startedMs);
      };
      if (send) this.#client.publish(send.topic, send.text, { qos: 1 });
    });
  }
}

function commandOf(commandId: string): string {
  const expires = new Date(Date.now() + ANSWER_MAX_MS).toISOString();
  const params = { device_id: LOCK };
  return JSON.stringify({ v: 1, command_id: commandId, type: 'identify', expires_at: expires, params });
}

/** To the first result, and then waits for the end, so that nothing of it is left for the next one. */
async function askHub(sender: Sender): Promise<number> {
  const id = randomUUID();
  const states: string[] = [];
  const isResult = (topic: string, text: string): boolean => {
    if (topic !== 'lockhub/v1/hub/up/result' || !text.includes(id)) return false;
    states.push(String(JSON.parse(text).state));
    return true;
  };
  const tookMs = await sender.heard(isResult, { topic: 'lockhub/v1/hub/down/command', text: commandOf(id) });
  while (states.at(-1) !== 'succeeded') await sender.heard(isResult);
  return tookMs;
}

async function askBare(sender: Sender): Promise<number> {
  const id = randomUUID();
  const isEcho = (topic: string, text: string): boolean =>
    topic === 'lockhub/v1/bare/up/result' && text.includes(id);
  return sender.heard(isEcho, { topic: 'lockhub/v1/bare/down/command', text: commandOf(id) });
}

function quantile(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * part)] ?? Number.NaN;
}

const scene = new Scene();
try {
  const { url } = await startMosquitto(scene);
  const client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
  scene.atEnd(() => client.endAsync());
  const sender = new Sender(client);
  await client.subscribeAsync('lockhub/v1/+/up/#', { qos: 1 });
  for (const kind of ['hub', 'bare']) {
    const isThere = sender.heard((topic) => topic === `lockhub/v1/${kind}/up/hello`);
    const child = fork(path.join(import.meta.dirname, 'parts/answer-child.ts'), [kind, url, LOCK]);
    scene.atEnd(() => child.disconnect());
    await isThere;
  }
  const hubMs: number[] = [];
  const bareMs: number[] = [];
  for (let round = 0; round < WARM_UP + COMMANDS; round += 1) {
    const pair = [await askHub(sender), await askBare(sender)] as const;
    if (round < WARM_UP) continue;
    hubMs.push(pair[0]);
    bareMs.push(pair[1]);
  }
  console.log(
    `${COMMANDS} commands, each from its publishing to the first up/result, which the hub sends once the command is ` +
      'committed (its own PUBACK goes no further than the broker), in turn with a bare client that commits one row ' +
      'with synchronous=FULL and echoes:',
  );
  for (const part of [0.5, 0.99]) {
    const [hub, bare] = [quantile(hubMs, part), quantile(bareMs, part)];
    console.log(
      `p${part * 100}: hub ${hub.toFixed(2)} ms, round trip and commit ${bare.toFixed(2)} ms, ratio ${(hub / bare).toFixed(2)}`,
    );
  }
} finally {
  await scene.end();
}
