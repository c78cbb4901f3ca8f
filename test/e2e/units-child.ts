import { Units } from './units.ts';

// The units of an installed hub as a process of their own, which is killed with all that it has started.
const [root = '', configFile = '', proveWithinMs = ''] = process.argv.slice(2);
new Units(root, configFile).boot(Number(proveWithinMs));
