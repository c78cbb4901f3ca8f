import { LOCK_MODELS } from '../../../drivers/sim/lock/model.ts';
import { zwaveFace } from './face-zwave.ts';
import { portContract } from './port-contract.ts';

portContract({ all: Object.keys(LOCK_MODELS), rough: ['u3c', 'uc-v2', 'uc-v1'] }, zwaveFace);
