import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { CheckUp } from '../core/finding.ts';
import type { RadioKind } from '../core/lock-event.ts';
import type { NetworkView } from '../core/radio-view.ts';
import { checkUpInside } from './check-up.ts';
import { openLine } from './line.ts';
import type { HubWords } from './observations.ts';

/** What of a running hub is told to the doctor. */
export interface HubInside {
  readonly clock: Clock;
  readonly radios: () => readonly Omit<HubWords['radios'][number], 'controller'>[];
  /** Each radio's network as its library knows it; `null`: it is not there. */
  readonly networks: () => readonly { readonly radio: RadioKind; readonly network: NetworkView | null }[];
  /** Why it runs in safe mode; `null`: it does not. */
  readonly safeMode: string | null;
  readonly sides: () => Pick<HubWords, 'links' | 'pageFailure' | 'backupFailure'>;
}

function clockOf(clock: Clock): HubWords['clock'] {
  const { earliest, latest } = clock.now();
  const basis = clock.basis?.();
  return {
    earliest,
    latest: Number.isFinite(latest) ? latest : null,
    followsMachine: basis?.till === 'system',
    isDisputed: basis?.isDisputed ?? false,
  };
}

/** How a running hub says it is. Asks nobody and costs no frame. */
function wordsOf({ clock, radios, networks, sides, safeMode }: HubInside): HubWords {
  const { links, pageFailure, backupFailure } = sides();
  const known = networks();
  const controllerOf = (radio: RadioKind): string | null =>
    known.find((other) => other.radio === radio)?.network?.controller ?? null;
  return {
    clock: clockOf(clock),
    backupFailure,
    radios: radios().map(({ radio, state, message }) => ({
      radio,
      state,
      message,
      controller: controllerOf(radio),
    })),
    links: links.map(({ section, status, lastFailure }) => ({ section, status, lastFailure })),
    safeMode,
    pageFailure,
    signals: known.flatMap(({ network }) =>
      (network?.nodes ?? []).flatMap(({ deviceId, rssiDbm, linkQuality }) =>
        deviceId === null ? [] : [{ deviceId, rssiDbm, linkQuality }],
      ),
    ),
  };
}

/** The doctor of a running hub. */
interface OwnDoctor {
  /** One look at a time: whoever asks meanwhile gets the same. */
  readonly checkUp: () => Promise<CheckUp>;
  readonly close: () => void;
}

/** Lets the page and the cloud ask for a check-up, and `lockhub doctor` of another process ask how this hub is. */
export function openDoctor(config: Config, inside: HubInside, log: Logger): OwnDoctor {
  const words = (): HubWords => wordsOf(inside);
  let underWay: Promise<CheckUp> | null = null;
  return {
    checkUp: () => {
      underWay ??= checkUpInside(config, words).finally(() => {
        underWay = null;
      });
      return underWay;
    },
    close: openLine(config.dataDir, words, log),
  };
}
