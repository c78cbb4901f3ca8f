import { expect, it } from 'vitest';
import { quirksOf, type Quirks } from '../../drivers/zigbee/quirks.ts';

/** Names as locks of the field give them in their Basic cluster (database entries and fingerprints of other hubs). */
it.each<[manufacturer: string, model: string, Quirks]>([
  ['Yale', 'YRD226 TSDB', { firstSlot: 1, slots: 250 }],
  ['Yale', 'YRD226/246 TSDB', { firstSlot: 1, slots: 250 }],
  ['Yale', 'YRD256 TSDB', { firstSlot: 1, slots: 250 }],
  ['Yale', 'YRD256-TSDB', { firstSlot: 1, slots: 250, noCodes: true }],
  ['Yale', '', { firstSlot: 1, slots: 250, noCodes: true }],
  ['Yale', 'YRD210 PB DB', { firstSlot: 1, slots: 250, batteryFull: 100 }],
  ['Yale', 'YRL220 TS LL', { firstSlot: 1, slots: 250, batteryFull: 100 }],
  ['Yale', 'YRD220/240 TSDB', { firstSlot: 1, slots: 250, batteryFull: 100 }],
  ['Yale', 'YDM60', { firstSlot: 1, slots: 250, boltFromReports: true }],
  ['Yale', 'YMC 420 W', { firstSlot: 1, slots: 250, boltFromReports: true, writeOnly: true }],
  ['Yale', 'SOLIS01', { firstSlot: 1, slots: 250, batteryFull: 100, boltFromReports: true }],
  ['ASSA ABLOY iRevo', 'iZBModule01', { firstSlot: 1, slots: 30, batteryFull: 100 }],
  ['ASSA ABLOY iRevo', '06ffff2027', { firstSlot: 1, slots: 30, batteryFull: 100 }],
  ['ASSA ABLOY iRevo', '0600000001', { firstSlot: 1, slots: 250, batteryFull: 100 }],
  ['ASSA ABLOY iRevo', '06e0152204', { firstSlot: 1, slots: 100 }],
  ['Kwikset', 'SMARTCODE_DEADBOLT_10_L', { firstSlot: 0, slots: 30, noSchedules: true }],
  ['Weiser', 'SMARTCODE_DEADBOLT_10T', { firstSlot: 0, slots: 30, noSchedules: true }],
  [
    'Schlage',
    'BE468',
    { slots: 30, exactPinLength: true, constraints: [{ type: 'unique_first_four_digits' }] },
  ],
  ['Universal Electronics Inc', 'URC4450BC0-X-R', { keypadDigits: 4 }],
  ['frient A/S', 'KEPZB-110', {}],
  ['Danalock', 'V3-BTZBE', { slots: 20, pinLength: { min: 4, max: 11 }, noSchedules: true }],
  [
    'Onesti Products AS',
    'NimlyPRO24',
    {
      firstSlot: 3,
      slots: 997,
      batteryFull: 100,
      boltFromReports: true,
      tellsLastAction: true,
      slow: true,
    },
  ],
  ['Onesti Products AS', 'S4RX-110', {}],
  ['Datek', 'ID Lock 150', { firstSlot: 1, slots: 109, adminSlots: [108], pinLength: { min: 4, max: 10 } }],
  ['Datek', 'Motion Sensor', {}],
  ['Heimgard Technologies', 'HT-SLM-2', { slots: 39 }],
  ['Home Control AS', 'HC-SLM-1', { slots: 39 }],
  ['ShinaSystem', 'DLM-300Z', { firstSlot: 1, slots: 1, pinLength: { min: 4, max: 4 } }],
  ['Yunding', 'Ford', { blindBolt: true, noCodes: true }],
  ['SAMSUNG SDS', '', { noCodes: true }],
  ['_TYST12_bfejtdig', 'TY0A01', { noCodes: true }],
  ['LUMI', 'lumi.lock.acn02', { noCodes: true }],
  ['Papaiz', 'PSL200', { writeOnly: true }],
  ['Nobody', 'YRD226 TSDB', {}],
])('%s %s', (manufacturer, model, quirks) => {
  expect(quirksOf({ manufacturer, model })).toMatchObject(quirks);
  const { firstSlot, slots, noCodes, writeOnly, batteryFull } = quirksOf({ manufacturer, model });
  expect({ firstSlot, slots, noCodes, writeOnly, batteryFull }).toEqual({
    firstSlot: quirks.firstSlot,
    slots: quirks.slots,
    noCodes: quirks.noCodes,
    writeOnly: quirks.writeOnly,
    batteryFull: quirks.batteryFull,
  });
});
