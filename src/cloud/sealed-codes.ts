import type { DesiredDocument, DesiredEntry } from '../core/request/accept.ts';
import type { SentDocument } from './messages/desired.ts';
import type { SealedEntry, SentEntry } from './messages/entry.ts';
import type { CodePlace } from './messages/sealed.ts';
import type { SealingKeys } from './sealing-keys.ts';

/** How a hub takes PINs. */
export interface CodeIntake {
  readonly hubId: string;
  readonly sealingKeys: SealingKeys;
  /** `false`: PINs in clear are refused (`cloud.plain_codes`). */
  readonly plainCodes: boolean;
}

/**
 * Opens the sealed PINs of a document, each of which becomes a valid entry or one that says what is wrong. Opening takes
 * time, so a document without any is answered at once.
 */
export function withPins(
  intake: CodeIntake,
  deviceId: string,
  document: SentDocument,
): DesiredDocument | Promise<DesiredDocument> {
  const { codes } = document;
  const clear = codes.filter((entry) => entry.kind !== 'sealed');
  if (clear.length < codes.length) return withOpened(intake, deviceId, document);
  return { ...document, codes: clear.map((entry) => allowed(intake, entry)) };
}

async function withOpened(
  intake: CodeIntake,
  deviceId: string,
  document: SentDocument,
): Promise<DesiredDocument> {
  const { generation, version } = document;
  const place = { deviceId, generation, version };
  const codes = await Promise.all(
    document.codes.map(async (entry) =>
      entry.kind === 'sealed' ? openedEntry(intake, entry, place) : allowed(intake, entry),
    ),
  );
  return { ...document, codes };
}

async function openedEntry(
  { hubId, sealingKeys }: CodeIntake,
  { sealedCode, ...entry }: SealedEntry,
  document: Pick<CodePlace, 'deviceId' | 'generation' | 'version'>,
): Promise<DesiredEntry> {
  const { request } = entry;
  const { accessCodeId } = request;
  const code = await sealingKeys.open(sealedCode, { hubId, ...document, accessCodeId });
  if (!code.ok) return invalid(entry, code.message);
  return { ...entry, kind: 'valid', request: { ...request, pin: code.pin } };
}

function allowed({ plainCodes }: CodeIntake, entry: DesiredEntry): DesiredEntry {
  if (plainCodes || entry.kind === 'invalid' || entry.request.pin === null) return entry;
  return invalid(entry, 'code: this hub takes no PINs in clear. Send sealed_code (its key is in up/hello).');
}

function invalid(
  { request }: Pick<Exclude<SentEntry, { readonly kind: 'invalid' }>, 'request'>,
  message: string,
): DesiredEntry {
  const { accessCodeId, name } = request;
  return { kind: 'invalid', accessCodeId, name, code: 'invalid_input', message };
}
