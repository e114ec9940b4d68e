import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { txId } from '../../base/ids.ts';
import { blockHeight, sat } from '../../base/units.ts';
import { decode, encode } from '../../codec/field.ts';
import { STATIC_PAYMENT_KEYS } from '../../wallet/key-tree.ts';
import { searchRecord } from './record.ts';
import { atHeight, isEnded, isPassing, lookedAt, newSearch, soonAgain, type Search } from './search.ts';
import type { Stray } from './stray.ts';

const at = (height: number): ReturnType<typeof blockHeight> => blockHeight(height);
const stray = (index: number, amount = 50_000): Stray => ({
  keyIndex: 7,
  format: 'anchors-zero-fee',
  outPoint: { txId: txId('ab'.repeat(32)), index },
  amount: sat(amount),
  height: at(90),
});
const nothing = { found: [], isWaiting: false };
const passed = (search: Search, height: number): Search =>
  lookedAt(search, STATIC_PAYMENT_KEYS, [nothing], at(height));

test('after the first pass it is looked again on the days that follow, and at last no more', () => {
  let search = passed(newSearch(at(100)), 100);
  expect(isPassing(search)).toBe(false);
  let passes = 0;
  for (let height = 101; height < 30_000; height += 7) {
    search = atHeight(search, at(height));
    if (!isPassing(search)) continue;
    search = passed(search, height);
    passes++;
  }
  expect(passes).toBe(7);
  expect(isEnded(search)).toBe(true);
});

test('days without a look are one pass, not several', () => {
  const search = atHeight(passed(newSearch(at(100)), 100), at(2_200));
  expect(search).toMatchObject({ next: 0, again: [4_420, 13_060, 26_020] });
});

test('a pass under way is not begun anew', () => {
  const search = lookedAt(newSearch(at(100)), 10, [nothing], at(100));
  expect(atHeight(search, at(2_000))).toBe(search);
});

test('whoever speaks of unknown channels at each block has us look a few times a day', () => {
  let search = passed(newSearch(at(100)), 100);
  let passes = 0;
  for (let height = 101; height < 245; height++) {
    search = atHeight(soonAgain(search, at(height)), at(height));
    if (!isPassing(search)) continue;
    search = passed(search, height);
    passes++;
  }
  expect(passes).toBeLessThan(40);
  expect(search.again.length).toBeLessThan(24);
});

test('what waits for a block is looked at soon; what is known is not found twice; the largest are kept', () => {
  const waiting = lookedAt(newSearch(at(100)), 1, [{ found: [], isWaiting: true }], at(100));
  expect(waiting.again[0]).toBe(102);
  const once = lookedAt(newSearch(at(100)), 1, [{ found: [stray(0)], isWaiting: false }], at(100));
  const twice = lookedAt(once, 1, [{ found: [stray(0), stray(1)], isWaiting: false }], at(100));
  expect(twice.found).toEqual([stray(0), stray(1)]);
  const crumbs = Array.from({ length: 500 }, (_, i) => stray(i + 2, 1_000 + i));
  const flooded = lookedAt(twice, 1, [{ found: crumbs, isWaiting: false }], at(100));
  expect(flooded.found).toHaveLength(200);
  expect(flooded.found.slice(0, 2)).toEqual([stray(0), stray(1)]);
});

// As version 1 wrote it. Never made anew.
const VERSION_1 =
  '01fa0202000003f0000010e0020701abababababababababababababababababababababababababababababababab00000001fdc3500000005a0700abababababababababababababababababababababababababababababababab00000002fdc3500000005a00';

test('version 1 can be read', () => {
  const search: Search = {
    next: 250,
    passes: 2,
    again: [at(1_008), at(4_320)],
    found: [stray(1), { ...stray(2), format: 'static-remotekey' }],
  };
  expect(decode(searchRecord, fromHex(VERSION_1))).toEqual({ ok: true, value: search });
  expect(toHex(encode(searchRecord, search))).toBe(VERSION_1);
});
