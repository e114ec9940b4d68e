/** How many payments, one after another; the first `warmUp` are not counted. */
export type Question = { readonly payments: number; readonly warmUp: number };

/** Milliseconds of each payment: until the payer has the preimage, and until the channel is at rest. */
export type Answer = { readonly roundTripMs: readonly number[]; readonly atRestMs: readonly number[] };
