import type { Finding } from '../../core/finding.ts';
import type { RepairView } from '../../core/repair-view.ts';

/** Told for as long as what was damaged is kept. */
export function judgeRepair(repair: RepairView | null): readonly Finding[] {
  if (repair === null) return [];
  const { at, seen, isEmptied, restoredFrom, folder } = repair;
  const about = { subject: null, seen: `at ${at}: ${seen}` } as const;
  if (isEmptied) {
    return [
      {
        ...about,
        id: 'database_emptied',
        severity: 'error',
        what: 'The database was lost and there was no backup that opens, so the hub began anew: it knows no code and no key of its radios. The sticks know their locks still. Z-Wave locks that joined with security do not understand the hub without the keys of their network; the Zigbee stick is left alone, because a new network on it would cost it its locks. Codes on the locks stay there.',
        fix: `Stop the hub and restore a backup from elsewhere ("lockhub restore BACKUP --key-file KEY"). Without one: name the keys of the Z-Wave network with security_keys_file, or remove its locks and pair them anew; for Zigbee delete ${folder} in the data directory, restart the hub, reset its locks and pair them anew. The cloud sends its codes again.`,
      },
    ];
  }
  const from =
    restoredFrom === null
      ? 'There was no backup that opens, so what could not be read is lost'
      : `What could not be read comes from the backup of ${restoredFrom}`;
  return [
    {
      ...about,
      id: 'database_repaired',
      severity: 'warning',
      what: `The database was damaged and was put together again. ${from}; the cloud sends its codes again.`,
      fix: `Compare codes that were made on the hub itself. If it happens again, put in a new card. To end this notice delete ${folder} in the data directory, where what was damaged is kept.`,
    },
  ];
}
