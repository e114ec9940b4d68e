import type { Network } from '../../base/network.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { addressOf } from '../../bitcoin/address.ts';
import { expiresAt, type Bolt11Invoice } from '../../invoice/bolt11.ts';
import { parsePaste } from '../../invoice/paste.ts';
import type { Destination } from '../api.ts';
import { refusalFromPaste } from '../refusal-from.ts';
import type { PaidBy, Refusal } from '../refusal.ts';

type Invoiced = (invoice: Bolt11Invoice, address: string | null) => PaidBy | null;

/** What did the user paste? An invoice goes before the address beside it. */
export function parseDestination(
  text: unknown,
  network: Network,
  mayBePaid: Invoiced = () => null,
): Result<Destination, Refusal> {
  if (typeof text !== 'string') return err({ code: 'unrecognised-input' });
  const pasted = parsePaste(text, network);
  if (!pasted.ok) return err(refusalFromPaste(pasted.error));
  const paste = pasted.value;
  switch (paste.kind) {
    case 'bolt11':
      return ok(invoiceOf(paste.invoice, null, network, mayBePaid));
    case 'address':
      return ok(onchain(paste.onchain.address, null, '', ''));
    case 'node':
      return ok({ kind: 'node', ...paste.node });
    case 'bip21': {
      const { onchain: way, invoice, invoiceRefusal, amount, label, message } = paste.uri;
      if (invoice !== null) return ok(invoiceOf(invoice, way?.address ?? null, network, mayBePaid));
      if (way !== null) return ok(onchain(way.address, amount, label, message));
      return err(
        invoiceRefusal === null ? { code: 'not-yet', what: 'bolt12' } : refusalFromPaste(invoiceRefusal),
      );
    }
  }
}

const onchain = (address: string, amountSat: bigint | null, label: string, message: string): Destination => ({
  kind: 'onchain',
  address,
  amountSat,
  label,
  message,
});

function invoiceOf(
  invoice: Bolt11Invoice,
  address: string | null,
  network: Network,
  mayBePaid: Invoiced,
): Destination {
  const { description, fallbacks } = invoice;
  const fallback = fallbacks[0];
  const by = mayBePaid(invoice, address);
  return {
    kind: 'bolt11',
    invoice: invoice.text,
    amountMsat: invoice.amount,
    description: description.tag === 'text' ? description.text : '',
    payee: invoice.payee,
    paymentHash: invoice.paymentHash,
    expiresAt: expiresAt(invoice),
    fallbackAddress: address ?? (fallback === undefined ? null : addressOf(fallback, network)),
    ...(by === null ? {} : { mayBePaid: by }),
  };
}
