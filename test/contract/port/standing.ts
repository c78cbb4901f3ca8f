import type { PortRig } from './rig.ts';

/** The rig of a face, which stands when the first test begins. */
export type Standing = () => PortRig;
