import type { Config } from '../../config.ts';
import type { RepairView } from '../../core/repair-view.ts';
import { repairView } from '../../repair/aside.ts';
import { codeOf } from './text-file.ts';

/** The newest damaged database that was replaced and is still kept. */
export function seeRepair({ dataDir }: Pick<Config, 'dataDir'>): RepairView | null {
  try {
    return repairView(dataDir);
  } catch (error) {
    // Who may not look into the data directory is told so by the other looks.
    if (codeOf(error) === undefined) throw error;
    return null;
  }
}
