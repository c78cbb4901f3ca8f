import { CODE, FIELDS, fieldsOf, LOCK, type Sentence } from './sentence.ts';

/** What the cloud can do in a story. */
export const CLOUD_DEEDS: readonly Sentence[] = [
  {
    form: `the cloud wants ${CODE} on ${LOCK}(?:: ${FIELDS})?`,
    happens: true,
    act: (house, code, lock, fields) => {
      const deviceId = house.deviceId(lock);
      house.cloud.note(deviceId, house.names.idOf(code), fieldsOf(fields));
      house.cloud.sendNext(deviceId);
      return [];
    },
  },
  {
    form: `the cloud notes ${CODE} for ${LOCK}(?:: ${FIELDS})?`,
    act: (house, code, lock, fields) => {
      house.cloud.note(house.deviceId(lock), house.names.idOf(code), fieldsOf(fields));
      return [];
    },
  },
  {
    form: `the cloud sends its document of ${LOCK}`,
    happens: true,
    act: (house, lock) => {
      house.cloud.sendNext(house.deviceId(lock));
      return [];
    },
  },
  {
    form: `the cloud changes ${CODE} on ${LOCK}: ${FIELDS}`,
    happens: true,
    act: (house, code, lock, fields) => {
      const deviceId = house.deviceId(lock);
      const id = house.names.idOf(code);
      house.cloud.note(deviceId, id, { ...house.cloud.entry(deviceId, id), ...fieldsOf(fields) });
      house.cloud.sendNext(deviceId);
      return [];
    },
  },
  {
    form: `the cloud deletes ${CODE} from ${LOCK}`,
    happens: true,
    act: (house, code, lock) => {
      const deviceId = house.deviceId(lock);
      house.cloud.note(deviceId, house.names.idOf(code), null);
      house.cloud.sendNext(deviceId);
      return [];
    },
  },
  {
    form: `the cloud has the unmanaged ${CODE} deleted from ${LOCK}`,
    happens: true,
    act: (house, code, lock) => {
      const deviceId = house.deviceId(lock);
      house.cloud.bury(deviceId, house.names.idOf(code));
      house.cloud.sendNext(deviceId);
      return [];
    },
  },
  {
    form: `the broker delivers the document of ${LOCK} once more`,
    happens: true,
    act: (house, lock) => {
      house.cloud.sendAgain(house.deviceId(lock));
      return [];
    },
  },
];
