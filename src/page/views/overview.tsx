import { overview } from '../live.ts';

/** How the hub is, and every lock, problems first. */
export function OverviewView() {
  const shown = overview.value;
  if (shown === null) return <p class="quiet">Loading…</p>;
  return <h1>{shown.hub.hub_id}</h1>;
}
