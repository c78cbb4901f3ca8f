import { crashSuite } from './crash-suite.ts';

crashSuite('zwave', 'kill');
