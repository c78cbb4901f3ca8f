import type { ComponentChildren } from 'preact';
import { Link, useLocation } from 'wouter-preact';
import { logOut } from '../api.ts';
import { liveness, overview } from '../live.ts';
import { agoText } from '../time.ts';

const VIEWS = [
  { path: '/', name: 'Overview' },
  { path: '/codes', name: 'Codes' },
  { path: '/pairing', name: 'Pairing' },
  { path: '/radio', name: 'Radio' },
  { path: '/log', name: 'Log' },
] as const;

/** What is around every view: where one can go, which hub this is, and whether what is shown is how it is now. */
export function Frame({ children }: { readonly children: ComponentChildren }) {
  const [path] = useLocation();
  const isHere = (view: string): boolean =>
    view === '/' ? path === '/' || path.startsWith('/locks/') : path.startsWith(view);
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={focusContent}>
        Skip to content
      </a>
      <header class="top">
        <Link href="/" class="brand">
          lockhub <span>{overview.value?.hub.hub_id}</span>
        </Link>
        <LiveMark />
        <button type="button" class="plain" onClick={() => void logOut()}>
          Log out
        </button>
      </header>
      <nav class="views" aria-label="Views">
        {VIEWS.map(({ path: view, name }) => (
          <Link key={view} href={view} aria-current={isHere(view) ? 'page' : undefined}>
            {name}
          </Link>
        ))}
      </nav>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function focusContent(event: Event): void {
  // The address names the view, so it can't name a place in it too.
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function LiveMark() {
  const state = liveness.value;
  switch (state.kind) {
    case 'live':
      return <span class="live live-on">Live</span>;
    case 'connecting':
      return <span class="live">Connecting…</span>;
    case 'lost':
      return (
        <span class="live live-off" role="alert">
          Not live: as of {agoText(state.since.toISOString())}
        </span>
      );
  }
}
