/** What is wrong with a backup or its place, so that a person can act. */
type BackupErrorKind =
  /** The file is something else. */
  | 'not_a_backup'
  /** Bytes are missing or are not those that were written. */
  | 'damaged'
  /** Written by a newer version of this program. */
  | 'newer'
  /** None of those that it was made for has this key. */
  | 'foreign_key'
  /** The text is no recovery key. */
  | 'not_a_key'
  /** It is of another hub than the config names. */
  | 'other_hub'
  /** The place where the backup is to go is not there or can't be written. */
  | 'no_place'
  /** What the disk has left is for codes. */
  | 'no_room'
  /** A file of this machine stands where the restore has to put another one. */
  | 'in_the_way'
  /** Part of the database is sealed by another key already. */
  | 'key_changes'
  /** A person was asked and said no. */
  | 'declined'
  /** Locks have not answered a hub that was restored. */
  | 'incomplete';

/** An expected failure of a backup or a restore. One sentence for a person, without a secret; nothing was changed. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
  readonly kind: BackupErrorKind;

  constructor(kind: BackupErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
