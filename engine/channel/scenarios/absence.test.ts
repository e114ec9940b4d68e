import { describe, expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import { change } from '../../testkit/two-peer-breach.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';

const even = { push: msat(400_000_000) };
const isLate = ({ alice }: TwoPeers): boolean => alice.durable.phase === 'closing';

/** An HTLC of Alice's that Bob holds until long after its expiry, while Alice is away. */
function away(): TwoPeers {
  const peers = TwoPeers.ready(even);
  peers.add(peers.alice, msat(30_000_000), 'one', 40);
  peers.pump();
  peers.crash(peers.alice);
  peers.bob.command({ tag: 'fail-htlc', id: 0n, reason: new Uint8Array(292) });
  peers.mine(1_000);
  return peers;
}

describe('after a long absence', () => {
  test('the first look at the chain closes nothing: the peer has the answer', () => {
    const peers = away();
    expect(isLate(peers)).toBe(false);
    peers.connect();
    peers.pump();
    expect(peers.alice.settled.map(({ result }) => result.tag)).toEqual(['failed']);
    peers.mine(10);
    expect(isLate(peers)).toBe(false);
  });

  test('a peer that stays away does not hold our money for ever', () => {
    const peers = away();
    peers.mine(5);
    expect(isLate(peers)).toBe(false);
    peers.mine(1);
    expect(isLate(peers)).toBe(true);
  });

  test('a peer that is there and says nothing has one block', () => {
    const peers = away();
    change(peers, 'update_fail_htlc', () => null);
    change(peers, 'commitment_signed', () => null);
    peers.connect();
    peers.deliver(peers.alice);
    peers.deliver(peers.bob);
    expect(peers.alice.summary.status).toBe('ready');
    expect(isLate(peers)).toBe(false);
    peers.mine(1);
    expect(isLate(peers)).toBe(true);
  });

  test('to connect again and again wins no time', () => {
    const peers = away();
    for (let i = 0; i < 6; i++) {
      peers.connect();
      peers.disconnect();
      peers.mine(1);
    }
    expect(isLate(peers)).toBe(true);
  });

  test('what we fulfilled goes to the chain at once all the same', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.bob, msat(30_000_000), 'one', 40);
    peers.pump();
    peers.disconnect();
    peers.alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    peers.mine(22);
    expect(isLate(peers)).toBe(true);
  });

  test('a mutual close that was under way goes on', () => {
    const peers = TwoPeers.ready(even);
    change(peers, 'closing_signed', () => null);
    peers.close(peers.alice);
    peers.pump();
    peers.crash(peers.alice);
    peers.mine(1_000);
    expect(isLate(peers)).toBe(false);
    peers.tap = null;
    peers.connect();
    peers.pump();
    expect(peers.alice.published.map(({ purpose }) => purpose)).toEqual(['funding', 'mutual-close']);
  });
});
