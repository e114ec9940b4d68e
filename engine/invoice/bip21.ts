import type { Network } from '../base/network.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Sat } from '../base/units.ts';
import { formatBitcoinAmount, parseBitcoinAmount } from './bitcoin-amount.ts';
import type { Bolt11Invoice } from './bolt11.ts';
import { decodeBolt11 } from './bolt11-decode.ts';
import type { InvoiceRefusal } from './invoice-refusal.ts';
import { readAddress, type PaymentAddress } from './payment-address.ts';
import type { PasteRefusal } from './paste-refusal.ts';

/** What a `bitcoin:` URI offers (BIP 21, with `lightning` and `lno` as BIP 321 has them). */
export type Bip21 = {
  /** Null when the URI is for Lightning alone. */
  readonly onchain: PaymentAddress | null;
  /** For the on-chain way; an invoice has its own. */
  readonly amount: Sat | null;
  readonly label: string;
  readonly message: string;
  readonly invoice: Bolt11Invoice | null;
  /** Why the invoice in the URI cannot be used, when the address still can. */
  readonly invoiceRefusal: InvoiceRefusal | null;
  /** A BOLT 12 offer, not read. */
  readonly offer: string | null;
};

const refuseParameter = (field: string, detail: string) =>
  err<PasteRefusal>({ code: 'invalid-argument', field: field.slice(0, 40), detail });

function readParameters(query: string): Result<ReadonlyMap<string, string>, PasteRefusal> {
  const parameters = new Map<string, string>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    // Keys are lower case, but QR codes are often made of the whole URI in upper case.
    const key = (equals < 0 ? part : part.slice(0, equals)).toLowerCase();
    // Two values for one thing to pay: which one is meant cannot be known.
    if (parameters.has(key)) return refuseParameter(key, 'given twice');
    try {
      parameters.set(key, equals < 0 ? '' : decodeURIComponent(part.slice(equals + 1)));
    } catch {
      return refuseParameter(key, 'not percent-encoded UTF-8');
    }
  }
  return ok(parameters);
}

/** @param text a URI that starts with `bitcoin:`, in either case. */
export function parseBip21(text: string, network: Network): Result<Bip21, PasteRefusal> {
  const rest = text.slice('bitcoin:'.length).replace(/^\/\//, '').replace(/#.*$/s, '');
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const read = readParameters(mark < 0 ? '' : rest.slice(mark + 1));
  if (!read.ok) return read;
  const parameters = read.value;
  // BIP 21: "variables which are prefixed with a req- are considered required. If a client does not implement any
  // variables which are prefixed with req-, it MUST consider the entire URI invalid."
  for (const key of parameters.keys())
    if (key.startsWith('req-')) return refuseParameter(key, 'required and not understood');

  const amountText = parameters.get('amount');
  const amount = amountText === undefined ? null : parseBitcoinAmount(amountText);
  if (amountText !== undefined && (amount === null || amount === 0n))
    return err({ code: 'invalid-amount', detail: 'not an amount of bitcoin' });

  const address = path === '' ? null : readAddress(path, network);
  if (address?.ok === false) return address;
  const onchain = address?.value ?? null;

  const invoiceText = parameters.get('lightning') ?? '';
  const decoded = invoiceText === '' ? null : decodeBolt11(invoiceText, network);
  const offer = parameters.get('lno') ?? null;
  if (onchain === null) {
    if (decoded?.ok === false) return decoded;
    if (decoded === null)
      return offer === null
        ? err({ code: 'invalid-address', detail: 'no address in the URI' })
        : err({ code: 'not-yet', what: 'bolt12' });
  }
  return ok({
    onchain,
    amount,
    label: parameters.get('label') ?? '',
    message: parameters.get('message') ?? '',
    invoice: decoded?.ok === true ? decoded.value : null,
    invoiceRefusal: decoded?.ok === false ? decoded.error : null,
    offer,
  });
}

export type Bip21Draft = {
  readonly address: string;
  readonly amount?: Sat;
  readonly label?: string;
  readonly message?: string;
  /** BOLT 11. */
  readonly invoice?: string;
};

/**
 * One URI for every way to pay.
 * @param upperCase writes what may be written in upper case so (bech32 address, invoice): smaller QR codes.
 */
export function buildBip21(draft: Bip21Draft, upperCase = false): string {
  const cased = (text: string): string => (upperCase ? text.toUpperCase() : text);
  const isBech32 = /^(bc|tb|bcrt)1/i.test(draft.address);
  const parameters: string[] = [];
  if (draft.amount !== undefined) parameters.push(`amount=${formatBitcoinAmount(draft.amount)}`);
  if (draft.label) parameters.push(`label=${encodeURIComponent(draft.label)}`);
  if (draft.message) parameters.push(`message=${encodeURIComponent(draft.message)}`);
  if (draft.invoice !== undefined) parameters.push(`lightning=${cased(draft.invoice)}`);
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  return `bitcoin:${isBech32 ? cased(draft.address) : draft.address}${query}`;
}
