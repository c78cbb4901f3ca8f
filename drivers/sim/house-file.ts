import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { LOCK_MODELS, type ModelName } from './lock/model.ts';
import { ZIGBEE_KEYPAD_NAMES } from './zigbee/keypad-model.ts';
import { ZIGBEE_MODEL_NAMES, type ZigbeeModelName } from './zigbee/model.ts';

/** Node 1 is the stick itself; the mock knows no Long Range addresses. */
export const ADDRESS_MIN = 2;
export const ADDRESS_MAX = 232;
const LOCKS_MAX = 100;
const DRIFT_PPM_MAX = 10_000;

const zwaveModels = Object.keys(LOCK_MODELS) as [ModelName];

const planned = z.strictObject({
  /** Its name in the control interface. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'expected a name of a-z, 0-9 and -'),
  /** How many millionths of the time its clock gains. */
  drift_ppm: z.number().min(-DRIFT_PPM_MAX).max(DRIFT_PPM_MAX).default(0),
  admin_pin: z
    .string()
    .regex(/^[0-9]{4,8}$/, 'expected 4 to 8 digits')
    .optional(),
});

/** Z-Wave node id. */
const nodeId = z.int().min(ADDRESS_MIN).max(ADDRESS_MAX);
/** In lower case. */
const ieeeAddress = z.string().regex(/^0x[0-9a-f]{16}$/, 'expected 0x and 16 hex digits');

const plannedLock = z.discriminatedUnion('model', [
  planned.extend({
    model: z.enum(zwaveModels),
    address: nodeId,
  }),
  planned.extend({
    model: z.enum(ZIGBEE_MODEL_NAMES),
    address: ieeeAddress,
  }),
]);

const plannedKeypad = planned
  .pick({ id: true })
  .extend({ address: z.union([nodeId, ieeeAddress]), model: z.enum(ZIGBEE_KEYPAD_NAMES).optional() })
  .refine(
    ({ address, model }) => (typeof address === 'string') === (model !== undefined),
    'a Zigbee keypad has a model and an IEEE address, a Z-Wave keypad a node id',
  );

const housePlan = z
  .strictObject({
    locks: z.array(plannedLock).min(1).max(LOCKS_MAX),
    /** Keypads that tell their hub what is typed. Those with a model have Zigbee, all others Z-Wave. */
    keypads: z.array(plannedKeypad).max(LOCKS_MAX).default([]),
  })
  .refine(({ locks, keypads }) => unique([...locks, ...keypads].map(({ id }) => id)), 'two have the same id')
  .refine(
    ({ locks, keypads }) => unique([...locks, ...keypads].map(({ address }) => address)),
    'two have the same address',
  );

/** The locks of a house. */
export type HousePlan = z.infer<typeof housePlan>;

/** One lock of each model. */
export const DEFAULT_HOUSE: HousePlan = {
  locks: [
    { id: 'front-door', model: 'uc-v2', address: 2, drift_ppm: 0 },
    { id: 'back-door', model: 'uc-v1', address: 3, drift_ppm: 0 },
    { id: 'garage', model: 'uc-v1-masked', address: 4, drift_ppm: 0 },
    { id: 'office', model: 'u3c', address: 5, drift_ppm: 0 },
  ],
  keypads: [],
};

/** What hangs besides in the default house when it has a Zigbee stick. They ask to join, as new locks do. */
export const DEFAULT_ZIGBEE_LOCKS: HousePlan['locks'] = [
  { id: 'terrace', model: 'dl-schedules', address: '0x000d6ffffe000001', drift_ppm: 0 },
  { id: 'cellar', model: 'dl-base-0', address: '0x000d6ffffe000002', drift_ppm: 0 },
];

/** Whether a planned lock has Zigbee. */
export function isZigbeeName(model: ModelName | ZigbeeModelName): model is ZigbeeModelName {
  return ZIGBEE_MODEL_NAMES.some((name) => name === model);
}

/** The house file cannot be used; the message has one line a mistake, each naming the file and the key. */
export class HouseFileError extends Error {}

/** Reads a house from YAML. Throws `HouseFileError`. */
export function readHouseFile(file: string): HousePlan {
  const result = housePlan.safeParse(readYaml(file));
  if (result.success) return result.data;
  const lines = result.error.issues.map(
    (issue) => `${file}: ${issue.path.length === 0 ? 'house' : issue.path.join('.')}: ${issue.message}`,
  );
  throw new HouseFileError(lines.join('\n'));
}

function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new HouseFileError(`${file}: cannot be read`, { cause: error });
  }
  const document = parseDocument(text);
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    throw new HouseFileError(
      `${file}: line ${mistake.linePos?.[0].line ?? '?'}: ${mistake.message.split('\n')[0]}`,
    );
  }
  return document.toJS();
}

function unique(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}
