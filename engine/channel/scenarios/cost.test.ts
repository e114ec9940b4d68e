import { beforeAll, expect, test } from 'vitest';
import { msat, sat } from '../../base/units.ts';
import { installSecp256k1 } from '../../crypto/secp256k1.ts';
import { countSaid } from '../../testkit/two-peer-breach.ts';
import { hashOf, preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import { wasmBackend } from '../../testkit/wasm-backend.ts';

beforeAll(async () => installSecp256k1(await wasmBackend()));

test('a payment costs few bytes on disk, and no more as history grows', () => {
  const peers = TwoPeers.ready({ amount: sat(10_000_000) });
  const costOf = (payments: number): readonly number[] => {
    const before = [peers.alice, peers.bob].map(({ written, commits }) => ({ written, commits }));
    for (let i = 0; i < payments; i++) peers.pay(peers.alice, msat(1_000_000));
    return [peers.alice, peers.bob].flatMap(({ written, commits }, i) => [
      Math.round((written - (before[i]?.written ?? 0)) / payments),
      (commits - (before[i]?.commits ?? 0)) / payments,
    ]);
  };
  const [aliceEarly = 0, aliceCommits, bobEarly = 0, bobCommits] = costOf(8);
  costOf(40);
  const [aliceLate = 0, , bobLate = 0] = costOf(8);
  expect([aliceCommits, bobCommits]).toEqual([5, 5]);
  expect(aliceEarly).toBeLessThan(4_000);
  expect(bobEarly).toBeLessThan(4_000);
  // A counter may have taken another byte.
  expect(aliceLate - aliceEarly).toBeLessThan(100);
  expect(bobLate - bobEarly).toBeLessThan(100);
});

test('what is left of a payment is what is needed to punish an old commitment', () => {
  const peers = TwoPeers.ready({ amount: sat(10_000_000) });
  for (let i = 0; i < 5; i++) peers.pay(peers.alice, msat(1_000_000));
  const { disk } = peers.alice;
  expect(disk.get('htlc')?.size).toBe(0);
  const monitor = [...(disk.get('monitor')?.values() ?? [])];
  expect(monitor).toHaveLength(5);
  for (const record of monitor) expect(record.length).toBeLessThan(60);
});

test('483 HTLCs in one burst: one signature, all committed, all claimed', () => {
  const peers = TwoPeers.ready({ amount: sat(16_000_000) });
  const { alice, bob } = peers;
  alice.env = { ...alice.env, moreToCome: true };
  for (let i = 0; i < 483; i++) expect(peers.add(alice, msat(10_000_000), `burst ${i}`)?.ok).toBe(true);
  expect(peers.add(alice, msat(10_000_000))).toMatchObject({ error: { code: 'too-many-htlcs' } });
  alice.env = { ...alice.env, moreToCome: false };
  alice.apply({ tag: 'idle' });
  peers.pump();
  expect(countSaid(peers, 'commitment_signed', alice)).toBe(1);
  expect(bob.offers).toHaveLength(483);
  expect(['burst 7', 'another'].map((label) => alice.summary.isPaying(hashOf(label)))).toEqual([true, false]);
  expect(bob.summary.isPaying(hashOf('burst 7'))).toBe(false);
  bob.env = { ...bob.env, moreToCome: true };
  for (let i = 0; i < 483; i++)
    bob.command({ tag: 'fulfill-htlc', id: BigInt(i), preimage: preimageOf(`burst ${i}`) });
  bob.env = { ...bob.env, moreToCome: false };
  bob.apply({ tag: 'idle' });
  peers.pump();
  expect(bob.summary.local).toBe(4_830_000_000n);
  expect(alice.summary.htlcs).toEqual([]);
  expect(alice.summary.isPaying(hashOf('burst 7'))).toBe(false);
}, 30_000);
