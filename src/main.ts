import { access, backups, cloud, importCard, listSticks } from './commands.ts';
import type { Config } from './config.ts';
import type { Hub } from './hub.ts';
import type { HubParts } from './hub-parts.ts';
import type { HubLog } from './log.ts';
import { commandLine, type DemoOptions, type RunOptions, type SimulateOptions } from './program.ts';
import {
  EXIT_FAILURE,
  giveUp,
  lastWordTo,
  StartError,
  started,
  stopSignal,
  UsageError,
} from './system/ending.ts';
import { ownVersion } from './version.ts';

type HubExtras = Pick<HubParts, 'house' | 'restart' | 'safeMode'> & { readonly onDamage?: () => void };

/** A card that damages one database after the other is a case for safe mode. */
const DAMAGES_MAX = 3;

await main();

async function main(): Promise<void> {
  process.umask(0o077);
  process.on('uncaughtException', giveUp);
  process.on('unhandledRejection', giveUp);
  try {
    const line = commandLine(ownVersion(), {
      run,
      demo,
      simulate,
      cloud,
      doctor: async (options) => (await import('./doctor/command.ts')).runDoctor(options),
      createKey: (key) => access(key.config, (to, config) => to.createKey(config, key.name, key.scope)),
      listKeys: (options) => access(options.config, (to, config) => to.listKeys(config)),
      revokeKey: (key) => access(key.config, (to, config) => to.revokeKey(config, key.name)),
      loginLink: (options) => access(options.config, (to, config) => to.loginLink(config)),
      importCard,
      claim: (options) => access(options.config, (to, config) => to.claim(config, options.again)),
      sticks: listSticks,
      backups,
    });
    if (process.argv.length === 2) line.error('error: a command is missing; see lockhub --help');
    await line.parseAsync();
  } catch (error) {
    giveUp(error);
  }
}

async function run(options: RunOptions): Promise<void> {
  const [{ createHubLog }, { preparedRun, runAsService }, { workPlaceOf }] = await Promise.all([
    import('./log.ts'),
    import('./system/run.ts'),
    import('./repair/in-memory.ts'),
  ]);
  const prepared = preparedRun(options);
  if (!prepared.ok) throw new UsageError(prepared.mistakes.join('\n'));
  const { config, safeMode } = prepared.value;
  const hubLog = createHubLog(config.logLevel);
  lastWordTo(hubLog.log);
  const signal = stopSignal();
  for (let damagesLeft = DAMAGES_MAX; ; damagesLeft -= 1) {
    const { promise: restarts, resolve: restart } = Promise.withResolvers<void>();
    const onDamage = (): void =>
      damagesLeft > 0 ? restart() : giveUp(new StartError('The database is damaged again and again.'));
    const place = await atStart(() => Promise.resolve(workPlaceOf(config)));
    const inMemory = place.reason === null ? undefined : { reason: place.reason, untilMs: performance.now() };
    const hub = await openHub(place.config, hubLog, { safeMode: safeMode ?? inMemory, restart, onDamage });
    place.whenWritable(restart);
    const service = { hub, file: options.config, safeMode, signal, restarts, log: hubLog.log };
    const code = await runAsService(service);
    place.leave();
    if (code !== null) process.exit(code);
  }
}

async function simulate(options: SimulateOptions): Promise<void> {
  const { startHouse } = await import('../drivers/sim/house.ts');
  const signal = stopSignal();
  const house = await atStart(() => startHouse(options));
  const ready = {
    zwave: house.zwave,
    ...(house.zigbee === null ? {} : { zigbee: house.zigbee }),
    control: house.control,
    security_keys_file: house.securityKeysFile,
  };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  await signal;
  await house.stop();
  process.exit(0);
}

async function demo(options: DemoOptions): Promise<void> {
  const [{ startHouse }, { startBroker }, { runDemo }] = await Promise.all([
    import('../drivers/sim/house.ts'),
    import('./demo/broker.ts'),
    import('./demo/demo.ts'),
  ]);
  const held = await runDemo(options, {
    startHouse: (house) => atStart(() => startHouse(house)),
    startBroker: (port, onUp) => atStart(() => startBroker(port, onUp)),
    openHub: (config, hubLog, house) => openHub(config, hubLog, { house }),
    atStart,
    signal: stopSignal(),
  });
  process.exit(held ? 0 : EXIT_FAILURE);
}

/** Wires a hub together. Creates nothing before the files that the config names for the start are known to be right. */
async function openHub(
  config: Config,
  { log: to, ring }: HubLog,
  { onDamage = () => undefined, ...more }: HubExtras,
): Promise<Hub> {
  // The radio library sets the clocks of locks by the local time of this process, so that has to be the site's.
  process.env['TZ'] = config.policy.timezone;
  const [
    { holdData, markData },
    { hubData },
    { hubTime },
    { startHub },
    { openIssuers },
    { issuingDoors },
    { keysToTakeOver, radiosOf },
  ] = await Promise.all([
    import('./data.ts'),
    import('./hub-data.ts'),
    import('./time/hub-time.ts'),
    import('./hub.ts'),
    import('../drivers/offline/issuers.ts'),
    import('./store/doors.ts'),
    import('./radios.ts'),
  ]);
  // In safe mode the hub's own copy has to do: the file may be what kept it from starting.
  const takenOver = more.safeMode ? [] : await Promise.all(config.radios.map(keysToTakeOver));
  return atStart(async () => {
    const release = holdData(config);
    const time = hubTime(config.trustsSystemClock);
    const { clock, now, onChange: onClockChange } = time;
    const data = await hubData(config, time, to, onDamage);
    const radios = await radiosOf(config, takenOver, data, now, to);
    const issuers = await openIssuers(config.offline, {
      storage: data.store.radioStorage,
      zone: config.policy.timezone,
      now: () => clock.now().earliest,
      log: to,
      ...issuingDoors(data.store),
    });
    const hub = startHub({
      config,
      ...radios,
      issuers,
      ...data,
      clock,
      onClockChange,
      log: to,
      logRing: ring,
      version: ownVersion(),
      ...more,
    });
    markData(config);
    return {
      ...hub,
      stop: async () => {
        await clock.stop();
        await hub.stop();
        release();
      },
    };
  });
}

/** What a wrong house file says is for the user as well. */
async function atStart<T>(work: () => Promise<T>): Promise<T> {
  return started(work, async (error) => {
    const [{ HouseFileError }, { MemoryFileError }] = await Promise.all([
      import('../drivers/sim/house-file.ts'),
      import('../drivers/sim/zigbee/memory-file.ts'),
    ]);
    return error instanceof HouseFileError || error instanceof MemoryFileError;
  });
}
