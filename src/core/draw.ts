/** A uniform whole number from 0 to below `below`. PINs need a cryptographic one; simulations a seeded one. */
export type Draw = (below: number) => number;
