import type { Lock } from '../core/lock.ts';
import type { Topics } from './topics.ts';

/** A wish to move a bolt is worth nothing later on; brokers of MQTT 5 and newer versions of Home Assistant obey this. */
export const COMMAND_EXPIRY_SECONDS = 30;

export const PAYLOADS = {
  available: 'online',
  unavailable: 'offline',
  lock: 'LOCK',
  unlock: 'UNLOCK',
  on: 'ON',
  off: 'OFF',
} as const;

/** What a bolt can be found doing, in the words of Home Assistant's MQTT lock. */
export type BoltState = 'LOCKED' | 'UNLOCKED' | 'JAMMED' | 'LOCKING' | 'UNLOCKING';

export const CODE_EVENTS = ['used', 'denied'] as const;

/**
 * One lock with all its entities: the payload of Home Assistant's device discovery, with no abbreviations
 * (https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload). All entities read their values from one
 * retained state message. The root takes no unknown keys, and every entity is there as long as the hub is; only what
 * a lock that is lost can't tell any more goes with the lock.
 */
export function discoveryOf(lock: Lock, topics: Topics, version: string): Record<string, unknown> {
  const { deviceId } = lock;
  const id = `lockhub_${deviceId}`;
  const hub = { topic: topics.availability };
  const reachable = {
    topic: topics.state(deviceId),
    value_template: '{{ value_json.connectivity }}',
    payload_available: PAYLOADS.on,
    payload_not_available: PAYLOADS.off,
  };
  const entity = (platform: string, key: string, fields: object): object => ({
    platform,
    unique_id: `${id}_${key}`,
    state_topic: topics.state(deviceId),
    value_template: `{{ value_json.${key} }}`,
    qos: 1,
    ...fields,
  });
  const withLock = { availability: [hub, reachable], availability_mode: 'all' };
  const diagnostic = { entity_category: 'diagnostic' };
  return {
    device: {
      identifiers: [id],
      // Several locks of one model can be told apart by their addresses.
      name: [lock.model || 'Lock', lock.address].filter((part) => part !== null).join(' '),
      ...(lock.model ? { model: lock.model } : {}),
    },
    origin: { name: 'lockhub', sw_version: version },
    availability: [hub],
    components: {
      lock: entity('lock', 'lock', { name: null, ...withLock, ...commandsTo(deviceId, topics) }),
      battery: entity('sensor', 'battery', {
        name: 'Battery',
        device_class: 'battery',
        state_class: 'measurement',
        unit_of_measurement: '%',
        ...diagnostic,
        ...withLock,
      }),
      connectivity: entity('binary_sensor', 'connectivity', {
        name: 'Connectivity',
        device_class: 'connectivity',
        ...diagnostic,
      }),
      codes_out_of_sync: entity('binary_sensor', 'codes_out_of_sync', {
        name: 'Codes out of sync',
        device_class: 'problem',
        ...diagnostic,
      }),
      code_used: {
        platform: 'event',
        unique_id: `${id}_code_used`,
        name: 'Code used',
        state_topic: topics.event(deviceId),
        event_types: CODE_EVENTS,
        qos: 1,
      },
    },
  };
}

/** Never retained, or a hub that comes back would move bolts that nobody wants moved any more. */
function commandsTo(deviceId: string, topics: Topics): object {
  return {
    command_topic: topics.command(deviceId),
    payload_lock: PAYLOADS.lock,
    payload_unlock: PAYLOADS.unlock,
    optimistic: false,
    retain: false,
    message_expiry_interval: COMMAND_EXPIRY_SECONDS,
  };
}
