/** An update can't be taken or failed. The message is one sentence for a person; the version before goes on. */
export class UpdateError extends Error {
  override readonly name = 'UpdateError';
}
