import { expect, test } from 'vitest';
import { feeratePerKw, msat } from '../../base/units.ts';
import { countSaid } from '../../testkit/two-peer-breach.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';

/** Revokes, and does not sign: as LND that died in between, until the next update comes. */
function forgetful(side: Side, isForgetful: boolean): void {
  side.env = { ...side.env, moreToCome: isForgetful };
}

/** A rate that is too low for LDK passes where it is raised, and closes the channel where it is the same. */
const RAISED = 1_001;

/** An HTLC that its receiver has in its commitment, and its sender not. */
function stuck(sender: 'alice' | 'bob'): TwoPeers {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  const receiver = peers.other(peers[sender]);
  peers.add(peers[sender], msat(30_000_000), 'one');
  forgetful(receiver, true);
  peers.pump();
  peers.tap = (message, from) => {
    if (message.name === 'update_fee' && from === peers[sender]) forgetful(receiver, false);
    return message;
  };
  return peers;
}

/** What stood goes on: it is settled, and nobody sees a breach. */
function expectSettled(peers: TwoPeers): void {
  expect(peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') })).toMatchObject({
    ok: true,
  });
  peers.pump();
  for (const side of [peers.alice, peers.bob])
    expect(side.summary).toMatchObject({ status: 'ready', feerate: RAISED });
  const { outgoing, feeUpdates } = peers.alice.durable.ledger;
  expect({ left: outgoing.size, feeUpdates }).toEqual({ left: 0, feeUpdates: [] });
  expect(countSaid(peers, 'warning') + countSaid(peers, 'error')).toBe(0);
}

test('a peer that revoked and does not sign is given a fee rate next to the one that it has, and signs', () => {
  const peers = stuck('alice');
  peers.mine(1);
  peers.pump();
  peers.alice.pass(4);
  peers.mine(1);
  peers.pump();
  expect(countSaid(peers, 'update_fee')).toBe(0);
  expect(peers.alice.durable.ledger.outgoing.get(0n)?.step).toBe(2);
  peers.alice.pass(1);
  peers.mine(1);
  peers.pump();
  expect(countSaid(peers, 'update_fee')).toBe(1);
  expect(peers.alice.durable.ledger.outgoing.get(0n)?.step).toBe(4);
  expectSettled(peers);
});

test('so is one that came back meanwhile, at the next block and never as it comes', () => {
  const peers = stuck('alice');
  peers.reconnect();
  peers.alice.pass(5);
  peers.reconnect();
  expect(countSaid(peers, 'update_fee')).toBe(0);
  peers.mine(1);
  peers.pump();
  expect(countSaid(peers, 'update_fee')).toBe(1);
  expectSettled(peers);
});

test('one that signs nothing at all is not asked for ever', () => {
  const peers = stuck('alice');
  peers.tap = null;
  for (let i = 0; i < 20; i++) {
    peers.alice.pass(60);
    peers.mine(1);
    peers.pump();
  }
  expect(countSaid(peers, 'update_fee')).toBe(3);
  expect(peers.alice.durable.ledger.feeUpdates).toHaveLength(3);
});

test('nothing is said to a peer that signs in its time', () => {
  const peers = stuck('alice');
  peers.mine(1);
  peers.alice.pass(5);
  forgetful(peers.bob, false);
  peers.pay(peers.bob, msat(1_000_000), 'two');
  peers.mine(1);
  peers.pump();
  expect(countSaid(peers, 'update_fee')).toBe(0);
});

// BOLT 2 §update_fee: "The node _not responsible_ for paying the Bitcoin fee: MUST NOT send `update_fee`."
test('who does not pay the fee has it told at each block that the peer is to be offered something', () => {
  const peers = stuck('bob');
  const told = (): number => peers.bob.notices.filter(({ tag }) => tag === 'signature-owed').length;
  peers.mine(1);
  peers.bob.pass(4);
  peers.mine(1);
  expect(told()).toBe(0);
  peers.bob.pass(1);
  for (let times = 1; times < 4; times++) {
    peers.mine(1);
    peers.reconnect();
    expect(told()).toBe(times);
  }
  expect(countSaid(peers, 'update_fee')).toBe(0);
  expect(peers.bob.durable.ledger.outgoing.get(0n)?.step).toBe(2);
});

test('an HTLC too small for an output has the peer sign what it owes too, and closes no channel where it does not', () => {
  const peers = stuck('bob');
  peers.add(peers.bob, msat(1_000), 'satoshi', 20);
  peers.pump();
  const steps = (): readonly unknown[] =>
    [...peers.bob.durable.ledger.outgoing.values()].map(({ step }) => step);
  expect(steps()).toEqual([2, 2]);
  peers.mine(30);
  expect(peers.bob.durable.phase).toBe('normal');
  forgetful(peers.alice, false);
  peers.add(peers.bob, msat(1_000), 'another');
  peers.pump();
  expect(steps()).toEqual([4, 4, 4]);
});

/** What both say after it is how they close together. */
function expectClosedByBoth(peers: TwoPeers): void {
  for (const side of [peers.alice, peers.bob]) expect(side.sent('mutual-close')).toHaveLength(1);
  expect(countSaid(peers, 'warning') + countSaid(peers, 'error')).toBe(0);
}

// BOLT 2 §shutdown: "MUST NOT send an `update_add_htlc` after a `shutdown`." Other updates go on.
test('a peer that does not sign is asked as well once the channel is to close', () => {
  const peers = stuck('alice');
  peers.close(peers.alice);
  peers.pump();
  expect(peers.alice.summary.status).toBe('shutting-down');
  peers.mine(1);
  peers.alice.pass(5);
  expect(countSaid(peers, 'update_fee')).toBe(0);
  peers.mine(1);
  peers.pump();
  expect(countSaid(peers, 'update_fee')).toBe(1);
  expect(peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') })).toMatchObject({
    ok: true,
  });
  peers.pump();
  expectClosedByBoth(peers);
});

test('nobody closes together with a peer that owes its signature of a fee rate until it was asked', () => {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  forgetful(peers.bob, true);
  peers.alice.command({ tag: 'update-fee', feerate: feeratePerKw(1_200) });
  peers.close(peers.alice);
  peers.pump();
  peers.mine(1);
  peers.alice.pass(5);
  peers.tap = (message, from) => {
    if (message.name === 'update_fee' && from === peers.alice) forgetful(peers.bob, false);
    return message;
  };
  peers.mine(1);
  peers.pump();
  expectClosedByBoth(peers);
});
