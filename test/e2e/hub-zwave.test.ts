import { hubSuite } from './hub-suite.ts';

hubSuite('zwave');
