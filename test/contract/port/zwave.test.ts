import { LOCK_MODELS } from '../../../drivers/sim/lock/model.ts';
import { zwaveFace } from './face-zwave.ts';
import { portContract } from './port-contract.ts';

portContract(Object.keys(LOCK_MODELS), ['uc-v1', 'uc-v2', 'u3c'], zwaveFace);
