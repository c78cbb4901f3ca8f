import type { PortRig } from './rig.ts';

/** The rig of a face, which stands when the first test begins. */
export type Standing = () => PortRig;

/** Locks are tried beside each other, for most of the time they sleep; but what one lock is asked has its order. */
export const IN_ORDER = { concurrent: false } as const;
