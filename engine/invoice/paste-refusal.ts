import type { InvoiceRefusal } from './invoice-refusal.ts';

/** Why a pasted text is of no use. The codes, and their fields, are those of the node's refusals. */
export type PasteRefusal =
  | InvoiceRefusal
  | { readonly code: 'empty-input' }
  | { readonly code: 'unrecognised-input' }
  | { readonly code: 'invalid-address'; readonly detail: string }
  | { readonly code: 'invalid-amount'; readonly detail: string }
  /** A URI parameter: twice, broken, or required (`req-`) and unknown to us. */
  | { readonly code: 'invalid-argument'; readonly field: string; readonly detail: string }
  /** We know what it is, and cannot do it yet. */
  | { readonly code: 'not-yet'; readonly what: 'bolt12' | 'lnurl' | 'bip353' };
