import { keypadSuite } from './keypad-suite.ts';

keypadSuite('zwave');
