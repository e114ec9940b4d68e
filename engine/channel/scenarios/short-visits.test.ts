import { describe, expect, test } from 'vitest';
import { blockHeight, msat } from '../../base/units.ts';
import { change } from '../../testkit/two-peer-breach.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../default-config.ts';

const { fulfillSafety } = DEFAULT_CHANNEL_CONFIG;
const even = { push: msat(400_000_000) };
const ours = ({ alice }: TwoPeers): number => alice.sent('local-commitment').length;

/** Fulfilled on disk, and Bob did not hear of it. `left`: blocks to its expiry. */
function fulfilled(left: number): TwoPeers {
  const peers = TwoPeers.ready(even);
  peers.add(peers.bob, msat(30_000_000), 'one', 40);
  peers.pump();
  peers.disconnect();
  peers.alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
  peers.crash(peers.alice);
  peers.mine(40 - left);
  return peers;
}

/** A visit of four minutes to a peer that says nothing. */
function visit(peers: TwoPeers): void {
  peers.crash(peers.alice);
  peers.connect();
  peers.pump();
  peers.mine(0);
  peers.alice.pass(240);
  peers.mine(0);
}

/** The wallet is closed while blocks come: it starts at their height. */
function closed(peers: TwoPeers, blocks: 2 | 144): void {
  peers.disconnect();
  peers.height = blockHeight(peers.height + blocks);
  for (const side of [peers.alice, peers.bob]) side.env = { ...side.env, height: peers.height };
}

describe('visits of four minutes, and a peer that is silent', () => {
  test('an HTLC that we fulfilled goes to the chain before it expires', () => {
    const peers = fulfilled(fulfillSafety);
    peers.tap = (message, from) => (from === peers.bob ? null : message);
    for (let left: number = fulfillSafety; left > 0; left -= 2) {
      visit(peers);
      if (ours(peers) > 0) break;
      closed(peers, 2);
    }
    expect(ours(peers)).toBeGreaterThan(0);
  });

  test('one that expired goes to the chain some day', () => {
    const peers = fulfilled(-1);
    peers.tap = (message, from) => (from === peers.bob ? null : message);
    for (let day = 0; day < 30; day++) {
      visit(peers);
      if (ours(peers) > 0) break;
      closed(peers, 144);
    }
    expect(ours(peers)).toBeGreaterThan(0);
  });
});

test('visits of four minutes: a channel of which the peer said once that it has failed goes to the chain some day', () => {
  const peers = TwoPeers.ready(even);
  peers.tap = (message, from) => (from === peers.bob ? null : message);
  peers.crash(peers.alice);
  peers.connect();
  peers.pump();
  peers.tap = null;
  peers.inject(peers.bob, {
    name: 'error',
    channelId: peers.alice.durable.params.channelId,
    data: Uint8Array.of(0x21),
  });
  expect(peers.alice.durable.failedAt).toBe(peers.height);
  peers.tap = (message, from) => (from === peers.bob ? null : message);
  for (let day = 0; day < 60 && ours(peers) === 0; day++) {
    closed(peers, 144);
    visit(peers);
  }
  expect(ours(peers)).toBeGreaterThan(0);
});

test('a peer that comes back in the last second, and is in step, is given the time to take the preimage', () => {
  const peers = fulfilled(fulfillSafety);
  peers.alice.pass(290);
  peers.connect();
  // Both channel_reestablish, and no more: the update_fulfill_htlc is on its way.
  peers.deliver(peers.bob);
  peers.deliver(peers.alice);
  expect(peers.alice.summary.isUnproven).toBe(false);
  peers.mine(0);
  expect(ours(peers)).toBe(0);
});

test('a channel_reestablish that proves that our disk is old publishes nothing, whatever its next_commitment_number', () => {
  const peers = TwoPeers.ready(even);
  const old = peers.alice.copyDisk();
  peers.pay(peers.alice, msat(20_000_000));
  peers.alice.putBack(old);
  peers.crash(peers.alice);
  change(peers, 'channel_reestablish', (message, from: Side) =>
    from === peers.bob ? { ...message, nextCommitmentNumber: 0n } : message,
  );
  peers.connect();
  peers.pump();
  expect(ours(peers)).toBe(0);
});
