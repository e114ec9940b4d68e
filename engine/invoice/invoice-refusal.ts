import type { Network } from '../base/network.ts';
import type { AmountFault } from './invoice-amount.ts';

/** What is wrong with an invoice that cannot be paid, by anybody. */
export type InvoiceFault =
  | AmountFault
  | 'not-an-invoice'
  | 'malformed'
  | 'too-short'
  | 'field-overrun'
  | 'field-not-minimal'
  | 'no-payment-hash'
  | 'no-payment-secret'
  | 'no-description'
  | 'two-descriptions'
  | 'description-not-utf8'
  | 'route-hint'
  | 'blinded-path'
  | 'feature-dependency'
  | 'signature';

/** Why an invoice is refused. The codes are those of the node's refusals. */
export type InvoiceRefusal =
  | { readonly code: 'input-too-long'; readonly length: number; readonly limit: number }
  | { readonly code: 'bad-checksum' }
  | { readonly code: 'invalid-invoice'; readonly detail: InvoiceFault }
  /** It requires a feature that we do not have. */
  | { readonly code: 'unsupported-feature'; readonly bit: number }
  /** `found` is a network, or the currency prefix of one that we do not know. */
  | { readonly code: 'wrong-network'; readonly found: string; readonly expected: Network };
