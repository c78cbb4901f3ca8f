import { ZIGBEE_MODEL_NAMES, ZIGBEE_MODELS } from '../../../drivers/sim/zigbee/model.ts';
import { zigbeeFace } from './face-zigbee.ts';
import { lockContract, standing } from './port-contract.ts';

const coded = ZIGBEE_MODEL_NAMES.filter((name) => !ZIGBEE_MODELS[name].zigbee.noCodes);

lockContract(
  { all: ZIGBEE_MODEL_NAMES, coded },
  standing(() => zigbeeFace(ZIGBEE_MODEL_NAMES)),
);
