import type { Network } from '../base/network.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseBip21, type Bip21 } from './bip21.ts';
import type { Bolt11Invoice } from './bolt11.ts';
import { decodeBolt11 } from './bolt11-decode.ts';
import { parseNodeUri, type NodeUri } from './node-uri.ts';
import type { PasteRefusal } from './paste-refusal.ts';
import { readAddress, type PaymentAddress } from './payment-address.ts';

/** What a text that somebody pasted, typed or scanned is. */
export type Paste =
  | { readonly kind: 'bolt11'; readonly invoice: Bolt11Invoice }
  | { readonly kind: 'bip21'; readonly uri: Bip21 }
  | { readonly kind: 'address'; readonly onchain: PaymentAddress }
  | { readonly kind: 'node'; readonly node: NodeUri };

/** Longer than any URI of ours: nothing more is read of it. */
export const LONGEST_PASTE = 16_384;

const INVISIBLE = /[\s\u00ad\u200b-\u200f\u2060\ufeff]+/gu;
/** name@domain, as Lightning addresses and BIP 353 have it. */
const HUMAN_NAME = /^[a-z0-9._+-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

/** What did the user paste? Needs no network; linear in the length of `text`, and stops at a bound. */
export function parsePaste(text: string, network: Network): Result<Paste, PasteRefusal> {
  if (text.length > LONGEST_PASTE)
    return err({ code: 'input-too-long', length: text.length, limit: LONGEST_PASTE });
  const trimmed = text.trim();
  if (/^bitcoin:/i.test(trimmed)) {
    const uri = parseBip21(trimmed, network);
    return uri.ok ? ok({ kind: 'bip21', uri: uri.value }) : uri;
  }
  // Invoices arrive broken over lines, and with what cannot be seen.
  const compact = trimmed.replace(INVISIBLE, '');
  if (compact === '') return err({ code: 'empty-input' });
  const embedded = /^https?:\/\/.*[?&]lightning=([a-z0-9]+)/i.exec(compact)?.[1];
  return parseBare(embedded ?? compact.replace(/^(web\+)?lightning:(\/\/)?/i, ''), network);
}

function parseBare(text: string, network: Network): Result<Paste, PasteRefusal> {
  // BOLT 12 offers, invoice requests and invoices.
  if (/^ln[ori]1/i.test(text)) return err({ code: 'not-yet', what: 'bolt12' });
  if (/^(lnurl1|lnurl[pwc]:|keyauth:)/i.test(text)) return err({ code: 'not-yet', what: 'lnurl' });
  if (/^ln[a-z]+[0-9]/i.test(text)) {
    const invoice = decodeBolt11(text, network);
    return invoice.ok ? ok({ kind: 'bolt11', invoice: invoice.value }) : invoice;
  }
  const node = parseNodeUri(text);
  if (node !== null) return ok({ kind: 'node', node });
  if (text.startsWith('₿')) {
    if (HUMAN_NAME.test(text.slice(1))) return err({ code: 'not-yet', what: 'bip353' });
  } else if (HUMAN_NAME.test(text)) return err({ code: 'not-yet', what: 'lnurl' });
  const onchain = readAddress(text, network);
  if (onchain.ok) return ok({ kind: 'address', onchain: onchain.value });
  return onchain.error.code === 'invalid-address' ? err({ code: 'unrecognised-input' }) : onchain;
}
