import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { blockHash, txId } from '../../base/ids.ts';
import { blockHeight, msat } from '../../base/units.ts';
import { decode, encode } from '../../codec/field.ts';
import { SITUATIONS } from '../../testkit/two-peer-situations.ts';
import { fundingRecord } from './funding-record.ts';

const RIVALS = [null, { height: blockHeight(120), blockHash: blockHash('cd'.repeat(32)), index: 4 }] as const;

// As version 1 wrote it since it knows of rivals. Never made anew.
const VERSION_1 = [
  '01ddb092c7ca0dfb75132d38bc557f2e73b97a0c186812101e92b845d7af40910500000001fe000f4240000386667ccdb25d1ec2751a6d3a0ea7c2a93f87b8ccfa84db9cc01c33fbbc43c181039d987d88cb55a30b5c3102d34a488d5f5aacdb94659cafe4094ac26344d068510000230221abababababababababababababababababababababababababababababababab00',
  '01ddb092c7ca0dfb75132d38bc557f2e73b97a0c186812101e92b845d7af40910500000001fe000f4240000386667ccdb25d1ec2751a6d3a0ea7c2a93f87b8ccfa84db9cc01c33fbbc43c181039d987d88cb55a30b5c3102d34a488d5f5aacdb94659cafe4094ac26344d068510000480246abababababababababababababababababababababababababababababababab0100000078cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd04',
];

test.each(
  RIVALS.map((at, i) => [at === null ? 'in no block' : 'in a block', at, VERSION_1[i] ?? ''] as const),
)('a funding transaction whose coins another one spends, %s', (_, at, frozen) => {
  const active = SITUATIONS['normal']?.().alice.durable.active[0];
  if (active === undefined) throw new Error('no channel');
  const { funding } = active;
  const value = { funding, fundingTx: null, confirmed: null, rival: { txId: txId('ab'.repeat(32)), at } };
  expect(toHex(encode(fundingRecord, value))).toBe(frozen);
  expect(decode(fundingRecord, fromHex(frozen))).toEqual({ ok: true, value });
});

// As version 1 wrote it since it knows what the channel began with. Never made anew.
test('what the opener gave us', () => {
  const active = SITUATIONS['normal']?.().alice.durable.active[0];
  if (active === undefined) throw new Error('no channel');
  const value = { funding: active.funding, fundingTx: null, confirmed: null, pushed: msat(20_000_001) };
  const frozen =
    '01ddb092c7ca0dfb75132d38bc557f2e73b97a0c186812101e92b845d7af40910500000001fe000f4240000386667ccdb25d1ec2751a6d3a0ea7c2a93f87b8ccfa84db9cc01c33fbbc43c181039d987d88cb55a30b5c3102d34a488d5f5aacdb94659cafe4094ac26344d068510000070105fe01312d01';
  expect(toHex(encode(fundingRecord, value))).toBe(frozen);
  expect(decode(fundingRecord, fromHex(frozen))).toEqual({ ok: true, value });
});
