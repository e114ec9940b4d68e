/** What an LDK peer asks as an LSP. Plain data: it crosses a process boundary. */
export type LspTerms = {
  readonly minFeeMsat: bigint;
  /** Parts per million of the payment. */
  readonly proportional: number;
  readonly minPaymentMsat: bigint;
  readonly maxPaymentMsat: bigint;
  readonly validSeconds: number;
  readonly cltvDelta: number;
  readonly maxClientToSelfDelay: number;
  /** Whoever has none of these is sent away; empty: everybody is served. */
  readonly tokens: readonly string[];
  /** It opens with this much more than the payment. */
  readonly spareSat: bigint;
  /** How long it holds a payment for a channel that does not come to be. bLIP 52 §4: "SHOULD hold all payment parts active for at least 90 seconds" */
  readonly holdMs: number;
  /** What it sells ahead. */
  readonly rooms: RoomTerms;
};

type RoomTerms = {
  /** For each channel, and parts per million of what it puts into it. */
  readonly feeSat: bigint;
  readonly proportional: number;
  readonly minLspSat: bigint;
  readonly maxLspSat: bigint;
  readonly maxClientSat: bigint;
  readonly maxExpiryBlocks: number;
  /** Of a payment on chain. */
  readonly confirmations: number;
  readonly validSeconds: number;
};

export const DEFAULT_LSP_TERMS: LspTerms = {
  minFeeMsat: 2_000_000n,
  proportional: 4_000,
  minPaymentMsat: 1_000n,
  maxPaymentMsat: 4_000_000_000n,
  validSeconds: 3_600,
  cltvDelta: 72,
  maxClientToSelfDelay: 2_016,
  tokens: [],
  spareSat: 500_000n,
  holdMs: 90_000,
  rooms: {
    feeSat: 1_000n,
    proportional: 2_000,
    minLspSat: 100_000n,
    maxLspSat: 10_000_000n,
    maxClientSat: 1_000_000n,
    maxExpiryBlocks: 20_160,
    confirmations: 1,
    validSeconds: 3_600,
  },
};
