/** What is told of a database that was damaged and replaced, for as long as what was damaged is kept. */
export interface RepairView {
  /** By the clock of the hub at its start, ISO 8601 in UTC. */
  readonly at: string;
  /** What was wrong, in a word. */
  readonly damage: string;
  /** What was seen, in a sentence for a person. */
  readonly seen: string;
  /** When the backup was made that the hub went on from, ISO 8601; `null`: there was none that opens. */
  readonly restoredFrom: string | null;
  /** Nothing was left: neither a code nor a key of the radios. */
  readonly isEmptied: boolean;
  /** Where the damaged files are, in the data directory. */
  readonly folder: string;
}
