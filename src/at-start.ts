import { started } from './system/ending.ts';

/** What a wrong house file says is for the user as well. */
export async function atStart<T>(work: () => Promise<T>): Promise<T> {
  return started(work, async (error) => {
    const [{ HouseFileError }, { MemoryFileError }] = await Promise.all([
      import('../drivers/sim/house-file.ts'),
      import('../drivers/sim/zigbee/memory-file.ts'),
    ]);
    return error instanceof HouseFileError || error instanceof MemoryFileError;
  });
}
