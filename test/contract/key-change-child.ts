import path from 'node:path';
import { changeKey } from '../../src/key-change.ts';
import { askForNextKey } from '../../src/store/next-key.ts';

// Replaces the key for ever and prints a line each time; to be killed by its parent.
const [dataDir = ''] = process.argv.slice(2);
const places = { dataDir, keyFile: path.join(dataDir, 'hub.key') };
for (;;) {
  askForNextKey(places.keyFile);
  changeKey(places);
  process.stdout.write('changed\n');
}
