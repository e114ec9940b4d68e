import { expect, it } from 'vitest';
import { failureOfCode } from './lsp-failure.ts';

// bLIP 50 §Error Handling: "Clients SHOULD generate their own messages based on the error `code`"
it.each([
  // bLIP 50 §Error Codes: "A LSP MAY return a `Client rejected` error"
  // bLIP 50 §Error Codes: "A LSP MAY reject a client by its node_id or"
  ['1', { code: 'client-rejected' }],
  // bLIP 51 §2: "The order doesnt match the options"
  ['100', { code: 'options-changed' }],
  // bLIP 51 §2.1: "Order with the requested order_id has not been found"
  ['101', { code: 'order-unknown' }],
  // bLIP 51 §2: "The provided token was unrecognized or stale"
  // bLIP 51 §2: "LSP MUST validate the `token` field and return a `102`"
  ['102', { code: 'token-refused' }],
  // bLIP 52 §1: "`unrecognized_or_stale_token` (200)"
  ['200', { code: 'token-refused' }],
  // bLIP 52 §2: "`invalid_opening_fee_params` (201)"
  ['201', { code: 'terms-changed' }],
  // bLIP 52 §2: "`payment_size_too_small` (202)"
  ['202', { code: 'payment-too-small' }],
  // bLIP 52 §2: "`payment_size_too_large` (203)"
  ['203', { code: 'payment-too-large' }],
  // bLIP 50 §Error Handling: "MUST respect JSON-RPC error codes"
  ['-32601', { code: 'not-offered' }],
  ['-32603', { code: 'error', errorCode: -32_603 }],
  // bLIP 50 §Custom Errors: "Clients MUST treat an error in this range similar to a `-32603 Internal error`"
  // bLIP 50 §Custom Errors: "These error codes MAY be used by LSPs too"
  ['-32000', { code: 'error', errorCode: -32_000 }],
  ['-32099', { code: 'error', errorCode: -32_099 }],
  // bLIP 50 §LSPS Extension And Versioning: "MUST treat as a generic error any unrecognized error `code`"
  ['9999', { code: 'unrecognized', errorCode: 9_999 }],
  ['0', { code: 'unrecognized', errorCode: 0 }],
  ['-32100', { code: 'unrecognized', errorCode: -32_100 }],
  // bLIP 50 §Custom Errors: "The range of `-31999 to -1` (inclusive) is undefined and"
  ['-31999', { code: 'unrecognized', errorCode: -31_999 }],
  ['-32700', { code: 'error', errorCode: -32_700 }],
  // bLIP 51 §2: "LSP MUST return a `-32602` error in case of an"
  ['-32602', { code: 'error', errorCode: -32_602 }],
])('error %s of an LSP', (code, failure) => {
  expect(failureOfCode(Number(code))).toEqual(failure);
});
