/** Two nodes with a channel between them, all in one process; the first pays the second. */
export type PaymentPair = {
  /** The payee makes invoices for payments to come. `held`: for `addAll`, else for `pay`. */
  readonly invoices: (count: number, amountMsat: bigint, held?: boolean) => Promise<readonly string[]>;
  /** Pays one and resolves when the payer has the preimage. */
  readonly pay: (invoice: string) => Promise<void>;
  /** Pays all in one burst, and resolves when every HTLC is irrevocably committed on both sides. The payee holds them. */
  readonly addAll: (invoices: readonly string[]) => Promise<void>;
  /** The payee claims all that it holds; resolves when the payer has every preimage. */
  readonly claimAll: () => Promise<void>;
  /** Resolves when no HTLC is left in the channel on either side. */
  readonly settled: () => Promise<void>;
  /** Bytes handed to the stores so far. */
  readonly written: () => { readonly payer: number; readonly payee: number };
};

export type StartPair = () => Promise<PaymentPair>;

export const CAPACITY_SAT = 16_000_000n;
export const PUSH_MSAT = 4_000_000_000n;
