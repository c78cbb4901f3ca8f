/**
 * What Home Assistant accepts as a device discovery payload, as far as it concerns the platforms that this hub uses:
 * JSON Schema written after `DEVICE_DISCOVERY_SCHEMA`, `MQTT_ENTITY_COMMON_SCHEMA`, `MQTT_RO_SCHEMA`, `MQTT_RW_SCHEMA`
 * and the platforms' schemas in homeassistant/components/mqtt (schemas.py, config.py, lock.py, sensor.py,
 * binary_sensor.py, event.py; github.com/home-assistant/core, 2026), since the project publishes them only as Python.
 * Stricter in one way: Home Assistant ignores unknown keys of an entity, which here are mistakes.
 */

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const texts = { oneOf: [text, { type: 'array', items: text }] } as const;
const subscribed = { type: 'string', minLength: 1, maxLength: 65_535 } as const;
/** A topic that is published to has no wildcards. */
const published = { ...subscribed, pattern: '^[^+#\\0]+$' } as const;
const template = { type: 'string', pattern: '^[^{]*(\\{\\{[^{}]+\\}\\}[^{]*)*$' } as const;
const url = { type: 'string', format: 'uri' } as const;

const availability = {
  availability_topic: subscribed,
  availability_template: template,
  payload_available: text,
  payload_not_available: text,
  availability_mode: { enum: ['all', 'any', 'latest'] },
  availability: {
    type: 'array',
    items: {
      type: 'object',
      required: ['topic'],
      additionalProperties: false,
      properties: {
        topic: subscribed,
        payload_available: text,
        payload_not_available: text,
        value_template: template,
      },
    },
  },
} as const;

/** The two ways to say it exclude each other. */
const oneAvailability = { not: { required: ['availability', 'availability_topic'] } } as const;

const device = {
  type: 'object',
  additionalProperties: false,
  anyOf: [{ required: ['identifiers'] }, { required: ['connections'] }],
  properties: {
    identifiers: { oneOf: [text, { type: 'array', items: text, minItems: 1 }] },
    connections: {
      type: 'array',
      minItems: 1,
      items: { type: 'array', items: text, minItems: 2, maxItems: 2 },
    },
    manufacturer: text,
    model: text,
    model_id: text,
    name: text,
    hw_version: text,
    serial_number: text,
    sw_version: text,
    via_device: text,
    suggested_area: text,
    configuration_url: url,
  },
} as const;

const origin = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: { name: text, sw_version: text, support_url: url },
} as const;

const seconds = { type: 'integer', minimum: 0 } as const;

/** What every entity may have. */
const common = {
  ...availability,
  unique_id: text,
  name: { type: ['string', 'null'] },
  qos: { enum: [0, 1, 2] },
  encoding: text,
  group: texts,
  entity_picture: text,
  enabled_by_default: flag,
  visible_by_default: flag,
  entity_category: { enum: ['config', 'diagnostic'] },
  icon: { type: 'string', pattern: '^[a-z-]+:[a-z0-9-]+$' },
  json_attributes_topic: subscribed,
  json_attributes_template: template,
  default_entity_id: text,
  message_expiry_interval: seconds,
} as const;

function entity(platform: string, required: readonly string[], properties: object): object {
  return {
    type: 'object',
    required: ['platform', 'unique_id', ...required],
    additionalProperties: false,
    ...oneAvailability,
    properties: { ...common, platform: { const: platform }, ...properties },
  };
}

const readOnly = { state_topic: subscribed, value_template: template } as const;

const lock = entity('lock', ['command_topic'], {
  command_topic: published,
  state_topic: subscribed,
  value_template: template,
  optimistic: flag,
  retain: flag,
  code_format: text,
  command_template: template,
  payload_lock: text,
  payload_unlock: text,
  payload_open: text,
  payload_reset: text,
  state_jammed: text,
  state_locked: text,
  state_locking: text,
  state_open: text,
  state_opening: text,
  state_unlocked: text,
  state_unlocking: text,
});

/** Units that do not belong to a device class are refused; of all classes only what this hub uses is known here. */
const sensor = entity('sensor', ['state_topic', 'device_class', 'unit_of_measurement'], {
  ...readOnly,
  device_class: { const: 'battery' },
  unit_of_measurement: { const: '%' },
  state_class: { enum: ['measurement', 'measurement_angle', 'total', 'total_increasing'] },
  expire_after: seconds,
  force_update: flag,
  last_reset_value_template: template,
  suggested_display_precision: seconds,
});

const binarySensor = entity('binary_sensor', ['state_topic'], {
  ...readOnly,
  device_class: { enum: ['battery', 'connectivity', 'door', 'lock', 'problem', 'safety', 'tamper'] },
  expire_after: seconds,
  force_update: flag,
  off_delay: seconds,
  payload_on: text,
  payload_off: text,
});

const event = entity('event', ['state_topic', 'event_types'], {
  ...readOnly,
  device_class: { enum: ['button', 'doorbell', 'motion'] },
  event_types: { oneOf: [text, { type: 'array', items: text, minItems: 1 }] },
});

/** JSON Schema 2020-12 of the message at `{prefix}/device/{object_id}/config`. Its root takes no unknown keys. */
export const DEVICE_DISCOVERY = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['device', 'origin', 'components'],
  additionalProperties: false,
  ...oneAvailability,
  properties: {
    ...availability,
    device,
    origin,
    components: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        type: 'object',
        required: ['platform'],
        discriminator: { propertyName: 'platform' },
        oneOf: [lock, sensor, binarySensor, event],
      },
    },
    state_topic: subscribed,
    command_topic: published,
    message_expiry_interval: seconds,
    qos: { enum: [0, 1, 2] },
    encoding: text,
  },
} as const;
