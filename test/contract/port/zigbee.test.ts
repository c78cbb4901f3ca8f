import { ZIGBEE_MODEL_NAMES, ZIGBEE_MODELS } from '../../../drivers/sim/zigbee/model.ts';
import { zigbeeFace } from './face-zigbee.ts';
import { portContract } from './port-contract.ts';

portContract(
  {
    all: ZIGBEE_MODEL_NAMES,
    coded: ZIGBEE_MODEL_NAMES.filter((name) => !ZIGBEE_MODELS[name].zigbee.noCodes),
    rough: ['dl-schedules', 'dl-write-only', 'dl-plain'],
  },
  zigbeeFace,
);
