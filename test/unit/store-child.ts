import { openStore } from '../../src/store/open-store.ts';
import { loadOrCreateKey } from '../../src/store/key-file.ts';
import { accessCode, event, lockState, slotRow } from './store-rows.ts';

// Commits for ever and prints the number of each commit after it returned; to be killed by its parent.
const [file = '', keyFile = ''] = process.argv.slice(2);
const store = openStore({ file, key: loadOrCreateKey({ keyFile, databaseExists: false }) });
let state = lockState('a');
store.commit(undefined, state, []);
for (let count = 1; ; count += 1) {
  const next = {
    lock: { ...state.lock, failures: count },
    codes: [accessCode('one', { failures: count })],
    slots: [slotRow(1, { writtenAt: count })],
  };
  store.commit(state, next, [event('lock.locked', { details: { count } })]);
  state = next;
  process.stdout.write(`${count}\n`);
}
