/** The radio of a world's locks. */
export type WorldRadio = 'zwave' | 'zigbee';

/** A door of a house file. */
interface Door {
  readonly id: string;
  readonly model: string;
}

/** Zigbee locks that differ in where and how they count users, in what they show, and in schedules. */
export const FOUR_ZIGBEE_DOORS: readonly Door[] = [
  { id: 'front-door', model: 'dl-schedules' },
  { id: 'back-door', model: 'dl-plain' },
  { id: 'garage', model: 'dl-base-0' },
  { id: 'office', model: 'dl-endpoint-2' },
];

/** With one that joins only with the code on its label. */
export const ALL_ZIGBEE_DOORS: readonly Door[] = [
  ...FOUR_ZIGBEE_DOORS,
  { id: 'cellar', model: 'dl-install-code' },
];

/** The text of a house file with these Zigbee locks. JSON is YAML. */
export function zigbeeHouse(doors: readonly Door[]): string {
  const locks = doors.map((door, index) => ({ ...door, address: `0x000d6ffffe0000${String(index + 10)}` }));
  return JSON.stringify({ locks });
}
