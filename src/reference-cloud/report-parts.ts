import { createHash } from 'node:crypto';
import type { Reported } from '../cloud/messages/up.ts';

type Raw = Readonly<Record<string, unknown>>;

/** A report that is complete. `digest` is computed from it as the contract says. */
export interface WholeReport {
  readonly report: Reported;
  readonly digest: string;
}

interface Part {
  readonly report: Reported;
  readonly raw: Raw;
}

interface Parts {
  readonly digest: string;
  readonly byNumber: Map<number, Part>;
}

/** Puts reports together that came in several messages. One unfinished report a lock; a newer one replaces it. */
export class ReportParts {
  readonly #unfinished = new Map<string, Parts>();

  /** The whole report, once its last part is there. */
  add(report: Reported, raw: Raw): WholeReport | undefined {
    const { device_id: deviceId, digest, part, parts } = report;
    if (part === undefined || parts === undefined) {
      this.#unfinished.delete(deviceId);
      return { report, digest: digestOf(raw) };
    }
    const before = this.#unfinished.get(deviceId);
    const own = before?.digest === digest ? before : { digest, byNumber: new Map<number, Part>() };
    own.byNumber.set(part, { report, raw });
    if (own.byNumber.size < parts) {
      this.#unfinished.set(deviceId, own);
      return undefined;
    }
    this.#unfinished.delete(deviceId);
    const inOrder = [...own.byNumber].toSorted(([a], [b]) => a - b);
    return joined(inOrder.map(([, one]) => one));
  }
}

function joined(parts: readonly Part[]): WholeReport | undefined {
  const [first] = parts;
  if (first === undefined) return undefined;
  const { part: _part, parts: _parts, ...rest } = first.report;
  const report = {
    ...rest,
    codes: parts.flatMap((one) => one.report.codes),
    unmanaged_codes: parts.flatMap((one) => one.report.unmanaged_codes),
  };
  // The digest is about all fields, also those that this version of the contract does not know.
  const listOf = (name: string): unknown[] => parts.flatMap(({ raw }) => raw[name] as unknown[]);
  const raw = { ...first.raw, codes: listOf('codes'), unmanaged_codes: listOf('unmanaged_codes') };
  return { report, digest: digestOf(raw) };
}

/** SHA-256 of the JSON with sorted keys and no spaces, without what is about the message, and of explanations the reason. */
function digestOf(raw: Raw): string {
  const { digest: _digest, boot_id: _boot, report_seq: _seq, part: _part, parts: _parts, ...rest } = raw;
  return createHash('sha256')
    .update(JSON.stringify(sorted(rest)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, field]): [string, unknown] => [
    key,
    key === 'explanation' ? reasonOf(field) : sorted(field),
  ]);
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function reasonOf(explanation: unknown): unknown {
  return (explanation as { readonly reason?: unknown } | null)?.reason ?? null;
}
