import { useSyncExternalStore } from 'preact/compat';

/**
 * Where the page is: all of it is in the hash, also what a view is asked (`#/pairing?replace=ID`). The router's own
 * hook would put the question before the hash, where it stays for every view that follows.
 */
export function useHashPath(): [string, (to: string, options?: { readonly replace?: boolean }) => void] {
  return [useSyncExternalStore(onHash, pathOf), go];
}

/** A link's address for a place. */
useHashPath.hrefs = (to: string): string => `#${to}`;

/** What the view is asked, without the question mark. */
export function useHashSearch(): string {
  return useSyncExternalStore(onHash, searchOf);
}

function go(to: string, options?: { readonly replace?: boolean }): void {
  const url = `#${to}`;
  if (options?.replace === true) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  dispatchEvent(new Event('hashchange'));
}

function onHash(tell: () => void): () => void {
  addEventListener('hashchange', tell);
  return () => removeEventListener('hashchange', tell);
}

function pathOf(): string {
  return `/${location.hash.replace(/^#?\/?/, '').split('?')[0] ?? ''}`;
}

function searchOf(): string {
  return location.hash.split('?')[1] ?? '';
}
