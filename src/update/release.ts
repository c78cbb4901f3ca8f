import { z } from 'zod';
import { UpdateError } from './errors.ts';
import { readSignature, type Signature } from './minisign.ts';

/** Largest archive that is taken; a real one has about 60 MB. */
const ARCHIVE_BYTES_MAX = 512 * 1024 * 1024;

/** What the trusted comment of an update says, as `name:value` with white space between. */
const releaseSchema = z.object({
  version: z.string().regex(/^\d{1,9}\.\d{1,9}\.\d{1,9}(-[0-9A-Za-z.-]{1,40})?$/),
  arch: z.string(),
  bytes: z.coerce.number().int().positive().max(ARCHIVE_BYTES_MAX),
});

/** A version that somebody offers, as far as its signature says. */
export interface Release extends z.infer<typeof releaseSchema> {
  readonly signature: Signature;
}

/** What there is now. */
export interface Present {
  readonly version: string;
  readonly arch: string;
  readonly publicKeys: readonly string[];
}

/** Debian's name of a processor as Node names it. */
export function debianArch(nodeArch: string): string {
  return nodeArch === 'x64' ? 'amd64' : nodeArch;
}

/** Reads who signed what. Throws `UpdateError` when it is not for this hub, or older than what there is and not asked for. */
export function releaseOf(signatureText: string, present: Present, allowDowngrade: boolean): Release {
  const signature = readSignature(signatureText, present.publicKeys);
  const fields = signature.trustedComment.split(/\s+/).map((field) => field.split(/:(.*)/s).slice(0, 2));
  const read = releaseSchema.safeParse(Object.fromEntries(fields));
  if (!read.success)
    throw new UpdateError('The signature does not say version, arch and bytes of an update.');
  const { version, arch } = read.data;
  if (arch !== present.arch)
    throw new UpdateError(`The update is for ${arch}, and this hub is ${present.arch}.`);
  const order = compareVersions(version, present.version);
  if (order === 0) throw new UpdateError(`The hub has version ${version} already.`);
  if (order < 0 && !allowDowngrade) {
    throw new UpdateError(`The hub has version ${present.version}, which is newer than ${version}.`);
  }
  return { ...read.data, signature };
}

/** Negative: `left` is older. As Semantic Versioning 2.0.0 orders them (section 11). */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map(partsOf);
  const core = compareLists(a?.core ?? [], b?.core ?? []);
  if (core !== 0) return core;
  // A version comes after its own candidates.
  if (a?.candidate.length === 0 || b?.candidate.length === 0) {
    return (b?.candidate.length ?? 0) - (a?.candidate.length ?? 0);
  }
  return compareLists(a?.candidate ?? [], b?.candidate ?? []);
}

function partsOf(version: string): {
  readonly core: readonly string[];
  readonly candidate: readonly string[];
} {
  const [core = '', candidate = ''] = version.split(/-(.*)/s);
  return { core: core.split('.'), candidate: candidate === '' ? [] : candidate.split('.') };
}

function compareLists(left: readonly string[], right: readonly string[]): number {
  for (const [index, one] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = compareParts(one, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareParts(left: string, right: string): number {
  const [a, b] = [left, right].map((part) => /^\d+$/.test(part));
  if (a === true && b === true) return Number(left) - Number(right);
  if (a !== b) return a === true ? -1 : 1;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
