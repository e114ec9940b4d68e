import { put, remove, type Write } from '../../base/write.ts';
import { utf8 } from '../../codec/bytes.ts';
import { bool, enumOf, option } from '../../codec/choices.ts';
import { decode, encode, type Field } from '../../codec/field.ts';
import { nodeId, outPoint, paymentHash } from '../../codec/ids.ts';
import { u16 } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { struct } from '../../codec/struct.ts';
import { union, variant } from '../../codec/union.ts';
import { satVar, timestampVar } from '../../codec/units.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Row } from '../../storage/store.ts';
import type { Final, KeptOrder } from './order.ts';

// All in table `meta`: few, and read once at start.
const KEY = 'lsp-order/';
/** Every key that is meant lies from the first on and below the second. */
export const ORDER_KEYS = { from: KEY, below: 'lsp-order0' } as const;

/** Names in an enumeration are appended, never moved: their position is what stands on disk. */
export const orderRecord: Field<KeptOrder> = record(1, {
  id: utf8,
  lsp: nodeId,
  alias: utf8,
  trusted: bool,
  orderId: utf8,
  createdAt: timestampVar,
  expiresAt: timestampVar,
  lspBalance: satVar,
  clientBalance: satVar,
  fee: satVar,
  total: satVar,
  way: union('tag', {
    lightning: variant(1, struct({ invoice: utf8, paymentHash })),
    onchain: variant(2, struct({ address: utf8, confirmations: u16, refundAddress: utf8 })),
  }),
  told: enumOf(['created', 'completed', 'failed']),
  payment: enumOf(['expected', 'hold', 'paid', 'refunded']),
  funding: option(outPoint),
  keptUntil: option(timestampVar),
  over: option(enumOf<Final>(['open', 'refunded', 'not-paid'])),
});

export const writeOrder = (order: KeptOrder): Write =>
  put('meta', KEY + order.id, encode(orderRecord, order));
export const removeOrder = (id: string): Write => remove('meta', KEY + id);

export function readOrders(
  rows: readonly Row[],
): Result<readonly KeptOrder[], { readonly key: string; readonly code: string }> {
  const orders: KeptOrder[] = [];
  for (const { key, value } of rows) {
    const decoded = decode(orderRecord, value);
    if (!decoded.ok) return err({ key, code: decoded.error.code });
    orders.push(decoded.value);
  }
  return ok(orders);
}
