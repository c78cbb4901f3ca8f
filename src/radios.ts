import type { Logger } from 'pino';
import type { SecurityKeys } from '../drivers/zwave/keys.ts';
import type { Config, RadioConfig } from './config.ts';
import type { ChosenRadio } from './core/radio-stick.ts';
import type { TimeReading } from './core/time.ts';
import type { HubParts } from './hub-parts.ts';
import type { LockDriver } from './lock-driver.ts';
import type { Store } from './store/store.ts';
import { UsageError } from './system/ending.ts';

/** Name of the keys of the Zigbee network among the hub's secrets. */
const ZIGBEE_KEYS = 'zigbee_network_keys';

/** The radios that the config names, or those that somebody has chosen. */
export async function radiosOf(
  config: Config,
  takenOver: readonly (SecurityKeys | undefined)[],
  { store, repaired }: Pick<HubParts, 'store' | 'repaired'>,
  now: () => TimeReading,
  to: Logger,
): Promise<Pick<HubParts, 'drivers' | 'sticks'>> {
  const { stickChoice } = await import('./provision/stick-choice.ts');
  const sticks = stickChoice(store.secrets, (radio) =>
    driverOf(configOfStick(radio), undefined, store, config, now, to),
  );
  const named = config.radiosAuto ? sticks.chosen().map(configOfStick) : config.radios;
  const radios = named.filter(({ kind }) => {
    // A new network on the stick would cost it the locks that it knows, and a backup can bring the old one back.
    const areKeysLost = repaired?.restoredFrom === null && store.secrets.get(ZIGBEE_KEYS) === undefined;
    const isHeld = kind === 'zigbee' && areKeysLost;
    if (isHeld)
      to.error('the Zigbee stick is left alone: the keys of its network are lost, see lockhub doctor');
    return !isHeld;
  });
  const drivers = radios.map((radio, index) => driverOf(radio, takenOver[index], store, config, now, to));
  return { drivers: await Promise.all(drivers), ...(config.radiosAuto && { sticks }) };
}

/** The library of a radio that the config does not name is never loaded. */
async function driverOf(
  radio: RadioConfig,
  takenOver: SecurityKeys | undefined,
  store: Store,
  { policy: { timezone: zone } }: Config,
  now: () => TimeReading,
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
        now,
        log: to,
      });
    }
    case 'zigbee': {
      const [{ createZigbeeDriver }, { networkKeys }] = await Promise.all([
        import('../drivers/zigbee/driver.ts'),
        import('../drivers/zigbee/kept-keys.ts'),
      ]);
      const [{ lockAddresses }, { memoryPlace }] = await Promise.all([
        import('./data.ts'),
        import('./memory-place.ts'),
      ]);
      const keys = networkKeys(store.secrets);
      const known = (): readonly string[] => lockAddresses(store, 'zigbee').map(String);
      return createZigbeeDriver({
        ...radio,
        holders,
        storage: store.radioStorage,
        memoryPlace: memoryPlace(),
        keys,
        zone,
        known,
        now,
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
export async function keysToTakeOver(radio: RadioConfig, index: number): Promise<SecurityKeys | undefined> {
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
