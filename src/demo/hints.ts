import { randomUUID } from 'node:crypto';
import type { Stage } from './stage.ts';

/** Lines that a person can copy into another terminal. */
export function hintsFor(stage: Pick<Stage, 'broker' | 'controlUrl' | 'hubId' | 'locks'>): readonly string[] {
  const { broker, controlUrl, hubId, locks } = stage;
  const lock = locks.find((candidate) => !candidate.native) ?? locks[0];
  if (lock === undefined) return [];
  const at = `${controlUrl}/locks/${lock.id}`;
  const mine = { access_code_id: randomUUID(), name: 'Mine', code: '4711' };
  const document = `{"v":1,"generation":1,"version":'$(date +%s)',"codes":[${JSON.stringify(mine)}]}`;
  const unlock = `{"v":1,"command_id":"'$(date +%s)'","type":"unlock_door","expires_at":"'$(date -u -d +1min +%FT%TZ)'","params":{"device_id":"${lock.deviceId}"}}`;
  const desired = `lockhub/v1/${hubId}/down/desired/${lock.deviceId}`;
  return [
    '',
    'Every lock has a code "Owner" and one with a window. Try in another terminal:',
    '  hear what the hub tells its cloud',
    `    mosquitto_sub -p ${broker.port} -v -t 'lockhub/v1/${hubId}/up/#'`,
    `  want another code on ${lock.id} (a document replaces all codes of the lock)`,
    `    mosquitto_pub -p ${broker.port} -q 1 -t ${desired} -m '${document}'`,
    `  type it at the keypad of ${lock.id}`,
    `    curl -s ${at}/keypad -d '{"pin":"${mine.code}"}'`,
    `  unlock ${lock.id} from afar`,
    `    mosquitto_pub -p ${broker.port} -q 1 -t lockhub/v1/${hubId}/down/command -m '${unlock}'`,
    '  be the cloud yourself: type help there',
    `    scripts/lockhub cloud --url mqtt://127.0.0.1:${broker.port} --db cloud.db`,
    '  look at what is really on the lock',
    `    curl -s ${at}`,
    '  change a code at the lock itself, behind the back of the hub (it puts its own back)',
    `    curl -s ${at}/program -d '{"slot":1,"pin":"9999"}'`,
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
