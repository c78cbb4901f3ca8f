import type { Finding } from '../../core/finding.ts';
import type { FilesSeen, KeySeen } from '../observations.ts';
import { megabytes } from './machine.ts';

/** Below this nothing can be relied on to be written. */
const FULL_BYTES = 4 * 1024 * 1024;
/** As on the page: less room than this, or a smaller share of the disk, is a problem. */
const FREE_BYTES_MIN = 100 * 1024 * 1024;
const FREE_SHARE_MIN = 0.05;
const FREE_FILES_MIN = 20;
/** Bits of a mode that let others in. */
const OTHERS = 0o077;
const ONE = { subject: null } as const;

export function judgeFiles(files: FilesSeen): readonly Finding[] {
  return [...judgeRoom(files), ...judgeOwners(files)];
}

function judgeRoom(files: FilesSeen): readonly Finding[] {
  const { dataDir, isReadOnly, freeBytes, totalBytes, freeFiles } = files;
  if (isReadOnly) {
    return [
      {
        ...ONE,
        id: 'disk_read_only',
        severity: 'error',
        what: 'The file system with the data of the hub can not be written. A kernel does that to a card that fails.',
        fix: 'Start the machine anew. If it comes again, make a backup and put in a new card.',
        seen: `${dataDir} is mounted read-only`,
      },
    ];
  }
  const hasFewFiles = freeFiles !== null && freeFiles < FREE_FILES_MIN;
  const seen = `${megabytes(freeBytes)} MB of ${megabytes(totalBytes)} MB free${hasFewFiles ? `, and room for ${freeFiles} files` : ''}`;
  if (freeBytes < FULL_BYTES || hasFewFiles) {
    return [
      {
        ...ONE,
        id: 'disk_full',
        severity: 'error',
        what: 'The disk with the data of the hub is full.',
        fix: 'Delete what is not needed on it (journalctl --vacuum-size=50M, apt-get clean); the hub goes on by itself.',
        seen,
      },
    ];
  }
  if (freeBytes >= FREE_BYTES_MIN && freeBytes >= totalBytes * FREE_SHARE_MIN) return [];
  return [
    {
      ...ONE,
      id: 'disk_nearly_full',
      severity: 'warning',
      what: 'The disk with the data of the hub is nearly full.',
      fix: 'Delete what is not needed on it (journalctl --vacuum-size=50M, apt-get clean).',
      seen,
    },
  ];
}

function judgeOwners({ dataDir, mode, foreign, user }: FilesSeen): readonly Finding[] {
  const found: Finding[] = [];
  if (foreign.length > 0) {
    found.push({
      ...ONE,
      id: 'data_not_owned',
      severity: 'error',
      what: 'Files of the hub belong to another user, so the hub can not write them.',
      fix: `Stop the hub, run "chown -R lockhub: ${dataDir}" and start it. Commands on its data are run with "sudo -u lockhub".`,
      seen: `the hub is user ${user}; not its own: ${foreign.join(', ')}`,
    });
  }
  if (mode !== null && (mode & OTHERS) !== 0) {
    found.push({
      ...ONE,
      id: 'data_exposed',
      severity: 'warning',
      what: 'Other users of this machine can get into the data directory of the hub.',
      fix: `Run "chmod 700 ${dataDir}".`,
      seen: `${dataDir} has mode ${modeText(mode)}`,
    });
  }
  return found;
}

export function judgeKey(key: KeySeen, hasDatabase: boolean): readonly Finding[] {
  const { file, state, mode, isFollowed } = key;
  if (isFollowed) return [...judgeKey({ ...key, isFollowed: false }, hasDatabase), unfinished(file)];
  if (state === 'absent') {
    // Before the first start there is neither.
    if (!hasDatabase) return [];
    return [
      {
        ...ONE,
        id: 'key_missing',
        severity: 'error',
        what: 'The key file is missing, and nothing secret in the database can be read without it.',
        fix: 'Put the key back from the backup. Without it the hub has to begin anew, and all locks are paired again.',
        seen: `${file} is not there, and the database is`,
      },
    ];
  }
  if (state === 'unusable') {
    return [
      {
        ...ONE,
        id: 'key_unusable',
        severity: 'error',
        what: 'The key file does not hold a key.',
        fix: 'Put the key back from the backup.',
        seen: `${file} is not 64 hex digits`,
      },
    ];
  }
  if (mode === null || (mode & OTHERS) === 0) return [];
  return [
    {
      ...ONE,
      id: 'key_exposed',
      severity: 'warning',
      what: 'Other users of this machine can read the key of the hub.',
      fix: `Run "chmod 600 ${file}".`,
      seen: `${file} has mode ${modeText(mode)}`,
    },
  ];
}

function unfinished(file: string): Finding {
  return {
    ...ONE,
    id: 'key_change_unfinished',
    severity: 'warning',
    what: 'The key of the hub is being replaced, and that has not come to its end.',
    fix: 'Restart the hub, which goes on with it. Where the key is a credential, stop the hub and run "lockhub rotate-key" again as root.',
    seen: `${file}.next is there`,
  };
}

function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
