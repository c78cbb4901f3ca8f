import type { Backend } from './backend.ts';
import type { DemoBroker } from './broker.ts';
import type { DemoDoor } from './door.ts';
import type { HouseControl } from './house.ts';
import type { Hubs } from './hubs.ts';
import type { DemoLock } from './locks.ts';
import type { View } from './view.ts';

/** Everything that plays in the demo, once all locks are known to the cloud. */
export interface Stage {
  readonly hubId: string;
  /** Of the house's control interface. */
  readonly controlUrl: string;
  readonly broker: DemoBroker;
  readonly backend: Backend;
  readonly house: HouseControl;
  readonly locks: readonly DemoLock[];
  /** It opens to offline codes. */
  readonly door: DemoDoor;
  readonly hubs: Hubs;
  readonly view: View;
}
