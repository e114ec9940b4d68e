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
};
