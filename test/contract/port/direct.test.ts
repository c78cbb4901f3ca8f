import { LOCK_MODELS, type ModelName } from '../../../drivers/sim/lock/model.ts';
import { directFace } from './face-direct.ts';
import { portContract } from './port-contract.ts';

const models = Object.keys(LOCK_MODELS) as ModelName[];

portContract({ all: models, rough: models }, () => directFace(models));
