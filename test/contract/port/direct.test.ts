import { LOCK_MODELS, type ModelName } from '../../../drivers/sim/lock/model.ts';
import { directFace } from './face-direct.ts';
import { lockContract, radioContract, standing } from './port-contract.ts';

const models = Object.keys(LOCK_MODELS) as ModelName[];

const rig = standing(() => directFace(models));
lockContract({ all: models }, rig);
radioContract(models, rig);
