import { CommanderError } from 'commander';
import type { Logger } from 'pino';
import type { SecurityKeys } from '../drivers/zwave/keys.ts';
import type { accessCommands, Printed } from './access-commands.ts';
import type { Config, RadioConfig } from './config.ts';
import type { Hub, HubParts } from './hub.ts';
import type { HubLog } from './log.ts';
import {
  commandLine,
  type BackupWork,
  type CloudOptions,
  type DemoOptions,
  type SimulateOptions,
} from './program.ts';
import type { LockDriver } from './lock-driver.ts';
import { ownVersion } from './own-version.ts';
import { portTaken } from './port-taken.ts';
import type { Store } from './store/store.ts';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** After this a stop that hangs becomes an exit, so that a signal always ends the process within 5 s. */
const STOP_TIMEOUT_MS = 4500;
const KEEP_ALIVE_MS = 3_600_000;

type HubExtras = Pick<HubParts, 'house' | 'restart'>;

/** Mistakes in the config or another file that the user named; one line each. */
class UsageError extends Error {}

/** It can't start, and a person can mend it: the message is one line that says how. */
class StartError extends Error {}

/** Where the last word about a bug goes, once there is a log. */
let log: Logger | undefined;

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
      createKey: (key) => access(key.config, (to, config) => to.createKey(config, key.name, key.scope)),
      listKeys: (options) => access(options.config, (to, config) => to.listKeys(config)),
      revokeKey: (key) => access(key.config, (to, config) => to.revokeKey(config, key.name)),
      loginLink: (options) => access(options.config, (to, config) => to.loginLink(config)),
      backups: ofBackups,
    });
    if (process.argv.length === 2) line.error('error: a command is missing; see lockhub --help');
    await line.parseAsync();
  } catch (error) {
    giveUp(error);
  }
}

async function run(configFile: string): Promise<void> {
  const { createHubLog } = await import('./log.ts');
  const config = await configOf(configFile);
  const hubLog = createHubLog(config.logLevel);
  log = hubLog.log;
  const signal = stopSignal().then(() => 'stop' as const);
  for (;;) {
    const restart = Promise.withResolvers<'restart'>();
    const hub = await openHub(config, hubLog, { restart: () => restart.resolve('restart') });
    const next = await Promise.race([signal, restart.promise]);
    await hub.stop();
    if (next === 'stop') process.exit(0);
  }
}

async function configOf(file: string): Promise<Config> {
  const { loadConfig } = await import('./config.ts');
  const config = loadConfig(file);
  if (!config.ok) throw new UsageError(config.mistakes.join('\n'));
  return config.value;
}

/** A command about who may use the local API. It works on the database, whether or not the hub runs. */
async function access(
  configFile: string,
  work: (commands: typeof accessCommands, config: Config) => Promise<Printed>,
): Promise<void> {
  const config = await configOf(configFile);
  const { accessCommands: commands } = await import('./access-commands.ts');
  const printed = await atStart(() => work(commands, config));
  if (!printed.ok) throw new StartError(printed.message);
  process.stdout.write(printed.lines.map((line) => `${line}\n`).join(''));
}

