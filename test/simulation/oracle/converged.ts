import type { SimLock } from '../../../drivers/sim/lock/lock.ts';
import type { LockState } from '../../../src/core/lock.ts';
import type { World } from '../world.ts';
import type { Ledger } from './ledger.ts';

/** With all faults healed and time given: nothing is left to do, and the cloud knows everything. */
export function checkConverged(
  world: World,
  ledger: Ledger,
  isUnheard: (lock: SimLock, slot: number) => boolean,
  isWrittenNow: (lock: SimLock, slot: number) => boolean,
): void {
  const { life, cloud, locks } = world;
  if (life === null) throw new Error('The hub is dead at the end');
  for (const lock of locks) {
    const deviceId = world.deviceIdOf(lock);
    const state = deviceId === undefined ? undefined : life.store.lockState(deviceId);
    if (deviceId === undefined || state === undefined) throw new Error(`${lock.id} was never met`);
    checkVersions(world, lock, state);
    // Some window may end at this very instant.
    const isChanging = (slot: number): boolean => isWrittenNow(lock, slot);
    if (!world.deceit.everWas(lock)) checkPins(lock, state, ledger, isChanging);
    const isSecret = (slot: number): boolean => world.deceit.concerns(lock, slot) || isChanging(slot);
    checkTable(lock, state, isSecret);
    checkUnmanaged(lock, state, (slot) => isUnheard(lock, slot) || isSecret(slot));
  }
  if (cloud.received !== life.store.outbox.head()) {
    throw new Error(`The cloud has events up to ${cloud.received} of ${life.store.outbox.head()}`);
  }
}

function checkVersions(world: World, lock: SimLock, state: LockState): void {
  const { cloud } = world;
  const { lock: row } = state;
  const { deviceId, generation, versionReceived, versionApplied } = row;
  const wanted = cloud.documents.get(deviceId);
  if (wanted === undefined) return;
  if (generation !== wanted.generation || versionReceived !== wanted.version) {
    throw new Error(
      `${lock.id} has ${generation}/${versionReceived}, not ${wanted.generation}/${wanted.version}`,
    );
  }
  if (versionApplied !== versionReceived) {
    if (world.deceit.everWas(lock) && isHeldUp(state)) return;
    throw new Error(`${lock.id} has not applied ${versionReceived}`);
  }
  const reported = cloud.reported(deviceId);
  if (reported?.version !== versionReceived || reported.generation !== generation) {
    throw new Error(`${lock.id} was not reported`);
  }
}

/** The slot of one code holds the PIN of another: a lock that lied kept it from an earlier time of that code. */
function isHeldUp({ codes, slots }: LockState): boolean {
  return slots.some(({ owner, content }) => {
    const held = content.kind === 'pin' && owner !== null ? content.pin : undefined;
    return codes.some(({ accessCodeId, pin }) => accessCodeId !== owner && held && pin?.equals(held));
  });
}

/** Only what somebody wants, or somebody typed in, is on the lock. */
function checkPins(
  lock: SimLock,
  state: LockState,
  ledger: Ledger,
  isChanging: (slot: number) => boolean,
): void {
  const backups = state.codes.filter((code) => code.isBackup).map((code) => code.pin?.reveal());
  const wanted = new Set([...ledger.of(state.lock.deviceId).map(({ pin }) => pin), ...backups]);
  for (const slot of lock.codes.slotsInUse()) {
    if (isChanging(slot)) continue;
    const pin = lock.codes.read(slot)?.pin.reveal();
    if (pin === undefined || ledger.foreignOn(state.lock.deviceId).has(pin) || wanted.has(pin)) continue;
    // A change that the lock refused leaves the PIN before it in force (decision 13).
    const owner = state.slots.find((row) => row.slot === slot)?.owner;
    if (state.codes.some((code) => code.accessCodeId === owner && code.refused !== null)) continue;
    throw new Error(`${lock.id}: slot ${slot} holds a code that nobody wants`);
  }
}

/** What the table believes of our slots is the truth. */
function checkTable(lock: SimLock, state: LockState, isSecret: (slot: number) => boolean): void {
  for (const row of state.slots) {
    if (isSecret(row.slot)) continue;
    const held = lock.codes.read(row.slot);
    const believed = row.content.kind === 'pin' ? row.content.pin : undefined;
    if (row.owner !== null && believed !== undefined && !held?.pin.equals(believed)) {
      throw new Error(`${lock.id}: slot ${row.slot} does not hold what the table says`);
    }
  }
}

/** The list of codes found on the lock is the truth, but for edits that nobody told the hub of and lies of the lock. */
function checkUnmanaged(lock: SimLock, state: LockState, isSecret: (slot: number) => boolean): void {
  for (let slot = 1; slot <= lock.model.slots; slot += 1) {
    if (isSecret(slot)) continue;
    const row = state.slots.find((other) => other.slot === slot);
    const isForeign = lock.codes.read(slot) !== undefined && (row?.owner ?? null) === null;
    const isListed = row?.unmanaged !== null && row?.unmanaged !== undefined;
    if (isForeign !== isListed) {
      throw new Error(
        `${lock.id}: slot ${slot} ${isListed ? 'is listed and holds' : 'holds and is not listed as'} no code of others`,
      );
    }
  }
}
