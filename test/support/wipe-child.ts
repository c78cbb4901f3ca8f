import { pino } from 'pino';
import { loadConfig } from '../../src/config.ts';
import { goOnWiping } from '../../src/wipe/go-on.ts';

const config = loadConfig(process.argv[2] ?? '');
if (!config.ok) process.exit(2);
// From here on, so that the loading of the program is not counted.
await import('./die-at-call.ts');
await goOnWiping(config.value, pino({ level: 'silent' }));
