import type { Network } from '../../base/network.ts';
import { err, type Result } from '../../base/result.ts';
import type { Bolt11Invoice } from '../../invoice/bolt11.ts';
import { decodeBolt11 } from '../../invoice/bolt11-decode.ts';
import { textArgument } from '../arguments.ts';
import { refusalFromPaste } from '../refusal-from.ts';
import type { Refusal } from '../refusal.ts';

const LONGEST_INVOICE = 16_384;

export function readInvoice(text: unknown, network: Network): Result<Bolt11Invoice, Refusal> {
  const given = textArgument(text, 'invoice', LONGEST_INVOICE);
  if (!given.ok) return given;
  const decoded = decodeBolt11(given.value.trim().replace(/^lightning:/i, ''), network);
  return decoded.ok ? decoded : err(refusalFromPaste(decoded.error));
}
