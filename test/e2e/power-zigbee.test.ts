import { crashSuite } from './crash-suite.ts';

crashSuite('zigbee', 'power cut');
