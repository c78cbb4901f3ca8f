import { zigbeeFace } from './face-zigbee.ts';
import { radioContract, standing } from './port-contract.ts';

const rough = ['dl-schedules', 'dl-write-only', 'dl-plain'] as const;

radioContract(
  rough,
  standing(() => zigbeeFace([...rough, 'dl-base-0'])),
);
