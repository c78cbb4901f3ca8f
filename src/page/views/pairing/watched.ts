import { signal } from '@preact/signals';

/**
 * What this tab saw under way, by its command, until its end was read and put away. It outlives a reload of the tab.
 * How something ended that nobody here has seen, perhaps days ago, is no news to whoever comes to pair a lock.
 */
const KEY = 'pairing-watched';

export const watched = signal(sessionStorage.getItem(KEY));

export function watch(commandId: string): void {
  watched.value = commandId;
  sessionStorage.setItem(KEY, commandId);
}

export function putAway(): void {
  watched.value = null;
  sessionStorage.removeItem(KEY);
}
