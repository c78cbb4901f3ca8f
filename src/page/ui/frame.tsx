import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { logOut } from '../api.ts';
import sign from '../icon.svg';
import { liveness, overview } from '../live.ts';
import { agoText, clockText, now } from '../time.ts';
import { Icon } from './icons.tsx';
import { Notice } from './parts.tsx';

const VIEWS = [
  { path: '/', name: 'Overview', icon: 'overview' },
  { path: '/codes', name: 'Codes', icon: 'codes' },
  { path: '/pairing', name: 'Pairing', icon: 'pairing' },
  { path: '/radio', name: 'Radio', icon: 'radio' },
  { path: '/doctor', name: 'Doctor', icon: 'doctor' },
  { path: '/log', name: 'Log', icon: 'log' },
  { path: '/backup', name: 'Backup', icon: 'backup' },
] as const;

/** Views that others lead to. */
const OTHERS = [
  { path: '/locks/', name: 'Lock' },
  { path: '/claim', name: 'Claim' },
] as const;

/** What is around every view: where one can go, which hub this is, and whether what is shown is how it is now. */
export function Frame({ children }: { readonly children: ComponentChildren }) {
  const [path] = useLocation();
  const view = VIEWS.find(({ path: start }) => isWithin(path, start));
  useArrival(
    path,
    OTHERS.find(({ path: start }) => path.startsWith(start))?.name ?? view?.name ?? 'Not here',
  );
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={focusContent}>
        Skip to content
      </a>
      <header class="top">
        <Link href="/" class="brand">
          <img src={sign} alt="" width="24" height="24" />
          lockhub <span>{overview.value?.hub.hub_id}</span>
        </Link>
        <LiveMark />
        <button type="button" class="plain" onClick={() => void logOut()}>
          Log out
        </button>
      </header>
      <nav class="views" aria-label="Views">
        {VIEWS.map(({ path: start, name, icon }) => (
          <Link key={start} href={start} aria-current={isWithin(path, start) ? 'page' : undefined}>
            <Icon name={icon} />
            {name}
          </Link>
        ))}
      </nav>
      <main id="content" tabIndex={-1}>
        <NotLive />
        <SafeMode />
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

function isWithin(path: string, start: string): boolean {
  return start === '/' ? path === '/' || path.startsWith('/locks/') : path.startsWith(start);
}

/** Who comes to another view begins at its top, with a screen reader too, and finds its name in the list of tabs. */
function useArrival(path: string, name: string): void {
  const last = useRef(path);
  useEffect(() => {
    document.title = `${name} · lockhub`;
    if (last.current === path) return;
    last.current = path;
    window.scrollTo(0, 0);
    document.getElementById('content')?.focus({ preventScroll: true });
  }, [path, name]);
}

function LiveMark() {
  switch (liveness.value.kind) {
    case 'live':
      return <span class="live live-on">Live</span>;
    case 'connecting':
      return <span class="live">Connecting…</span>;
    case 'lost':
      return <span class="live live-off">Not live</span>;
  }
}

/** On every view, because nothing that is asked for there is done. */
function SafeMode() {
  const problem = overview.value?.hub.problems.find(({ code }) => code === 'safe_mode');
  return problem === undefined ? null : <Notice tone="bad">{problem.message}</Notice>;
}

/** Nobody should take what was for what is. */
function NotLive() {
  const state = liveness.value;
  if (state.kind !== 'lost') return null;
  const since = state.since.toISOString();
  return (
    <div class="notice notice-bad not-live">
      <p role="alert">
        <strong>Not live.</strong> The hub does not answer. What is shown is how it was at {clockText(since)}.
      </p>
      <p>That was {agoText(since, now.value)}. The page goes on trying: stay near the hub, in its network.</p>
    </div>
  );
}
