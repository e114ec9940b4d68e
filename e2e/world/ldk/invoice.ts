import { bech32 } from '@scure/base';
import { ldk, optionU64, unhex, unwrap } from './library.ts';
import type { InvoiceRequest } from '../real-peer.ts';

const TIMESTAMP_WORDS = 7;

/**
 * The invoice with the time of now: LDK in WebAssembly has no clock and dates invoices by the last block, so that one
 * made long after it would seem expired.
 */
function redated(bolt11: string, signer: ldk.NodeSigner): string {
  const { prefix, words } = bech32.decode(bolt11 as `${string}1${string}`, false);
  let time = Math.floor(Date.now() / 1000);
  for (let i = TIMESTAMP_WORDS - 1; i >= 0; i--, time = Math.floor(time / 32)) words[i] = time % 32;
  // The old signature stands in while LDK parses what the new one is to cover.
  const draft = unwrap<ldk.SignedRawBolt11Invoice>(
    ldk.SignedRawBolt11Invoice.constructor_from_str(bech32.encode(prefix, words, false)),
    'redated invoice',
  );
  const signature = unwrap<Uint8Array>(
    signer.sign_invoice(draft.raw_invoice(), ldk.Recipient.LDKRecipient_Node),
    'sign_invoice',
  );
  // 64 bytes and the recovery id, then padding that is not part of BOLT 11.
  const signatureWords = bech32.toWords(signature.slice(0, 65));
  const body = words.slice(0, words.length - signatureWords.length);
  return bech32.encode(prefix, [...body, ...signatureWords], false);
}

export function createInvoice(
  channels: ldk.ChannelManager,
  signer: ldk.NodeSigner,
  request: InvoiceRequest,
): { bolt11: string; hash: Uint8Array } {
  const description = unwrap<ldk.Description>(
    ldk.Description.constructor_new(request.description ?? 'a real peer'),
    'description',
  );
  const made = unwrap<ldk.Bolt11Invoice>(
    channels.create_bolt11_invoice(
      optionU64(request.amountMsat),
      ldk.Bolt11InvoiceDescription.constructor_direct(description),
      ldk.Option_u32Z.constructor_some(request.expirySeconds ?? 3600),
      ldk.Option_u16Z.constructor_none(),
      request.paymentHash === undefined
        ? ldk.Option_ThirtyTwoBytesZ.constructor_none()
        : ldk.Option_ThirtyTwoBytesZ.constructor_some(unhex(request.paymentHash)),
    ),
    'create_bolt11_invoice',
  );
  return { bolt11: redated(made.to_str(), signer), hash: made.payment_hash() };
}
