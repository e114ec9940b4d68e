import { assert } from '../../base/assert.ts';
import { put, remove, type Write } from '../../base/write.ts';
import { utf8 } from '../../codec/bytes.ts';
import { bool, enumOf, flag, option } from '../../codec/choices.ts';
import { decode, encode, mapped, type Field } from '../../codec/field.ts';
import { channelId, nodeId, outPoint, paymentHash } from '../../codec/ids.ts';
import { u16, u8 } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { list } from '../../codec/sequences.ts';
import { struct } from '../../codec/struct.ts';
import { tlv, tlvs } from '../../codec/tlv.ts';
import { union, variant } from '../../codec/union.ts';
import { satVar, timestampVar } from '../../codec/units.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Row } from '../../storage/store.ts';
import type { Final, KeptOrder } from './order.ts';

// All in table `meta`: few, and read once at start.
const KEY = 'lsp-order/';
/** Every key that is meant lies from the first on and below the second. */
export const ORDER_KEYS = { from: KEY, below: 'lsp-order0' } as const;

const lightning = struct({ invoice: utf8, paymentHash });
const onchain = struct({ address: utf8, confirmations: u16, refundAddress: utf8 });

/** Names in an enumeration are appended, never moved: their position is what stands on disk. */
const common = {
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
};
const progress = {
  told: enumOf(['created', 'completed', 'failed']),
  payment: enumOf(['expected', 'hold', 'paid', 'refunded']),
  funding: option(outPoint),
  keptUntil: option(timestampVar),
  over: option(enumOf<Final>(['open', 'refunded', 'not-paid'])),
};

/** After its version byte: an empty stream ends it. Who had ordered paid. */
const orderV1: Field<KeptOrder> = mapped(
  struct({
    ...common,
    way: union('tag', { lightning: variant(1, lightning), onchain: variant(2, onchain) }),
    ...progress,
    end: u8,
  }),
  ({ end: _end, ...order }) => order,
  ({ way, ...order }: KeptOrder) => {
    assert(way.tag !== 'elsewhere', 'version 1 knows no other wallet');
    return { ...order, way, end: 0 };
  },
);

export const orderRecord: Field<KeptOrder> = record(
  2,
  {
    ...common,
    way: union('tag', {
      lightning: variant(1, lightning),
      onchain: variant(2, onchain),
      elsewhere: variant(3, struct({ invoice: option(utf8), onchain: option(onchain) })),
    }),
    ...progress,
  },
  // Odd: a program that does not know them may take a channel that was there for the one that was bought, and lists what
  // was taken off the list.
  tlvs({ channelsBefore: tlv(1, list(channelId)), removed: tlv(3, flag) }),
  { 1: orderV1 },
);

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
