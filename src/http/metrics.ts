import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { isExact } from '../core/timing/lock-clock.ts';
import { SECOND_MS } from '../core/time.ts';
import type { ApiParts } from './route.ts';

/** One line of a metric: its labels and its value. */
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** What Prometheus reads. Everything is asked for when it is read; no metric has an id of a code or a PIN in it. */
export function metrics(app: FastifyInstance, parts: ApiParts): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  describeLocks(registry, parts);
  describeHub(registry, parts);
  const requests = new Counter({
    name: 'lockhub_http_requests_total',
    help: 'Requests by route and status.',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    requests.inc({ route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) });
  });
  app.get('/metrics', async (_request, reply) => {
    const text = await registry.metrics();
    return reply.type(registry.contentType).send(text);
  });
}

function describeLocks(registry: Registry, { store, isRadioUp }: ApiParts): void {
  const states = () => store.deviceIds().flatMap((deviceId) => store.lockState(deviceId) ?? []);
  gauge(registry, 'lockhub_access_codes', 'Codes by status.', ['status'], () => {
    const counts = new Map<string, number>();
    for (const { status } of states().flatMap(({ codes }) => codes))
      counts.set(status, (counts.get(status) ?? 0) + 1);
    return [...counts].map(([status, count]) => [{ status }, count]);
  });
  gauge(registry, 'lockhub_locks', 'Locks by whether they answer.', ['online'], () => {
    const isOnline = states().map(({ lock }) => lock.online && lock.radio !== null && isRadioUp(lock.radio));
    const online = isOnline.filter(Boolean).length;
    return [
      [{ online: 'true' }, online],
      [{ online: 'false' }, isOnline.length - online],
    ];
  });
}

function describeHub(registry: Registry, { store, clock, radios, networks, version }: ApiParts): void {
  gauge(registry, 'lockhub_info', 'The version that runs.', ['version'], () => [[{ version }, 1]]);
  gauge(registry, 'lockhub_radio_up', 'Whether a radio answers.', ['radio'], () =>
    radios().map(({ radio, state }) => [{ radio }, state === 'ready' ? 1 : 0]),
  );
  gauge(
    registry,
    'lockhub_clock_uncertainty_seconds',
    'How far apart the bounds of the time are.',
    [],
    () => {
      const { earliest, latest } = clock.now();
      return [[{}, (latest - earliest) / SECOND_MS]];
    },
  );
  gauge(registry, 'lockhub_clock_trusted', 'Whether the hub knows the time to 30 s.', [], () => [
    [{}, isExact(clock.now()) ? 1 : 0],
  ]);
  gauge(registry, 'lockhub_outbox_events', 'Events that the cloud has not acknowledged.', [], () => [
    [{}, store.outbox.depth()],
  ]);
  gauge(registry, 'lockhub_commands_open', 'Commands that wait or are under way.', [], () => [
    [{}, store.commands.openCount()],
  ]);
  gauge(registry, 'lockhub_operations_open', 'Radio operations that are under way.', [], () => [
    [{}, store.openOperations().length],
  ]);
  gauge(registry, 'lockhub_database_bytes', 'The database on the disk.', [], () => [[{}, store.sizeBytes()]]);
  registry.registerMetric(
    new Counter({
      name: 'lockhub_radio_frames_total',
      help: 'Frames since the radio was opened: sent, received, and sent in vain.',
      labelNames: ['radio', 'kind'],
      registers: [],
      collect() {
        this.reset();
        for (const { radio, network } of networks())
          for (const [kind, count] of Object.entries(network?.frames ?? {})) this.inc({ radio, kind }, count);
      },
    }),
  );
  registry.registerMetric(
    new Counter({
      name: 'lockhub_operations_total',
      help: 'Radio operations that ended since the hub started, by kind and outcome.',
      labelNames: ['kind', 'outcome'],
      registers: [],
      // The store counts. A counter can only be added to, so it begins anew each time.
      collect() {
        this.reset();
        for (const { kind, outcome, count } of store.operationCounts()) this.inc({ kind, outcome }, count);
      },
    }),
  );
}

/** A number that is looked up when it is asked for. */
function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  samples: () => readonly Sample[],
): void {
  registry.registerMetric(
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [],
      collect() {
        this.reset();
        for (const [labels, value] of samples()) this.set(labels, value);
      },
    }),
  );
}
