/** Where Home Assistant says that it has started, whatever its prefix for discovery, and the word for it. */
const BIRTH_TOPIC = 'homeassistant/status';
export const BIRTH = 'online';

/** The topics of one hub: discovery below Home Assistant's prefix, all else below a root of its own. */
export interface Topics {
  /** Whether the hub is there; also its last will. */
  readonly availability: string;
  readonly birth: string;
  /** Filter of the commands to all locks. */
  readonly commands: string;
  discovery(deviceId: string): string;
  state(deviceId: string): string;
  event(deviceId: string): string;
  command(deviceId: string): string;
  /** The lock that a command is for; `undefined` for another topic. */
  deviceOf(topic: string): string | undefined;
}

export function topicsOf(hubId: string, prefix: string): Topics {
  const root = `lockhub/home-assistant/${hubId}`;
  return {
    availability: `${root}/availability`,
    birth: BIRTH_TOPIC,
    commands: `${root}/+/command`,
    discovery: (deviceId) => `${prefix}/device/lockhub_${deviceId}/config`,
    state: (deviceId) => `${root}/${deviceId}/state`,
    event: (deviceId) => `${root}/${deviceId}/event`,
    command: (deviceId) => `${root}/${deviceId}/command`,
    deviceOf: (topic) => {
      if (!topic.startsWith(`${root}/`)) return undefined;
      const [deviceId, last, ...more] = topic.slice(root.length + 1).split('/');
      return last === 'command' && more.length === 0 ? deviceId : undefined;
    },
  };
}
