import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  SeamActionAttemptFailedError,
  SeamActionAttemptTimeoutError,
  SeamHttp,
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  SeamHttpUnauthorizedError,
} from '@seamapi/http';
import { SeamWebhook } from '@seamapi/webhook';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { DemoUnderTest, LossyNetwork } from './official-client-rig.ts';
import { until } from './world.ts';

const SOON_MS = 60_000;

let under: DemoUnderTest;
let seam: DemoUnderTest['seam'];
let device_id: string;

beforeAll(async () => {
  under = await DemoUnderTest.start();
  ({ seam } = under);
  ({ device_id } = await under.device('back-door'));
});
afterAll(() => under.demo.end('SIGINT'));

async function failureOf(asked: PromiseLike<unknown>): Promise<SeamHttpApiError> {
  const ended: unknown = await Promise.resolve(asked).catch((error: unknown) => error);
  if (!(ended instanceof SeamHttpApiError)) throw new Error('no failure of the API', { cause: ended });
  expect(ended.requestId).toMatch(/^[\da-f-]{36}$/);
  return ended;
}

/** The client behind a network that loses the answers of its first requests. */
async function clientThatLoses(losses: number): Promise<{ client: SeamHttp; network: LossyNetwork }> {
  const network = new LossyNetwork(under.endpoint, losses);
  onTestFinished(() => network.close());
  const client = new SeamHttp({ apiKey: under.apiKey, endpoint: await network.open() });
  return { client, network };
}

test('wrong input is an error that names the parameter', async () => {
  const error = await failureOf(seam.accessCodes.create({ device_id, code: 'abcd', name: 'x' }));
  expect(error).toBeInstanceOf(SeamHttpInvalidInputError);
  expect((error as SeamHttpInvalidInputError).getValidationErrorMessages('code')).toHaveLength(1);
  expect(error).toMatchObject({ statusCode: 400, code: 'invalid_input' });
});

test('a wrong key is an error of its own', async () => {
  const stranger = new SeamHttp({ apiKey: 'seam_hub_00000000_wrong', endpoint: under.endpoint });
  const error = await failureOf(stranger.devices.list());
  expect(error).toBeInstanceOf(SeamHttpUnauthorizedError);
  expect(error).toMatchObject({ statusCode: 401, code: 'unauthorized' });
});

test('what is not there, taken, or owned by the cloud is told by its type', async () => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  expect(await failureOf(seam.devices.get({ device_id: nobody }))).toMatchObject({
    statusCode: 404,
    code: 'device_not_found',
  });
  const [owned] = await seam.accessCodes.list({ device_id });
  const access_code_id = owned?.access_code_id ?? '';
  expect(await failureOf(seam.accessCodes.delete({ access_code_id }))).toMatchObject({
    statusCode: 403,
    code: 'cloud_owned',
  });
  expect(await failureOf(seam.accessCodes.create({ device_id, code: owned?.code ?? '' }))).toMatchObject({
    statusCode: 409,
    code: 'duplicate_access_code',
  });
});

test('a bolt that is stuck fails the attempt, and a client that is impatient gives up', async () => {
  await under.happen('back-door', 'jam', {});
  const stuck: unknown = await seam.locks
    .unlockDoor({ device_id }, { waitForActionAttempt: { timeout: SOON_MS } })
    .execute()
    .catch((error: unknown) => error);
  expect(stuck).toBeInstanceOf(SeamActionAttemptFailedError);
  expect(stuck).toMatchObject({ code: 'jammed', actionAttempt: { status: 'error' } });
  await under.happen('back-door', 'jam', { active: false });
  await under.happen('back-door', 'bolt', { travel_ms: 3000 });
  const slow: unknown = await seam.locks
    .unlockDoor({ device_id }, { waitForActionAttempt: { timeout: 200, pollingInterval: 50 } })
    .execute()
    .catch((error: unknown) => error);
  expect(slow).toBeInstanceOf(SeamActionAttemptTimeoutError);
  const { actionAttempt } = slow as SeamActionAttemptTimeoutError<never>;
  const { action_attempt_id } = actionAttempt as { action_attempt_id: string };
  expect(
    await seam.actionAttempts.get({ action_attempt_id }, { waitForActionAttempt: { timeout: SOON_MS } }),
  ).toMatchObject({ status: 'success' });
  expect((await under.lock('back-door')).bolt).toBe('unlocked');
});

test('codes whose making was answered to nobody are made once', async () => {
  const { client, network } = await clientThatLoses(2);
  const made = await client.accessCodes.createMultiple({ device_ids: [device_id], name: 'Once' });
  expect(network.lost).toBe(2);
  expect(made).toHaveLength(1);
  const named = await seam.accessCodes.list({ device_id, search: 'Once' });
  expect(named.map(({ access_code_id }) => access_code_id)).toEqual(
    made.map(({ access_code_id }) => access_code_id),
  );
});

test('a deletion whose answer was lost may be sent again', async () => {
  const { access_code_id } = await seam.accessCodes.create({ device_id, name: 'Gone' });
  const { client, network } = await clientThatLoses(1);
  const ended: unknown = await Promise.resolve(client.accessCodes.delete({ access_code_id })).catch(
    (error: unknown) => error,
  );
  expect(network.lost).toBe(1);
  // The lock may have been quicker than the second request.
  if (ended !== undefined) expect(ended).toMatchObject({ statusCode: 404, code: 'access_code_not_found' });
  await until('the code is gone', SOON_MS, async () =>
    (await seam.accessCodes.list({ access_code_ids: [access_code_id] })).length === 0 ? true : undefined,
  );
});

test('a new code is asked for once, so that a lost answer makes no second one', async () => {
  const { client, network } = await clientThatLoses(1);
  await expect(Promise.resolve(client.accessCodes.create({ device_id, name: 'Perhaps' }))).rejects.toThrow();
  expect(network.lost).toBe(1);
  expect(await seam.accessCodes.list({ device_id, search: 'Perhaps' })).toHaveLength(1);
});

test('events reach a webhook, and its verifier takes them', async () => {
  const heard: { request: IncomingMessage; body: string }[] = [];
  const receiver = createServer((request, response) => {
    void text(request).then((body) => heard.push({ request, body }));
    response.writeHead(204).end();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  onTestFinished(() => void receiver.close());
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const event_types = ['action_attempt.lock_door.succeeded'];
  const { webhook_id, secret } = await seam.webhooks.create({ url, event_types });
  await under.happen('back-door', 'bolt', { travel_ms: 0 });
  const attempt = await seam.locks.lockDoor({ device_id }, { waitForActionAttempt: { timeout: SOON_MS } });
  const first = await until('the webhook is called', SOON_MS, () => heard[0]);
  const verifier = new SeamWebhook(secret ?? '');
  const headers = first.request.headers as Record<string, string>;
  expect(verifier.verify(first.body, headers)).toMatchObject({
    event_type: 'action_attempt.lock_door.succeeded',
    action_attempt_id: attempt.action_attempt_id,
    device_id,
  });
  expect(() => verifier.verify(first.body.replace('success', 'failure'), headers)).toThrow();
  await seam.webhooks.delete({ webhook_id });
});
