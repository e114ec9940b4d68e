import { expect, test } from 'vitest';
import { feeratePerKw, msat } from '../../base/units.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import { CALM } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { hashOf, TwoPeers } from '../../testkit/two-peer.ts';
import { isCollectable, type Collectable } from '../collectable.ts';

/** Bob holds one that has an output in any commitment, and one that has none. */
function holding(base: 'anchors' | 'static_remotekey' = 'anchors'): TwoPeers {
  const generous = { config: { formats: [base], maxDustExposure: msat(1_000_000_000) } } as const;
  const peers = TwoPeers.ready({ push: msat(400_000_000) }, generous, { config: { formats: [base] } });
  for (const [label, amount] of [
    ['large', 30_000_000],
    ['small', 300_000],
  ] as const)
    peers.add(peers.alice, msat(amount), label);
  peers.pump();
  return peers;
}

const found = ({ bob }: TwoPeers, label: string, isBelieved = false): Collectable => {
  const offer = bob.offers.find(({ paymentHash }) => paymentHash === hashOf(label));
  return isCollectable(bob.state.durable, offer?.id ?? 99n, bob.env, isBelieved);
};
const both = (peers: TwoPeers): readonly Collectable[] => [found(peers, 'large'), found(peers, 'small')];
const commitmentOf = (side: Side): Tx => {
  const published = side.published.findLast(({ purpose }) => purpose === 'local-commitment');
  if (published === undefined) throw new Error('no commitment');
  return published.tx;
};
/** What is offered again after a restart, and may not be fulfilled. */
const refusedAgain = (peers: TwoPeers): readonly unknown[] => {
  peers.bob.offers.length = 0;
  peers.crash(peers.bob);
  return peers.bob.offers.map(({ mustFail }) => mustFail ?? null);
};

test('in a channel that lives, also what is dust, as long as there is little of it; nothing that is not there', () => {
  const peers = holding();
  expect(both(peers)).toEqual(['yes', 'yes']);
  expect(found(peers, 'nobody')).toBe('at-risk');
  expect(isCollectable(null, 0n, peers.bob.env, true)).toBe('at-risk');
});

test('not once a fee rate that nothing explains would take it, though it was offered before', () => {
  const peers = holding('static_remotekey');
  expect(both(peers)).toEqual(['yes', 'yes']);
  // Both see a spike, and only while it lasts is the rate a fair one.
  const spike = { ...CALM, urgent: feeratePerKw(40_000), normal: feeratePerKw(40_000) };
  for (const side of [peers.alice, peers.bob]) side.env = { ...side.env, feerates: spike };
  peers.alice.command({ tag: 'update-fee', feerate: feeratePerKw(40_000) });
  peers.pump();
  expect(peers.bob.summary.feerate).toBe(40_000);
  expect(both(peers)).toEqual(['yes', 'yes']);
  peers.bob.env = { ...peers.bob.env, feerates: CALM };
  expect(both(peers)).toEqual(['at-risk', 'yes']);
});

test.each(['alice', 'bob'] as const)(
  'in a commitment of %s on the chain: what has an output there, and no more',
  (closer) => {
    const peers = holding();
    peers.disconnect();
    peers[closer].command({ tag: 'force-close' });
    peers.mine(1, [commitmentOf(peers[closer])]);
    expect(both(peers)).toEqual(['yes', 'at-risk']);
    expect(refusedAgain(peers)).toEqual([null, 'out-of-reach']);
  },
);

test('of our own commitment that no block has yet, the same', () => {
  const peers = holding();
  peers.disconnect();
  peers.bob.command({ tag: 'force-close' });
  expect(both(peers)).toEqual(['yes', 'at-risk']);
});

test('nothing where we lost data, whether the commitment on the chain is known or not', () => {
  const peers = holding();
  const { alice, bob } = peers;
  const { durable } = bob;
  for (let i = 0; i < 2; i++) peers.pay(bob, msat(5_000_000));
  peers.disconnect();
  // The disk went back.
  bob.state = { durable, session: { link: 'offline' } };
  alice.command({ tag: 'force-close' });
  peers.mine(1, [commitmentOf(alice)]);
  expect(bob.durable).toMatchObject({ phase: 'closing', spend: { kind: 'unknown' } });
  expect(both(peers)).toEqual(['at-risk', 'at-risk']);
  expect(refusedAgain(peers)).toEqual(['out-of-reach', 'out-of-reach']);
});

test('nothing where the peer has proven that we lost data', () => {
  const peers = holding();
  const { bob } = peers;
  const { durable } = bob;
  for (let i = 0; i < 2; i++) peers.pay(bob, msat(5_000_000));
  peers.disconnect();
  bob.state = { durable, session: { link: 'offline' } };
  peers.reconnect();
  expect(bob.durable.phase).toBe('data-loss');
  expect(both(peers)).toEqual(['at-risk', 'at-risk']);
});

test('nothing where the funding transaction is in no block, unless its opener is believed', () => {
  const peers = holding();
  const { bob } = peers;
  const { durable } = bob;
  const [active] = durable.active;
  bob.state = { ...bob.state, durable: { ...durable, active: [{ ...active, confirmed: null }] } };
  expect(both(peers)).toEqual(['unfunded', 'unfunded']);
  expect(found(peers, 'large', true)).toBe('yes');
});
