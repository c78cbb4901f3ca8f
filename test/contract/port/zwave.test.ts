import { LOCK_MODELS } from '../../../drivers/sim/lock/model.ts';
import { zwaveFace } from './face-zwave.ts';
import { lockContract, standing } from './port-contract.ts';

lockContract({ all: Object.keys(LOCK_MODELS) }, standing(zwaveFace));
