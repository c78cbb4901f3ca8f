import { atStart } from './at-start.ts';
import {
  access,
  backups,
  changeKeyOf,
  cloud,
  deleteLeftovers,
  diagnostics,
  importCard,
  listSticks,
  updates,
} from './commands.ts';
import { commandLine, type DemoOptions, type RunOptions, type SimulateOptions } from './program.ts';
import { EXIT_FAILURE, giveUp, lastWordTo, StartError, stopSignal, UsageError } from './system/ending.ts';
import { writeNoReports } from './system/reports.ts';
import { ownVersion } from './version.ts';

/** A card that damages one database after the other is a case for safe mode. */
const DAMAGES_MAX = 3;
await main();

async function main(): Promise<void> {
  process.umask(0o077);
  writeNoReports();
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
      deleteLeftovers,
      claim: (options) => access(options.config, (to, config) => to.claim(config, options.again)),
      sticks: listSticks,
      rotateKey: changeKeyOf,
      diagnostics,
      backups,
      updates,
    });
    if (process.argv.length === 2) line.error('error: a command is missing; see lockhub --help');
    await line.parseAsync();
  } catch (error) {
    giveUp(error);
  }
}

async function run(options: RunOptions): Promise<void> {
  const [{ openHub }, { createHubLog }, { preparedRun, runAsService }, { workPlaceOf }, { goOnWiping }] =
    await Promise.all([
      import('./open-hub.ts'),
      import('./log.ts'),
      import('./system/run.ts'),
      import('./repair/in-memory.ts'),
      import('./wipe/go-on.ts'),
    ]);
  const prepared = preparedRun(options);
  if (!prepared.ok) throw new UsageError(prepared.mistakes.join('\n'));
  const { config, safeMode } = prepared.value;
  const hubLog = createHubLog(config.logLevel);
  lastWordTo(hubLog.log);
  const signal = stopSignal();
  let damages = 0;
  for (;;) {
    const { promise: restarts, resolve: restart } = Promise.withResolvers<void>();
    const { config: now, mark: wipe, needsRoot } = await atStart(() => goOnWiping(config, hubLog.log));
    // systemd hands the hub copies of files that only root may delete, which lockhub.service does when this one ends.
    if (needsRoot && process.env['CREDENTIALS_DIRECTORY']) process.exit(EXIT_FAILURE);
    const onDamage = (): void => {
      damages += 1;
      if (damages > DAMAGES_MAX) giveUp(new StartError('The database is damaged again and again.'));
      else restart();
    };
    const place = await atStart(() => Promise.resolve(workPlaceOf(now)));
    const inMemory = place.reason === null ? undefined : { reason: place.reason, untilMs: performance.now() };
    const hub = await openHub(place.config, hubLog, {
      safeMode: safeMode ?? inMemory,
      restart,
      wipe,
      onDamage,
    });
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
  const [{ openHub }, { startHouse }, { startBroker }, { runDemo }] = await Promise.all([
    import('./open-hub.ts'),
    import('../drivers/sim/house.ts'),
    import('./demo/broker.ts'),
    import('./demo/demo.ts'),
  ]);
  const held = await runDemo(options, {
    startHouse: (house) => atStart(() => startHouse(house)),
    startBroker: (port, onUp) => atStart(() => startBroker(port, onUp)),
    openHub: (config, hubLog, house, machine) => openHub(config, hubLog, { house, machine }),
    atStart,
    signal: stopSignal(),
  });
  process.exit(held ? 0 : EXIT_FAILURE);
}
