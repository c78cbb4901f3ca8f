import { keypadSuite } from './keypad-suite.ts';

keypadSuite('zigbee');
