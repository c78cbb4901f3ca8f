import { loadavg } from 'node:os';
import type { Traffic } from './fleet-cloud.ts';
import type { HubFacts } from './light-hub.ts';

/** What became of a kill. */
export interface Killed {
  readonly node: number;
  /** From the kill until every hub had applied everything, while the node was still down. */
  readonly convergedMs: number;
  /** Of that, what came after the last change. */
  readonly settledMs: number;
  /** When hubs had a connection again, after the kill, ascending. */
  readonly reconnectedMs: readonly number[];
}

/** What a part of the run cost: of all hubs, the brokers and the cloud. */
export interface Cost {
  readonly seconds: number;
  readonly hubsCpuMs: number;
  readonly brokersCpuMs: number;
  readonly cloudCpuMs: number;
}

export interface FleetReport {
  /** What did not hold; empty: all did. */
  readonly wrong: readonly string[];
  readonly facts: readonly HubFacts[];
  readonly events: number;
  readonly startedMs: number;
  readonly hubsRssBytes: number;
  readonly brokersRssBytes: number;
  readonly cloudRssBytes: number;
  readonly cloudDatabaseBytes: number;
  readonly idle: Cost;
  readonly busy: Cost;
  /** Codes that changed in the busy part. */
  readonly changes: number;
  readonly killed: readonly Killed[];
  readonly traffic: ReadonlyMap<string, Traffic>;
}

/** The report as lines for a person. */
export function reportLines(report: FleetReport): readonly string[] {
  const { facts, killed, traffic, wrong } = report;
  const hubs = facts.length;
  const databases = facts.reduce((sum, { databaseBytes }) => sum + databaseBytes, 0);
  const load = loadavg().map((value) => value.toFixed(1));
  return [
    `hubs                ${hubs}, load of the machine ${load.join(' ')}`,
    `start               ${seconds(report.startedMs)} until every lock held its codes`,
    `memory per hub      ${kilobytes(report.hubsRssBytes / hubs)} hub, ${kilobytes(report.brokersRssBytes / hubs)} brokers, ${kilobytes(report.cloudRssBytes / hubs)} cloud`,
    `disk per hub        ${kilobytes(databases / hubs)} hub, ${kilobytes(report.cloudDatabaseBytes / hubs)} cloud`,
    `processor, idle     ${costText(report.idle, hubs)} ms a second and hub`,
    `processor, a change ${changeText(report.busy, report.changes)}`,
    `events              ${report.events}, doors opened ${facts.reduce((sum, { opened }) => sum + opened, 0)}`,
    ...[...traffic]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, { messages, bytes }]) => {
        const each = `${(messages / hubs).toFixed(1)} messages, ${Math.round(bytes / hubs)} bytes per hub`;
        return `${kind.padEnd(19)} ${each}`;
      }),
    ...killed.flatMap(killedLines),
    wrong.length === 0 ? 'all held' : `DID NOT HOLD:\n${wrong.join('\n')}`,
  ];
}

function killedLines({ node, convergedMs, settledMs, reconnectedMs }: Killed): readonly string[] {
  const at = (part: number): string => {
    return seconds(reconnectedMs[Math.floor(part * (reconnectedMs.length - 1))] ?? 0);
  };
  const spread = `${at(0)} first, ${at(0.5)} median, ${at(0.95)} 95 %, ${at(1)} last`;
  return [
    `node ${node} killed       all applied after ${seconds(convergedMs)}, ${seconds(settledMs)} after the last change`,
    `                    ${reconnectedMs.length} connections made anew: ${reconnectedMs.length === 0 ? 'none' : spread}`,
  ];
}

function costText({ seconds: length, hubsCpuMs, brokersCpuMs, cloudCpuMs }: Cost, hubs: number): string {
  const each = [hubsCpuMs, brokersCpuMs, cloudCpuMs].map((ms) => (ms / length / hubs).toFixed(2));
  return `${each[0]} hub, ${each[1]} brokers, ${each[2]} cloud`;
}

function changeText({ hubsCpuMs, brokersCpuMs, cloudCpuMs }: Cost, changes: number): string {
  const each = [hubsCpuMs, brokersCpuMs, cloudCpuMs].map((ms) => Math.round(ms / changes));
  return `${each[0]} ms hub, ${each[1]} ms brokers, ${each[2]} ms cloud, all that went on among it`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} kB`;
}
