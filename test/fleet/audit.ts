import type { FleetCloud, Served } from './fleet-cloud.ts';
import type { HubFacts } from './light-hub.ts';

/** Shown of what is wrong; the number tells the rest. */
const SHOWN_MAX = 20;

/** Compares what is wanted with what was reported and with the locks, and the events that happened with those counted. */
export function audit(cloud: FleetCloud, facts: readonly HubFacts[]): readonly string[] {
  const byId = new Map(facts.map((hub) => [hub.hubId, hub]));
  const wrong = [...cloud.served.values()].flatMap((served) => {
    const hub = byId.get(served.hubId);
    const found =
      hub === undefined
        ? ['it is not there']
        : [...codesOf(cloud, served, hub), ...eventsOf(cloud, served, hub)];
    return found.map((text) => `${served.hubId}: ${text}`);
  });
  const more = wrong.length - SHOWN_MAX;
  return [...cloud.violations, ...wrong.slice(0, SHOWN_MAX), ...(more > 0 ? [`and ${more} more`] : [])];
}

function codesOf(cloud: FleetCloud, served: Served, hub: HubFacts): readonly string[] {
  const { deviceId, wanted, document, applied } = served;
  const report = deviceId === undefined ? undefined : cloud.hub(served.hubId)?.sink.ledger.report(deviceId);
  if (report === undefined) return ['its lock was never reported'];
  const wrong: string[] = [];
  if (document !== applied) wrong.push(`document ${document} is wanted, ${applied} is applied`);
  const active = report.codes.filter(({ on_lock: onLock }) => onLock === 'active');
  const ids = active.map((code) => code.access_code_id).toSorted();
  if (ids.join() !== [...wanted.keys()].toSorted().join()) wrong.push(`${ids.join()} are reported as active`);
  if (hub.pins.join() !== [...wanted.values()].toSorted().join())
    wrong.push('the lock holds other PINs than wanted');
  return wrong;
}

function eventsOf(cloud: FleetCloud, served: Served, { events, opened }: HubFacts): readonly string[] {
  const log = cloud.hub(served.hubId)?.sink.ledger.log();
  const wrong: string[] = [];
  if (log?.epoch !== events.epoch) wrong.push('the cloud has another event log');
  const counts = [events.head, events.acked, log?.received() ?? 0, served.events];
  if (new Set(counts).size > 1) {
    wrong.push(
      `events: ${counts[0]} written, ${counts[1]} acknowledged, ${counts[2]} received, ${counts[3]} counted`,
    );
  }
  if (served.opened !== opened)
    wrong.push(`the door was opened ${opened} times, ${served.opened} were counted`);
  return wrong;
}
