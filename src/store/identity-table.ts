import { v5 } from 'uuid';
import { z } from 'zod';

import type { LockIdentity } from '../lock-driver.ts';
import type { Connection, Statement } from './connection.ts';
import { parseRow } from './rows.ts';

const TABLE = 'lock_identities';
/** Namespace of all `device_id`s, the same on every hub, so that a new hub gives a lock the same id. */
const DEVICE_NAMESPACE = '6f0d3f2c-6a0b-4a57-9d0f-0f6f1c1be0a7';

const identityRow = z.object({ device_id: z.string(), serial: z.string().nullable() });

type Known = z.output<typeof identityRow>;

/** Which lock is which: a lock keeps its `device_id` wherever on the radio network it turns up again. */
export class IdentityTable {
  readonly #connection: Connection;
  readonly #byAddress: Statement;
  readonly #bySerial: Statement;
  readonly #byId: Statement;
  readonly #upsert: Statement;
  readonly #vacate: Statement;
  readonly #disown: Statement;
  readonly #replace: Statement;

  constructor(connection: Connection) {
    this.#connection = connection;
    const select = `SELECT device_id, serial FROM ${TABLE}`;
    this.#byAddress = connection.prepare(`${select} WHERE radio = ? AND network = ? AND address = ?`);
    this.#bySerial = connection.prepare(`${select} WHERE radio = ? AND serial = ?`);
    this.#byId = connection.prepare(`${select} WHERE device_id = ?`);
    this.#vacate = connection.prepare(
      `UPDATE ${TABLE} SET network = NULL, address = NULL WHERE radio = ? AND network = ? AND address = ? AND device_id <> ?`,
    );
    this.#disown = connection.prepare(
      `UPDATE ${TABLE} SET serial = NULL WHERE radio = ? AND serial = ? AND device_id <> ?`,
    );
    this.#replace = connection.prepare(`UPDATE ${TABLE} SET serial = ? WHERE device_id = ?`);
    this.#upsert = connection.prepare(`
      INSERT INTO ${TABLE} (device_id, radio, network, address, serial) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (device_id) DO UPDATE SET
        network = excluded.network, address = excluded.address, serial = coalesce(excluded.serial, serial)`);
  }

  /**
   * The stored id of the lock with this serial, else of the lock at this address unless that one is known to have
   * another serial, else a new one. Stored at once. A serial must be the lock's alone: a driver passes `null` for
   * one that a vendor gives to all its locks.
   */
  deviceIdOf(identity: LockIdentity): string {
    const { radio, network, address, serial, inPlaceOf } = identity;
    if (inPlaceOf !== undefined) return this.#takePlace(inPlaceOf, identity);
    const here = knownOf(this.#byAddress.get(radio, network, address));
    if (here !== undefined && (serial === null || serial === here.serial)) return here.device_id;
    return this.#connection.transaction(() => {
      const moved = serial === null ? undefined : knownOf(this.#bySerial.get(radio, serial));
      // A node id is given again after its lock was removed, so another serial here is another lock.
      const unnamed = here?.serial === null ? here : undefined;
      const deviceId = (moved ?? unnamed)?.device_id ?? this.#newId(identity);
      this.#vacate.run(radio, network, address, deviceId);
      this.#upsert.run(deviceId, radio, network, address, serial);
      return deviceId;
    });
  }

  /** What the old lock was known by is nobody's, and the new one, whatever door it was at before, is this one now. */
  #takePlace(deviceId: string, { radio, network, address, serial }: LockIdentity): string {
    return this.#connection.transaction(() => {
      if (serial !== null) this.#disown.run(radio, serial, deviceId);
      this.#vacate.run(radio, network, address, deviceId);
      this.#upsert.run(deviceId, radio, network, address, serial);
      this.#replace.run(serial, deviceId);
      return deviceId;
    });
  }

  /**
   * An id made from an address can belong to a lock that has moved away since; then the next one is taken. At most
   * as many turns as there are locks.
   */
  #newId({ radio, network, address, serial }: LockIdentity): string {
    const name = serial === null ? [radio, 'address', network, address] : [radio, 'serial', serial];
    let deviceId = v5(JSON.stringify(name), DEVICE_NAMESPACE);
    while (this.#byId.get(deviceId) !== undefined) deviceId = v5(deviceId, DEVICE_NAMESPACE);
    return deviceId;
  }
}

function knownOf(row: unknown): Known | undefined {
  return row === undefined ? undefined : parseRow(identityRow, row, TABLE, ['device_id']);
}
