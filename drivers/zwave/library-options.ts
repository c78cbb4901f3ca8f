import { setTimeout as sleep } from 'node:timers/promises';
import { serial as nodeSerial } from '@zwave-js/serial/bindings/node';
import type { PartialZWaveOptions, ZWaveOptions } from 'zwave-js';
import type { RadioStorage } from '../../src/lock-driver.ts';
import { readMostlyFileSystem, VIRTUAL_CACHE_FOLDER } from './file-system.ts';
import type { SecurityKeys } from './keys.ts';
import { radioDatabases } from './storage.ts';

/** How long a lock may take to answer. Longer than the library's second: keypad locks wake up slowly. */
const REPORT_TIMEOUT_MS = 2_000;

/** `openSerialPort` is not in the library's public type. Reopening is our own loop's work, with its own backoff. */
const ATTEMPTS: ZWaveOptions['attempts'] | object = { openSerialPort: 1 };

/** A port that is being lost is gone after so long. */
const LOSS_MS = 100;

type SerialFactory = Awaited<ReturnType<NonNullable<(typeof nodeSerial)['createFactoryByPath']>>>;
type SerialBinding = Awaited<ReturnType<SerialFactory>>;

export interface LibraryOptions {
  readonly storage: RadioStorage;
  readonly securityKeys: SecurityKeys;
  /** Called each time the library opens the port; more than once only after it lost it. */
  readonly onPortOpening: () => void;
  readonly onPortOpened: () => void;
  readonly testingHooks?: ZWaveOptions['testingHooks'];
}

/** The options of zwave-js that keep codes alive and PINs secret (must-know list of the Z-Wave field notes). */
export function libraryOptions(options: LibraryOptions): PartialZWaveOptions {
  const { securityKeys: keys, testingHooks } = options;
  return {
    // Its log prints PINs.
    logConfig: { enabled: false, showLogo: false },
    // Without this the first interview clears every code on a User Code lock (must-know 1).
    interview: { queryAllUserCodes: true, applyRecommendedConfigParamValues: false },
    // With this, notifications would carry PINs (must-know 6).
    preferences: { lookupUserIdInNotificationEvents: false },
    timeouts: { report: REPORT_TIMEOUT_MS },
    attempts: { ...ATTEMPTS },
    storage: { cacheDir: VIRTUAL_CACHE_FOLDER },
    securityKeys: {
      S0_Legacy: Buffer.from(keys.S0_Legacy, 'hex'),
      S2_Unauthenticated: Buffer.from(keys.S2_Unauthenticated, 'hex'),
      S2_Authenticated: Buffer.from(keys.S2_Authenticated, 'hex'),
      S2_AccessControl: Buffer.from(keys.S2_AccessControl, 'hex'),
    },
    ...(keys.longRange && {
      securityKeysLongRange: {
        S2_Authenticated: Buffer.from(keys.longRange.S2_Authenticated, 'hex'),
        S2_AccessControl: Buffer.from(keys.longRange.S2_AccessControl, 'hex'),
      },
    }),
    host: { db: radioDatabases(options.storage), fs: readMostlyFileSystem, serial: watchedSerial(options) },
    ...(testingHooks && { testingHooks }),
  };
}

/** The library reopens a lost port by itself and tells nobody; this makes it visible. */
function watchedSerial({ onPortOpening, onPortOpened }: LibraryOptions): typeof nodeSerial {
  return {
    ...nodeSerial,
    createFactoryByPath: async (path, serialOptions) => {
      const open = await nodeSerial.createFactoryByPath?.(path, serialOptions);
      if (open === undefined) throw new Error('This platform has no serial ports');
      return async () => {
        onPortOpening();
        const binding = await open();
        onPortOpened();
        return path.startsWith('/') ? unhurried(binding) : binding;
      };
    },
  };
}

/**
 * Closes a port only when one that is being lost is gone. In between, the library's port throws where nobody can catch it
 * ("Port is not open"), which would end the hub whenever a stick is pulled out while it is spoken to.
 */
function unhurried(binding: SerialBinding): SerialBinding {
  const { source, sink } = binding;
  const isGone = Promise.withResolvers<true>();
  const watched: SerialBinding['source'] = {
    ...source,
    start: (controller) => {
      const fail = controller.error.bind(controller);
      controller.error = (reason) => {
        isGone.resolve(true);
        fail(reason);
      };
      return source.start?.(controller);
    },
  };
  /** Runs a deed on the port unless it is gone; a loss that is under way is waited for. */
  const unlessGone = async (deed: () => unknown): Promise<void> => {
    if (!(await Promise.race([isGone.promise, sleep(LOSS_MS, false)]))) await deed();
  };
  return {
    source: { ...watched, cancel: (reason) => unlessGone(() => source.cancel?.(reason)) },
    sink: {
      ...sink,
      close: () => unlessGone(() => sink.close?.()),
      abort: (reason) => unlessGone(() => sink.abort?.(reason)),
    },
  };
}
