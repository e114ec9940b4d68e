import type { Msat, Sat } from '../base/units.ts';

/** Why an LSP did not do what it was asked. Never the LSP's own words: those go to the log alone, and filtered. */
export type LspFailure =
  /** No connection, or it ended before the answer came. */
  | { readonly code: 'disconnected' }
  | { readonly code: 'no-answer' }
  /** What it sent is not LSPS0, or breaks what it promises to be. `detail` is ours. */
  | { readonly code: 'nonsense'; readonly detail: string }
  /** It does not know the method. */
  | { readonly code: 'not-offered' }
  | { readonly code: 'token-refused' }
  | { readonly code: 'client-rejected' }
  /** What it quoted does not hold any more, or never did. */
  | { readonly code: 'terms-changed' }
  | { readonly code: 'payment-too-small' }
  | { readonly code: 'payment-too-large' }
  /** Nothing that it offers suits: see `why`. */
  | { readonly code: 'no-offer'; readonly why: 'none' | 'expired' | 'safety' }
  | { readonly code: 'amount-too-small'; readonly minimum: Msat }
  | { readonly code: 'amount-too-large'; readonly maximum: Msat }
  /** Of the room that it sells. */
  | { readonly code: 'channel-out-of-range'; readonly min: Sat; readonly max: Sat }
  | { readonly code: 'options-changed' }
  | { readonly code: 'order-unknown' }
  /** Any other error of its own. */
  | { readonly code: 'error'; readonly errorCode: number };

// bLIP 50 §Error Handling: "Clients SHOULD generate their own messages based on the error `code`". bLIP 52 §1 and §2 name
// 200 to 203, bLIP 51 §2 100 to 102, bLIP 50 §Error Codes 1; the rest is JSON-RPC 2.0's.
const CODES: ReadonlyMap<number, LspFailure> = new Map<number, LspFailure>([
  [-32601, { code: 'not-offered' }],
  [1, { code: 'client-rejected' }],
  // The order is none that the options allow: they are others by now.
  [100, { code: 'options-changed' }],
  [101, { code: 'order-unknown' }],
  [102, { code: 'token-refused' }],
  [200, { code: 'token-refused' }],
  [201, { code: 'terms-changed' }],
  [202, { code: 'payment-too-small' }],
  [203, { code: 'payment-too-large' }],
]);

/** bLIP 50 §LSPS Extension And Versioning: "MUST treat as a generic error any unrecognized error `code`". */
export const failureOfCode = (errorCode: number): LspFailure =>
  CODES.get(errorCode) ?? { code: 'error', errorCode };

export const nonsense = (detail: string): { readonly ok: false; readonly error: LspFailure } => ({
  ok: false,
  error: { code: 'nonsense', detail },
});
