import { randomUUID } from 'node:crypto';
import type { RadioKind } from '../core/lock-event.ts';
import type { DemoLock } from './locks.ts';
import type { Stage } from './stage.ts';

const RADIO_NAMES: Readonly<Record<RadioKind, string>> = { zwave: 'Z-Wave', zigbee: 'Zigbee' };
const PIN = '4711';

type Hinted = Pick<Stage, 'broker' | 'controlUrl' | 'hubId' | 'locks' | 'door'>;

/** Lines that a person can copy into another terminal. */
export function hintsFor(stage: Hinted): readonly string[] {
  const { broker, controlUrl, hubId, locks } = stage;
  const shown = (['zwave', 'zigbee'] as const).flatMap((radio) => exampleOf(locks, radio) ?? []);
  const [lock] = shown;
  if (lock === undefined) return [];
  const at = `${controlUrl}/locks/${lock.id}`;
  const publish = `mosquitto_pub -p ${broker.port} -q 1 -t lockhub/v1/${hubId}/down`;
  const unlock = `{"v":1,"command_id":"'$(date +%s)'","type":"unlock_door","expires_at":"'$(date -u -d +1min +%FT%TZ)'","params":{"device_id":"${lock.deviceId}"}}`;
  return [
    '',
    'Every lock has a code "Owner" and one with a window. Try in another terminal:',
    '  hear what the hub tells its cloud',
    `    mosquitto_sub -p ${broker.port} -v -t 'lockhub/v1/${hubId}/up/#'`,
    ...shown.flatMap(({ id, deviceId, radio }) => [
      `  want another code on ${id} (${RADIO_NAMES[radio]}; a document replaces all codes of the lock), and type it there`,
      `    ${publish}/desired/${deviceId} -m '${documentText()}'`,
      `    curl -s ${controlUrl}/locks/${id}/keypad -d '{"pin":"${PIN}"}'`,
    ]),
    `  unlock ${lock.id} from afar`,
    `    ${publish}/command -m '${unlock}'`,
    '  be the cloud yourself: type help there',
    `    scripts/lockhub cloud --url mqtt://127.0.0.1:${broker.port} --db cloud.db`,
    ...offlineHints(stage),
    '  look at what is really on the lock',
    `    curl -s ${at}`,
    '  change a code at the lock itself, behind the back of the hub (it puts its own back)',
    `    curl -s ${at}/program -d '{"slot":1,"pin":"9999"}'`,
    '  hang a new lock at a door, then let it in on the page with the "qr" that this prints as its label',
    `    curl -s ${controlUrl}/join -d '{"radio":"zigbee","model":"dl-install-code"}'`,
    '  cut the internet of the hub, and bring it back',
    `    kill -USR2 ${process.pid}`,
    '  take the lock off the air, and bring it back',
    `    curl -s ${at}/fault -d '{"kind":"unreachable"}'`,
    `    curl -s ${at}/fault -d '{"kind":"none"}'`,
    '',
    'Ctrl-C ends the demo.',
    '',
  ];
}

/** A cloud of the person's own gives the hub a secret, and needs it for nothing more. */
function offlineHints({ broker, controlUrl, door }: Hinted): readonly string[] {
  const { lock, keypadId } = door;
  const cloud = `scripts/lockhub cloud --url mqtt://127.0.0.1:${broker.port} --db cloud.db`;
  const hours = '$(date -u +%FT%H:00Z) $(date -u -d +2hours +%FT%H:00Z)';
  return [
    `  open ${lock.id} by a code that the hub was never told: share a secret, cut the internet (below), make a code`,
    `    printf 'secret\\nwait\\n' | ${cloud}`,
    `    code=$(echo offline ${lock.deviceId} ${hours} | ${cloud} | grep -oE '^[0-9]{10}'); echo $code`,
    '  and type it at the keypad beside the door, which asks the hub; five wrong ones lock it out for a while',
    `    curl -s ${controlUrl}/keypads/${keypadId}/type -d '{"digits":"'$code'"}'`,
  ];
}

/** A lock of this radio, best one that lets the hub keep the time. */
function exampleOf(locks: readonly DemoLock[], radio: RadioKind): DemoLock | undefined {
  const ofRadio = locks.filter((lock) => lock.radio === radio);
  return ofRadio.find(({ native }) => !native) ?? ofRadio[0];
}

/** A desired document whose version grows with the time, for a shell. */
function documentText(): string {
  const code = { access_code_id: randomUUID(), name: 'Mine', code: PIN };
  return `{"v":1,"generation":1,"version":'$(date +%s)',"codes":[${JSON.stringify(code)}]}`;
}
