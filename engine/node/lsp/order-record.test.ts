import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { ok } from '../../base/result.ts';
import { decode, encode } from '../../codec/field.ts';
import { valuesOf } from '../../testkit/arbitraries/field.ts';
import { ORDERS, PAID_ELSEWHERE } from './fixtures/stored-orders.ts';
import storedV1 from './fixtures/stored-orders-v1.json' with { type: 'json' };
import stored from './fixtures/stored-orders-v2.json' with { type: 'json' };
import { ORDER_KEYS, orderRecord, readOrders, writeOrder } from './order-record.ts';

const TODAY = [...ORDERS, ...PAID_ELSEWHERE];

describe('channels bought ahead, on disk', () => {
  it('reads what version 1 wrote, for ever', () => {
    expect(storedV1.map((hex) => decode(orderRecord, fromHex(hex)))).toEqual(ORDERS.map(ok));
  });

  it('reads what version 2 wrote, for ever', () => {
    expect(stored.map((hex) => decode(orderRecord, fromHex(hex)))).toEqual(TODAY.map(ok));
  });

  it('writes the same today, under keys that are found again', () => {
    expect(TODAY.map((order) => toHex(encode(orderRecord, order)))).toEqual(stored);
    for (const order of TODAY) {
      const { key } = writeOrder(order);
      expect(key >= ORDER_KEYS.from && key < ORDER_KEYS.below).toBe(true);
    }
  });

  it('reads what it writes, whatever it is', () => {
    fc.assert(
      fc.property(valuesOf(orderRecord), (order) => {
        expect(decode(orderRecord, encode(orderRecord, order))).toEqual(ok(order));
      }),
    );
  });

  it('refuses bytes that are cut off, or of a newer version, and says which', () => {
    for (const hex of stored) {
      const bytes = fromHex(hex);
      for (let cut = 0; cut < bytes.length; cut += 7)
        expect(decode(orderRecord, bytes.subarray(0, cut)).ok).toBe(false);
      bytes[0] = 3;
      expect(readOrders([{ key: 'lsp-order/x', value: bytes }])).toEqual({
        ok: false,
        error: { key: 'lsp-order/x', code: 'newer-version' },
      });
    }
  });
});
