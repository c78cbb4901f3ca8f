/** A file can't be used; the message is one sentence for a person. */
export class FileError extends Error {
  override readonly name = 'FileError';
}
