import { btcDecimal } from './money.ts';

export type PaymentRequest = {
  readonly address: string;
  /** Absent where Lightning could not carry it. */
  readonly invoice: string | null;
  readonly amountSat: bigint | null;
  readonly note: string;
};

/** One text for any wallet: a BIP 21 URI with the invoice as its `lightning` parameter. */
export function paymentUri(request: PaymentRequest): string {
  const parameters: string[] = [];
  if (request.amountSat !== null) parameters.push(`amount=${btcDecimal(request.amountSat)}`);
  if (request.note !== '') parameters.push(`message=${encodeURIComponent(request.note)}`);
  if (request.invoice !== null) parameters.push(`lightning=${request.invoice}`);
  return `bitcoin:${request.address}${parameters.length === 0 ? '' : `?${parameters.join('&')}`}`;
}

const isBech32 = (text: string): boolean => /^(bc|tb|bcrt)1[02-9ac-hj-np-z]+$/.test(text);

/** The same for a QR code: bech32 in capitals, which QR codes carry in fewer modules. */
export function paymentQr(request: PaymentRequest): string {
  const address = isBech32(request.address) ? request.address.toUpperCase() : request.address;
  const invoice = request.invoice?.toUpperCase() ?? null;
  const uri = paymentUri({ ...request, address, invoice });
  // The scheme is read in any case (RFC 3986 §3.1); in capitals a bare address needs no byte mode.
  return uri.replace(/^bitcoin:/, 'BITCOIN:');
}

/** The same of what has one way to pay alone: an invoice without an address is a `lightning:` URI. Either is there. */
export function paymentText({
  address,
  ...request
}: Omit<PaymentRequest, 'address'> & { readonly address: string | null }): {
  readonly uri: string;
  readonly qr: string;
} {
  if (address !== null)
    return { uri: paymentUri({ ...request, address }), qr: paymentQr({ ...request, address }) };
  const uri = `lightning:${request.invoice ?? ''}`;
  return { uri, qr: uri.toUpperCase() };
}
