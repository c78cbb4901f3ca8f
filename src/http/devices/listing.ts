import { z } from 'zod';
import { deviceOf, type Device } from '../device-object.ts';
import type { ApiParts } from '../route.ts';

const IDS_MAX = 1000;
const TEXT_CHARS_MAX = 200;
/** A part of an id is looked for from so many characters on: fewer are in nearly every id. */
const ID_SEARCH_CHARS_MIN = 4;

const text = z.string().max(TEXT_CHARS_MAX).nullish();
const texts = z.array(z.string().max(TEXT_CHARS_MAX)).max(IDS_MAX).nullish();
/** A hub has nothing of the kind, so no lock belongs to any. */
const ofNoLock = text.describe('A hub has none, so that nothing is found by it.');

/** The filters of every list of locks: all that are given must hold. */
export const deviceFilters = {
  device_ids: texts,
  device_type: text,
  device_types: texts,
  manufacturer: text,
  connected_account_id: text,
  connected_account_ids: texts,
  created_before: z.iso.datetime({ offset: true }).nullish(),
  custom_metadata_has: z
    .record(z.string(), z.union([z.string(), z.boolean(), z.null()]))
    .nullish()
    .describe('`null`: the key is not there. In a query: `custom_metadata_has.key=value`.'),
  search: text.describe('Part of a name, of a note or of an id.'),
  connect_webview_id: ofNoLock,
  customer_key: ofNoLock,
  space_id: ofNoLock,
  unstable_location_id: ofNoLock,
  user_identifier_key: ofNoLock,
};

const filterSchema = z.object(deviceFilters);
type DeviceFilter = z.output<typeof filterSchema>;

/** The locks that were met and that a filter finds, in ascending order of their ids. */
export function devicesOf(parts: ApiParts, filter: DeviceFilter = {}): readonly Device[] {
  const all = parts.store.deviceIds().flatMap((deviceId) => deviceOf(deviceId, parts) ?? []);
  return all.filter((device) => isWanted(device, filter));
}

function isWanted(device: Device, filter: DeviceFilter): boolean {
  const { device_id, device_type, connected_account_id, properties } = device;
  const { connect_webview_id, customer_key, space_id, unstable_location_id, user_identifier_key } = filter;
  const strangers = [connect_webview_id, customer_key, space_id, unstable_location_id, user_identifier_key];
  return (
    strangers.every((given) => given == null) &&
    isOneOf(device_id, filter.device_ids) &&
    isOneOf(device_type, filter.device_types) &&
    isOneOf(connected_account_id, filter.connected_account_ids) &&
    (filter.device_type ?? device_type) === device_type &&
    (filter.connected_account_id ?? connected_account_id) === connected_account_id &&
    (filter.manufacturer ?? properties.manufacturer) === properties.manufacturer &&
    isBefore(device, filter.created_before) &&
    hasMetadata(device, filter.custom_metadata_has ?? {}) &&
    isFound(device, filter.search?.toLowerCase() ?? '')
  );
}

function isOneOf(value: string, wanted: readonly string[] | null | undefined): boolean {
  return wanted == null || wanted.includes(value);
}

function isBefore({ created_at }: Device, instant: string | null | undefined): boolean {
  return instant == null || Date.parse(created_at) < Date.parse(instant);
}

/** In a query every value is a text, also `true` and `false`. */
function hasMetadata(
  { custom_metadata }: Device,
  wanted: Readonly<Record<string, string | boolean | null>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => {
    const held = Object.hasOwn(custom_metadata, key) ? custom_metadata[key] : undefined;
    return value === null ? held === undefined : held !== undefined && String(held) === String(value);
  });
}

function isFound({ device_id, connected_account_id, display_name, custom_metadata }: Device, part: string) {
  const notes = Object.values(custom_metadata).filter((value) => typeof value === 'string');
  const ids = part.length < ID_SEARCH_CHARS_MIN ? [] : [device_id, connected_account_id];
  return part === '' || [display_name, ...notes, ...ids].some((held) => held.toLowerCase().includes(part));
}
