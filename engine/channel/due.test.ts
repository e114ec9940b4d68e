import { expect, test } from 'vitest';
import { blockHeight, msat } from '../base/units.ts';
import { SITUATIONS } from '../testkit/two-peer-situations.ts';
import { preimageOf, TwoPeers } from '../testkit/two-peer.ts';
import { DEFAULT_CHANNEL_CONFIG } from './default-config.ts';
import { dueAlone } from './due.ts';

const at = (height: number) => ({ height: blockHeight(height), config: DEFAULT_CHANNEL_CONFIG });
/** Long after everything has expired. */
const LATE = at(1_000_000);

test('what was fulfilled is due before it expires, what was offered after; neither while there is time', () => {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  expect(dueAlone(peers.alice.durable, LATE)).toBeNull();
  peers.add(peers.alice, msat(30_000_000), 'one', 40);
  peers.pump();
  peers.disconnect();
  const expiry = peers.alice.env.height + 40;
  const { fulfillSafety, expiryGrace } = DEFAULT_CHANNEL_CONFIG;
  // Of the peer who was to be paid and never claimed it, it is no concern.
  expect(dueAlone(peers.bob.durable, LATE)).toBeNull();
  peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
  expect(dueAlone(peers.bob.durable, at(expiry - fulfillSafety - 1))).toBeNull();
  expect(dueAlone(peers.bob.durable, at(expiry - fulfillSafety))).toBe(
    'HTLC 0 is fulfilled and about to time out',
  );
  expect(dueAlone(peers.alice.durable, at(expiry + expiryGrace - 1))).toBeNull();
  expect(dueAlone(peers.alice.durable, at(expiry + expiryGrace))).toBe('HTLC 0 has timed out');
});

test('a channel whose state may be old is never due, whatever it holds', () => {
  const peers = SITUATIONS['data lost']?.() ?? new TwoPeers();
  expect(peers.alice.durable.phase).toBe('data-loss');
  expect(dueAlone(peers.alice.durable, LATE)).toBeNull();
});

test.each(['what it fulfilled', 'what it offered'])(
  'an HTLC that no commitment has an output for closes no channel while the peer is away: %s',
  (which) => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    const isFulfilled = which === 'what it fulfilled';
    peers.add(isFulfilled ? peers.bob : peers.alice, msat(1_000), 'one', 40);
    peers.pump();
    peers.disconnect();
    if (isFulfilled) peers.alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    // Told block by block, as while the tab is open.
    for (let i = 0; i < 60; i++) peers.mine(1);
    expect(peers.alice.durable.phase).toBe('normal');
    expect(dueAlone(peers.alice.durable, LATE)).toBeNull();
    // The peer is back: it is settled as ever.
    peers.connect();
    peers.pump();
    expect(peers.alice.durable.ledger.incoming.size).toBe(0);
    expect(peers.bob.durable.phase).toBe('normal');
  },
);
