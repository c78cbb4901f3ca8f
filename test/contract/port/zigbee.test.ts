import { ZIGBEE_MODEL_NAMES } from '../../../drivers/sim/zigbee/model.ts';
import { zigbeeFace } from './face-zigbee.ts';
import { portContract } from './port-contract.ts';

portContract(ZIGBEE_MODEL_NAMES, ['dl-schedules', 'dl-write-only', 'dl-plain'], zigbeeFace);
