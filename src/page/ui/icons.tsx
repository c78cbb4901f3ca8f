import type { ComponentChildren } from 'preact';

/** Signs of the views. They stand beside words, so nobody is told of them. */
const PATHS = {
  overview: 'M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z',
  codes: 'M6 5h.01M12 5h.01M18 5h.01M6 12h.01M12 12h.01M18 12h.01M6 19h.01M12 19h.01M18 19h.01',
  pairing: 'M12 5v14M5 12h14',
  radio:
    'M5 19a12 12 0 0 1 0-14M19 19a12 12 0 0 0 0-14M8.5 15.5a6 6 0 0 1 0-7M15.5 15.5a6 6 0 0 0 0-7M12 12h.01',
  doctor: 'M3 12h4l3-7 4 14 3-7h4',
  log: 'M5 6h14M5 12h14M5 18h9',
  backup: 'M5 5h12l2 2v12H5zM9 5v5h6V5M8 19v-5h8v5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): ComponentChildren {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
