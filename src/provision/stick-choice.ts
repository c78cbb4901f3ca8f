import type { ChosenRadio, SerialStick } from '../core/radio-stick.ts';
import type { LockDriver } from '../lock-driver.ts';
import { chooseRadio, chosenRadios, type Secrets } from './chosen-radios.ts';
import { findSticks, MACHINE, type StickPlaces } from './sticks.ts';

/** With `radios: auto`: the sticks that are there, and what somebody said they are. */
export interface StickChoice {
  find(): readonly SerialStick[];
  chosen(): readonly ChosenRadio[];
  /** Keeps a stick as the radio of its kind, and makes its driver. */
  choose(radio: ChosenRadio): Promise<LockDriver>;
}

export function stickChoice(
  secrets: Secrets,
  driverOf: (radio: ChosenRadio) => Promise<LockDriver>,
  places: StickPlaces = MACHINE,
): StickChoice {
  return {
    find: () => findSticks(places),
    chosen: () => chosenRadios(secrets),
    choose: (radio) => {
      chooseRadio(secrets, radio);
      return driverOf(radio);
    },
  };
}
