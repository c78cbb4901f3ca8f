import path from 'node:path';
import type { Logger } from 'pino';
import type { SecurityKeys } from '../drivers/zwave/keys.ts';
import { access, cloud, importCard, listSticks } from './commands.ts';
import type { Config, RadioConfig } from './config.ts';
import type { SimulatedHouse } from './http/simulation.ts';
import type { Hub, HubParts } from './hub.ts';
import type { ChosenRadio } from './core/radio-stick.ts';
import type { HubLog } from './log.ts';
import { commandLine, type DemoOptions, type RunOptions, type SimulateOptions } from './program.ts';
import type { LockDriver } from './lock-driver.ts';
import type { Store } from './store/store.ts';
import { EXIT_FAILURE, giveUp, lastWordTo, started, stopSignal, UsageError } from './system/ending.ts';
import { ownVersion } from './version.ts';
import type { SafeMode } from './system/safe-mode.ts';

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
      sticks: listSticks,
    });
    if (process.argv.length === 2) line.error('error: a command is missing; see lockhub --help');
    await line.parseAsync();
  } catch (error) {
    giveUp(error);
  }
}

async function run(options: RunOptions): Promise<void> {
  const [{ createHubLog }, { preparedRun, runAsService }] = await Promise.all([
    import('./log.ts'),
    import('./system/run.ts'),
  ]);
  const prepared = preparedRun(options);
  if (!prepared.ok) throw new UsageError(prepared.mistakes.join('\n'));
  const { config, safeMode } = prepared.value;
  const hubLog = createHubLog(config.logLevel);
  lastWordTo(hubLog.log);
  const signal = stopSignal();
  const hub = await openHub(config, hubLog, { safeMode });
  process.exit(await runAsService({ hub, file: options.config, safeMode, signal, log: hubLog.log }));
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
  { safeMode, house }: { readonly safeMode?: SafeMode | undefined; readonly house?: SimulatedHouse },
): Promise<Hub> {
  // The radio library sets the clocks of locks by the local time of this process, so that has to be the site's.
  process.env['TZ'] = config.policy.timezone;
  const [
    { holdDataDirectory },
    { makeDataDirectory, openData },
    { SystemClock },
    { startHub },
    { openIssuers },
    { issuingDoors },
  ] = await Promise.all([
    import('./store/instance-lock.ts'),
    import('./data.ts'),
    import('./clock.ts'),
    import('./hub.ts'),
    import('../drivers/offline/issuers.ts'),
    import('./store/doors.ts'),
  ]);
  // In safe mode the hub's own copy has to do: the file may be what kept it from starting.
  const takenOver = safeMode ? [] : await Promise.all(config.radios.map(keysToTakeOver));
  return atStart(async () => {
    makeDataDirectory(config);
    const release = holdDataDirectory(path.join(config.dataDir, 'hub.lock'));
    const clock = new SystemClock();
    const warn = (message: string): void => to.warn(message);
    const store = openData(config, warn, () => clock.now().earliest);
    const radios = await radiosOf(config, takenOver, store, to);
    const issuers = await openIssuers(config.offline, {
      storage: store.radioStorage,
      zone: config.policy.timezone,
      now: () => clock.now().earliest,
      log: to,
      ...issuingDoors(store),
    });
    const hub = startHub({
      config,
      ...radios,
      issuers,
      store,
      clock,
      log: to,
      logRing: ring,
      version: ownVersion(),
      safeMode,
      house,
    });
    return {
      ...hub,
      stop: async () => {
        await hub.stop();
        release();
      },
    };
  });
}

/** The radios that the config names, or those that somebody has chosen. */
async function radiosOf(
  config: Config,
  takenOver: readonly (SecurityKeys | undefined)[],
  store: Store,
  to: Logger,
): Promise<Pick<HubParts, 'drivers' | 'sticks'>> {
  const { stickChoice } = await import('./provision/stick-choice.ts');
  const sticks = stickChoice(store.secrets, (radio) =>
    driverOf(configOfStick(radio), undefined, store, config, to),
  );
  const radios = config.radiosAuto ? sticks.chosen().map(configOfStick) : config.radios;
  const drivers = radios.map((radio, index) => driverOf(radio, takenOver[index], store, config, to));
  return { drivers: await Promise.all(drivers), ...(config.radiosAuto && { sticks }) };
}

/** The library of a radio that the config does not name is never loaded. */
async function driverOf(
  radio: RadioConfig,
  takenOver: SecurityKeys | undefined,
  store: Store,
  { policy: { timezone: zone } }: Config,
  to: Logger,
): Promise<LockDriver> {
  const { portHolders } = await import('./provision/port-holders.ts');
  const holders = (): readonly string[] => portHolders(radio.port);
  switch (radio.kind) {
    case 'zwave': {
      const [{ createZwaveDriver }, { networkKeys }] = await Promise.all([
        import('../drivers/zwave/driver.ts'),
        import('../drivers/zwave/kept-keys.ts'),
      ]);
      const securityKeys = networkKeys(takenOver, store.secrets);
      return createZwaveDriver({
        port: radio.port,
        holders,
        storage: store.radioStorage,
        securityKeys,
        log: to,
      });
    }
    case 'zigbee': {
      const [{ createZigbeeDriver }, { networkKeys }] = await Promise.all([
        import('../drivers/zigbee/driver.ts'),
        import('../drivers/zigbee/kept-keys.ts'),
      ]);
      const { lockAddresses } = await import('./data.ts');
      const keys = networkKeys(store.secrets);
      const known = (): readonly string[] => lockAddresses(store, 'zigbee').map(String);
      return createZigbeeDriver({
        ...radio,
        holders,
        storage: store.radioStorage,
        keys,
        zone,
        known,
        log: to,
      });
    }
  }
}

/** A stick that was confirmed on the page is one like those that a config names. */
function configOfStick(radio: ChosenRadio): RadioConfig {
  return radio.kind === 'zwave' ? { ...radio, securityKeysFile: null } : radio;
}

/** The keys of an existing network, if the config names a file with them. */
async function keysToTakeOver(radio: RadioConfig, index: number): Promise<SecurityKeys | undefined> {
  if (radio.kind !== 'zwave' || radio.securityKeysFile === null) return undefined;
  const [{ readText }, { parseSecurityKeysFile, describeKeysFileProblem }] = await Promise.all([
    import('./config.ts'),
    import('../drivers/zwave/keys.ts'),
  ]);
  const where = `radios[${index}].security_keys_file`;
  const text = readText(radio.securityKeysFile);
  if (!text.ok) throw new UsageError(text.mistakes.map((mistake) => `${where}: ${mistake}`).join('\n'));
  const file = parseSecurityKeysFile(text.value);
  if (file.ok) return file.keys;
  const problems = file.problems.map(describeKeysFileProblem);
  throw new UsageError(
    problems.map((problem) => `${where}: ${radio.securityKeysFile} ${problem}`).join('\n'),
  );
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
