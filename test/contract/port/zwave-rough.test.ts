import { zwaveFace } from './face-zwave.ts';
import { radioContract, standing } from './port-contract.ts';

radioContract(['u3c', 'uc-v2', 'uc-v1'], standing(zwaveFace));
