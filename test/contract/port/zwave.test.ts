import { LOCK_MODELS } from '../../../drivers/sim/lock/model.ts';
import { zwaveFace } from './face-zwave.ts';
import { lockContract, radioContract, standing } from './port-contract.ts';

const rig = standing(zwaveFace);
lockContract({ all: Object.keys(LOCK_MODELS) }, rig);
radioContract(['u3c', 'uc-v2', 'uc-v1'], rig);
