import { ALL_ZIGBEE_DOORS, FOUR_ZIGBEE_DOORS, zigbeeHouse, type WorldRadio } from './house.ts';
import { letIn } from './let-in.ts';
import { World } from './world.ts';

/** A world whose hub runs and knows its locks: those of the stick over Z-Wave, those that it let in over Zigbee. */
export async function startWorld(radio: WorldRadio, doors: 'four' | 'all' = 'all'): Promise<World> {
  if (radio === 'zwave') {
    const world = await World.build();
    await world.startHub();
    return world;
  }
  const house = zigbeeHouse(doors === 'four' ? FOUR_ZIGBEE_DOORS : ALL_ZIGBEE_DOORS);
  const world = await World.build({ radio, house });
  try {
    await world.startHub();
    await letIn(world);
    return world;
  } catch (error) {
    console.error(world.lastWords());
    await world.end();
    throw error;
  }
}
