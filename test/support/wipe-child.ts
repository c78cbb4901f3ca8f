import { pino } from 'pino';
import { loadConfig } from '../../src/config.ts';
import { goOnWiping } from '../../src/wipe/go-on.ts';
// The last one, so that the loading of the program is not counted.
import './die-at-call.ts';

const config = loadConfig(process.argv[2] ?? '');
if (!config.ok) process.exit(2);
await goOnWiping(config.value, pino({ level: 'silent' }));
