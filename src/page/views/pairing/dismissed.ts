import { signal } from '@preact/signals';

/** The last pairing whose end was read and put away, by its command. It outlives a reload of this tab. */
const KEY = 'pairing-put-away';

export const dismissed = signal(sessionStorage.getItem(KEY));

export function dismiss(commandId: string): void {
  dismissed.value = commandId;
  sessionStorage.setItem(KEY, commandId);
}
