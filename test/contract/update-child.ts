import { readFileSync } from 'node:fs';
import { loadConfig } from '../../src/config.ts';
import { supervisorOf, updateWhole } from './update-rig.ts';

// An update from beginning to end, to be killed in the middle of it.
const [root = '', configFile = '', signatureFile = '', works, migrates] = process.argv.slice(2);
const config = loadConfig(configFile);
if (!config.ok) throw new Error(config.mistakes.join());
const supervisor = supervisorOf(root, config.value, {
  works: works === 'works',
  migrates: migrates === 'migrates',
});
process.stdout.write('begins\n');
await updateWhole(supervisor, readFileSync(signatureFile, 'utf8'));
process.stdout.write('ended\n');
