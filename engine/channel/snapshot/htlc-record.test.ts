import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { paymentHash, type PaymentId } from '../../base/ids.ts';
import { ok } from '../../base/result.ts';
import { blockHeight } from '../../base/units.ts';
import { decode, encode } from '../../codec/field.ts';
import type { Removal } from '../ledger.ts';
import type { Outcome } from '../state.ts';
import { monitorRecord, outcomeRecord, pastRecord, removalRecord } from './htlc-record.ts';

const attributionData = new Uint8Array(920).fill(7);
const attributed = `fd039c01fd0398${'07'.repeat(920)}`;
const origin = { paymentId: '33'.repeat(32) as PaymentId, attempt: 2 };
const reason = Uint8Array.of(9, 8);
const preimage = new Uint8Array(32).fill(5);

// Bytes as they stand on disks since attribution data is kept, beside those from before. Never made anew.
test.each<[Removal, string]>([
  [{ tag: 'fulfill', preimage }, `0101${'05'.repeat(32)}00`],
  [{ tag: 'fulfill', preimage, attributionData }, `0101${'05'.repeat(32)}${attributed}`],
  [{ tag: 'fail', reason }, '020102090800'],
  [{ tag: 'fail', reason, attributionData }, `0201020908${attributed}`],
])('a removal: $tag', (removal, hex) => {
  expect(toHex(encode(removalRecord, removal))).toBe(hex);
  expect(decode(removalRecord, fromHex(hex))).toEqual(ok(removal));
});

test.each<[Outcome, string]>([
  [{ origin, result: { tag: 'failed', reason } }, `01${'33'.repeat(32)}020202090800`],
  [
    { origin, result: { tag: 'failed', reason, attributionData } },
    `01${'33'.repeat(32)}0202020908${attributed}`,
  ],
])('an outcome: $result.tag', (outcome, hex) => {
  expect(toHex(encode(outcomeRecord, outcome))).toBe(hex);
  expect(decode(outcomeRecord, fromHex(hex))).toEqual(ok(outcome));
});

test('attribution data of what did not fail is refused', () => {
  const fulfilled = `01${'33'.repeat(32)}0201${'05'.repeat(32)}`;
  expect(decode(outcomeRecord, fromHex(`${fulfilled}00`)).ok).toBe(true);
  expect(decode(outcomeRecord, fromHex(`${fulfilled}${attributed}`)).ok).toBe(false);
});

const [one, another] = [paymentHash('66'.repeat(32)), paymentHash('77'.repeat(32))];

test('an HTLC that is gone', () => {
  const record = { paymentHash: one, cltvExpiry: blockHeight(800_000) };
  const hex = `01${one}000c350000`;
  expect(toHex(encode(monitorRecord, record))).toBe(hex);
  expect(decode(monitorRecord, fromHex(hex))).toEqual(ok(record));
});

// As they stand on disks since layout 4.
test('many that are gone', () => {
  const record = {
    htlcs: [
      { direction: 'incoming', id: 7n, paymentHash: one, cltvExpiry: blockHeight(800_000) },
      { direction: 'outgoing', id: 70_000n, paymentHash: another, cltvExpiry: blockHeight(800_144) },
    ],
  } as const;
  const hex = `01020007${one}000c350001fe00011170${another}000c359000`;
  expect(toHex(encode(pastRecord, record))).toBe(hex);
  expect(decode(pastRecord, fromHex(hex))).toEqual(ok(record));
  expect(decode(pastRecord, fromHex(`02${hex.slice(2)}`)).ok).toBe(false);
});
