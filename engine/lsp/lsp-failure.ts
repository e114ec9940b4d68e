import type { Msat, Sat } from '../base/units.ts';

/**
 * Why an LSP did not do what it was asked. bLIP 50 §Error Handling: "Clients SHOULD NOT directly expose error `message`s to
 * users": its own words go to the log alone, and filtered.
 */
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
  /** Of the address that it was to call. */
  | { readonly code: 'webhook-refused' }
  | { readonly code: 'too-many-webhooks' }
  | { readonly code: 'webhook-unknown' }
  /** It failed, by an error that JSON-RPC 2.0 has for that. */
  | { readonly code: 'error'; readonly errorCode: number }
  /** An error that no book has. */
  | { readonly code: 'unrecognized'; readonly errorCode: number };

// bLIP 50 §Error Handling: "Clients SHOULD generate their own messages based on the error `code`"; "MUST respect JSON-RPC
// error codes".
const CODES: ReadonlyMap<number, LspFailure> = new Map<number, LspFailure>([
  [-32601, { code: 'not-offered' }],
  // bLIP 50 §Error Codes: "A LSP MAY return a `Client rejected` error in case it does not want to offer a service to the
  // client."
  [1, { code: 'client-rejected' }],
  // bLIP 51 §2: "The order doesnt match the options defined in `lsps1.get_info.options`": they are others by now.
  [100, { code: 'options-changed' }],
  // bLIP 51 §2.1: "Order with the requested order_id has not been found."
  [101, { code: 'order-unknown' }],
  // bLIP 51 §2: "The provided token was unrecognized or stale."
  [102, { code: 'token-refused' }],
  // bLIP 52 §1: "`unrecognized_or_stale_token` (200)"
  [200, { code: 'token-refused' }],
  // bLIP 52 §2: "`invalid_opening_fee_params` (201)"
  [201, { code: 'terms-changed' }],
  // bLIP 52 §2: "`payment_size_too_small` (202)"
  [202, { code: 'payment-too-small' }],
  // bLIP 52 §2: "`payment_size_too_large` (203)"
  [203, { code: 'payment-too-large' }],
  // bLIP 55 §lsps5.set_webhook: "`too_long` (500)"; "`url_parse_error` (501)"; "`unsupported_protocol` (502)"
  [500, { code: 'webhook-refused' }],
  [501, { code: 'webhook-refused' }],
  [502, { code: 'webhook-refused' }],
  // bLIP 55 §lsps5.set_webhook: "`too_many_webhooks` (503)"
  [503, { code: 'too-many-webhooks' }],
  // bLIP 55 §lsps5.remove_webhook: "`app_name_not_found` (1010)"
  [1010, { code: 'webhook-unknown' }],
]);

/** JSON-RPC 2.0 §5.1: "Parse error", "Invalid Request", "Invalid params" and "Internal error". */
const STANDARD: ReadonlySet<number> = new Set([-32_700, -32_600, -32_602, -32_603]);
/** There: "Server error: Reserved for implementation-defined server-errors." */
const isServerError = (errorCode: number): boolean => errorCode >= -32_099 && errorCode <= -32_000;

/**
 * bLIP 50 §LSPS Extension And Versioning: "MUST treat as a generic error any unrecognized error `code`". bLIP 50 §Error
 * Handling: "If the client does not recognize the error `code`, or is expecting a field in the `data` object that is not present,
 * it SHOULD indicate this as an […] error to the user": as unrecognized. No field of `data` is expected. bLIP 50 §Custom
 * Errors: "Clients MUST treat an error in this range similar to a `-32603 Internal error` if it does not know otherwise."
 */
export const failureOfCode = (errorCode: number): LspFailure =>
  CODES.get(errorCode) ??
  (STANDARD.has(errorCode) || isServerError(errorCode)
    ? { code: 'error', errorCode }
    : { code: 'unrecognized', errorCode });

export const nonsense = (detail: string): { readonly ok: false; readonly error: LspFailure } => ({
  ok: false,
  error: { code: 'nonsense', detail },
});
