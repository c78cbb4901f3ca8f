import type { Config } from '../config.ts';
import { destroyFiles } from './destroy.ts';
import { readMark, writeMark } from './mark.ts';

/**
 * Deletes what a hub that was wiped may not delete itself: run as root, with the config as root reads it. The key of the
 * hub stays, should that be such a file, for the new database needs one. Answers lines to print; none where no hub was
 * wiped.
 */
export function deleteLeftovers(config: Config): readonly string[] {
  const mark = readMark(config.dataDir);
  if (mark?.phase !== 'wiped' || mark.left.length === 0) return [];
  const left = [...mark.left.filter((named) => named === 'key_file'), ...destroyFiles(config)];
  writeMark(config.dataDir, { ...mark, left });
  return left.length === 0 ? ['All files are deleted.'] : [`Left: ${left.join(', ')}.`];
}
