import { DAY_MS, HOUR_MS, SECOND_MS } from '../core/time.ts';
import { offlineCode } from '../reference-cloud/offline-code.ts';
import type { CloudEvent } from './backend.ts';
import { expectNow, until } from './check.ts';
import type { Story } from './story.ts';

/** From the last key to the bolt, and to the light at the keypad. */
const ANSWER_WITHIN_MS = 5 * SECOND_MS;

/** The cloud makes a code while the hub can't be reached, and a guest types it at the keypad: once, and once more. */
export async function opensByOfflineCode(story: Story): Promise<readonly string[]> {
  const { house, door } = story;
  const { lock, keypadId } = door;
  const code = oneTimeCode(story);
  await house.act(lock.id, 'lock');
  const acceptedBefore = (await house.keypad(keypadId)).shown.accepted;
  await house.typeDigits(keypadId, code);
  await until(`${lock.id} to open, and ${keypadId} to show it`, ANSWER_WITHIN_MS, async () => {
    const { bolt } = await house.lock(lock.id);
    const { shown } = await house.keypad(keypadId);
    return {
      held: bolt === 'unlocked' && shown.accepted > acceptedBefore,
      seen: `${bolt}, and ${JSON.stringify(shown)} at the keypad`,
    };
  });
  await house.act(lock.id, 'lock');
  const deniedBefore = (await house.keypad(keypadId)).shown.denied;
  await house.typeDigits(keypadId, code);
  await until(`${keypadId} to refuse a code that was used`, ANSWER_WITHIN_MS, async () => {
    const { shown } = await house.keypad(keypadId);
    return { held: shown.denied > deniedBefore, seen: JSON.stringify(shown) };
  });
  const { bolt } = await house.lock(lock.id);
  expectNow(`${lock.id} to stay locked`, { held: bolt === 'locked', seen: bolt });
  return [
    `in the cloud: a code of ten digits for today, made from the secret alone`,
    `at the lock: ${keypadId} asks the hub, ${lock.id} opens, and stays shut when the code comes again`,
  ];
}

/** What the hub told of it, as soon as it could: that the lock was opened, and that it was not opened again. */
export function toldOfOfflineCode({ backend, door }: Story): readonly (CloudEvent | undefined)[] {
  const find = (type: string, about: (event: CloudEvent) => boolean): CloudEvent | undefined =>
    backend.events.findLast(
      (event) =>
        event.event_type === type && event['keypad_device_id'] === door.keypadDeviceId && about(event),
    );
  return [
    find('lock.unlocked', (event) => event['offline_window'] !== undefined),
    find('lock.access_denied', (event) => event['reason'] === 'burnt'),
  ];
}

function oneTimeCode({ secret, door }: Story): string {
  const startsAt = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  return offlineCode(secret, {
    deviceId: door.lock.deviceId,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(startsAt + DAY_MS).toISOString(),
    oneTimeNumber: 1,
  });
}
