/** What a route costs besides its fees, in millisatoshis: how much more we pay to be spared it. */
export type Weights = {
  /** For each channel. */
  readonly hop: number;
  /** For each channel, a share of the amount. */
  readonly hopShare: number;
  /** For −ln of each channel's probability. */
  readonly risk: number;
  /** The same, a share of the amount. */
  readonly riskShare: number;
  /** For each block that the amount may be held, a share of it. */
  readonly blockShare: number;
};

/** Of an amount of 100,000 sat: eight satoshis for a channel that may fail in one of 20 times, and six for each hop. */
export const DEFAULT_WEIGHTS: Weights = {
  hop: 1_000,
  hopShare: 0.000_05,
  risk: 12_000,
  riskShare: 0.001_5,
  // 15 parts in a billion a block, as lnd's routerrpc.DefaultRiskFactorBillionths.
  blockShare: 0.000_000_015,
};

/** Nearly fees alone: when the route that is likeliest to arrive costs more than we may pay. */
export const CHEAPEST: Weights = { hop: 1, hopShare: 0, risk: 10, riskShare: 0, blockShare: 0 };

/**
 * One after the other, when the routes that we like have more hops than an onion has room for: hops ever dearer, at last
 * so dear that nothing else counts but among ways that are equally short.
 */
export const FEWER_HOPS: readonly Weights[] = [
  { ...DEFAULT_WEIGHTS, hop: 100_000 },
  { ...CHEAPEST, hop: 1_000_000 },
  { ...CHEAPEST, hop: 10_000_000_000_000 },
];

/** When the route that we like would hold the money for too long. */
export const SHORTEST: Weights = { ...DEFAULT_WEIGHTS, blockShare: 0.000_1 };
