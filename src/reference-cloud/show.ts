import { refused, rows, type Answer, type Row } from './answer.ts';
import type { KnownHub, ReferenceCloud } from './cloud.ts';
import { onlyHub, type FoundLock } from './find.ts';
import { codeText, deviceText, eventText } from './lines.ts';
import type { Typed } from './words.ts';

const EVENTS_SHOWN = 20;

export function hubList(cloud: ReferenceCloud): Answer {
  return rows(cloud.hubs().map(hubRow));
}

function hubRow({ hubId, sink: { ledger } }: KnownHub): Row {
  const state = ledger.presence()?.state ?? 'not heard of';
  const log = ledger.log();
  const value = {
    hub_id: hubId,
    state,
    version: ledger.hello()?.version ?? null,
    locks: ledger.deviceIds().length,
    epoch: log?.epoch ?? null,
    received: log?.received() ?? 0,
  };
  return [`${hubId}  ${state}, ${value.locks} locks, events up to ${value.received}`, value];
}

/** The connection, and what is open at each hub. */
export function statusList(cloud: ReferenceCloud, connection: string): Answer {
  return rows([[connection, { connection }], ...cloud.hubs().map(openRow)]);
}

function openRow(hub: KnownHub): Row {
  const open = openOf(hub);
  const parts = [`${open.documents.length} documents not applied`, `${open.commands} commands open`];
  if (open.has_gap) parts.push('events are missing');
  return [`${hub.hubId}  ${parts.join(', ')}`, { hub_id: hub.hubId, ...open }];
}

/** What a hub has not brought to an end. */
export function openOf({ sink, documents, commands }: KnownHub): {
  readonly documents: readonly string[];
  readonly commands: number;
  readonly has_gap: boolean;
} {
  const waiting = documents.deviceIds().filter((deviceId) => {
    const [wanted, report] = [documents.get(deviceId), sink.ledger.report(deviceId)];
    return wanted?.generation !== report?.generation || wanted?.version !== report?.version_applied;
  });
  return { documents: waiting, commands: commands.open(Date.now(), 0).length, has_gap: sink.hasGap() };
}

export function lockList(cloud: ReferenceCloud, { words: [only] }: Typed): Answer {
  const hubs = cloud.hubs().filter(({ hubId }) => only === undefined || hubId === only);
  if (hubs.length === 0 && only !== undefined) return refused(`No hub ${only} was heard of.`);
  return rows(
    hubs.flatMap(({ hubId, sink: { ledger }, documents }) => {
      const ids = new Set([...ledger.deviceIds(), ...documents.deviceIds()]);
      return [...ids].map((deviceId): Row => {
        const report = ledger.report(deviceId);
        const text = report === undefined ? 'not reported yet' : deviceText(report);
        return [
          `${hubId}  ${deviceId}  ${text}`,
          { hub_id: hubId, device_id: deviceId, reported: report ?? null },
        ];
      });
    }),
  );
}

/** What is wanted of a lock beside what is reported of it. */
export function codeList({ hub, deviceId }: FoundLock): Answer {
  const report = hub.sink.ledger.report(deviceId);
  const reported = new Map(report?.codes.map((code) => [code.access_code_id, code]));
  const wanted = hub.documents.get(deviceId)?.codes ?? [];
  const found: Row[] = wanted.map((entry) => {
    const code = reported.get(entry.access_code_id);
    reported.delete(entry.access_code_id);
    const fields = Object.entries(entry).filter(([name]) => name !== 'access_code_id');
    const text = fields.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ');
    const said =
      code === undefined ? 'not reported yet' : codeText(code).replace(/^code \S+( "[^"]*")?: /, '');
    return [`${entry.access_code_id}  ${text}  ${said}`, { wanted: entry, reported: code ?? null }];
  });
  for (const code of reported.values()) {
    found.push([
      `${code.access_code_id}  not wanted here (origin: ${code.origin})`,
      { wanted: null, reported: code },
    ]);
  }
  for (const code of report?.unmanaged_codes ?? []) {
    found.push([
      `${code.access_code_id}  found on the lock, slot ${code.slot}`,
      { wanted: null, reported: code },
    ]);
  }
  return rows(found);
}

export function eventList(cloud: ReferenceCloud, { words }: Typed): Answer {
  const count = Number(words.find((word) => /^\d{1,4}$/.test(word)) ?? EVENTS_SHOWN);
  const found = onlyHub(
    cloud,
    words.find((word) => !/^\d{1,4}$/.test(word)),
  );
  if (typeof found === 'string') return refused(found);
  const log = found.hub.sink.ledger.log();
  const through = log?.received() ?? 0;
  return rows((log?.after(through - count, through) ?? []).map((event): Row => [eventText(event), event]));
}