async function ofBackups(work: BackupWork): Promise<void> {
  const { backupCommands: commands } = await import('./backup/commands.ts');
  const lines = await atStart(() => work(commands, { configOf, version: ownVersion(), terminal: process }));
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
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

async function cloud(options: CloudOptions): Promise<void> {
  const { runCloud } = await import('./reference-cloud/run.ts');
  const { DatabaseError } = await import('./reference-cloud/database.ts');
  const terminal = { input: process.stdin, output: process.stdout, stopped: stopSignal() };
  const isFaultless = await runCloud(options, terminal).catch((error: unknown) => {
    throw error instanceof DatabaseError ? new StartError(error.message, { cause: error }) : error;
  });
  process.exit(isFaultless ? 0 : EXIT_FAILURE);
}

/** Wires a hub together. Creates nothing before the files that the config names for the start are known to be right. */
async function openHub(config: Config, { log: to, ring }: HubLog, more: HubExtras = {}): Promise<Hub> {
  // The radio library sets the clocks of locks by the local time of this process, so that has to be the site's.
  process.env['TZ'] = config.policy.timezone;
  const [{ holdData, openData }, { SystemClock }, { startHub }, { openIssuers }, { issuingDoors }] =
    await Promise.all([
      import('./data.ts'),
      import('./clock.ts'),
      import('./hub.ts'),
      import('../drivers/offline/issuers.ts'),
      import('./store/doors.ts'),
    ]);
  const takenOver = await Promise.all(config.radios.map(keysToTakeOver));
  return atStart(async () => {
    const release = holdData(config);
    const clock = new SystemClock();
    const warn = (message: string): void => to.warn(message);
    const store = openData(config, warn, () => clock.now().earliest);
    const drivers = await Promise.all(
      config.radios.map((radio, index) => driverOf(radio, takenOver[index], store, config, to)),
    );
    const issuers = await openIssuers(config.offline, {
      storage: store.radioStorage,
      zone: config.policy.timezone,
      now: () => clock.now().earliest,
      log: to,
      ...issuingDoors(store),
    });
    const hub = startHub({
      config,
      drivers,
      issuers,
      store,
      clock,
      log: to,
      logRing: ring,
      version: ownVersion(),
      ...more,
    });
    return {
      http: hub.http,
      stop: async () => {
        await hub.stop();
        release();
      },
    };
  });
}

/** The library of a radio that the config does not name is never loaded. */
async function driverOf(
  radio: RadioConfig,
  takenOver: SecurityKeys | undefined,
  store: Store,
  { policy: { timezone: zone } }: Config,
  to: Logger,
): Promise<LockDriver> {
  switch (radio.kind) {
    case 'zwave': {
      const [{ createZwaveDriver }, { networkKeys }] = await Promise.all([
        import('../drivers/zwave/driver.ts'),
        import('../drivers/zwave/kept-keys.ts'),
      ]);
      const securityKeys = networkKeys(takenOver, store.secrets);
      return createZwaveDriver({ port: radio.port, storage: store.radioStorage, securityKeys, log: to });
    }
    case 'zigbee': {
      const [{ createZigbeeDriver }, { networkKeys }] = await Promise.all([
        import('../drivers/zigbee/driver.ts'),
        import('../drivers/zigbee/kept-keys.ts'),
      ]);
      const { lockAddresses } = await import('./data.ts');
      const keys = networkKeys(store.secrets);
      const known = (): readonly string[] => lockAddresses(store, 'zigbee').map(String);
      return createZigbeeDriver({ ...radio, storage: store.radioStorage, keys, zone, known, log: to });
    }
  }
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

/** Resolves at SIGTERM or SIGINT. From then on the process ends within 5 s, and at a second signal at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // A hub without radios and without a cloud waits for nothing, which would end the process.
    const staysAlive = setInterval(() => undefined, KEEP_ALIVE_MS);
    const stop = (signal: NodeJS.Signals): void => {
      clearInterval(staysAlive);
      log?.info({ signal }, 'stopping');
      setTimeout(() => giveUp(new Error('The stop took too long')), STOP_TIMEOUT_MS).unref();
      process.once('SIGTERM', () => process.exit(EXIT_FAILURE));
      process.once('SIGINT', () => process.exit(EXIT_FAILURE));
      resolve();
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });
}

/** What the system, the store or a wrong house file says at the start is for the user; anything else is a bug. */
async function atStart<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const [{ StoreError }, { BackupError }, { HouseFileError }, { MemoryFileError }] = await Promise.all([
      import('./store/errors.ts'),
      import('./backup/errors.ts'),
      import('../drivers/sim/house-file.ts'),
      import('../drivers/sim/zigbee/memory-file.ts'),
    ]);
    const isWrongFile = error instanceof HouseFileError || error instanceof MemoryFileError;
    if (isWrongFile) throw new UsageError(error.message, { cause: error });
    const taken = portTaken(error);
    if (taken !== undefined) throw new StartError(taken, { cause: error });
    const isNamed = error instanceof StoreError || error instanceof BackupError;
    const isForUser = isNamed || (error instanceof Error && 'syscall' in error);
    throw isForUser ? new StartError(error.message, { cause: error }) : error;
  }
}

/** Ends the process: one line for a mistake or a failed start, one log line (with the stack in it) for a bug. */
function giveUp(error: unknown): never {
  // The parser has printed its line already.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE);
  const isExpected = error instanceof UsageError || error instanceof StartError;
  if (!isExpected && log !== undefined) {
    log.fatal({ err: error }, 'a bug ended the hub');
  } else {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${isExpected ? text : `lockhub: ${text.replaceAll(/\s+/g, ' ')}`}\n`);
  }
  process.exit(error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE);
}
