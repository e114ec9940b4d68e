import { expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import type { Side } from '../../testkit/two-peer-side.ts';

const commitmentOf = (side: Side): Tx => {
  const found = side.published.find(({ purpose }) => purpose === 'local-commitment');
  if (found === undefined) throw new Error('no commitment');
  return found.tx;
};
const mainOf = (side: Side, commitment: Tx): Tx => {
  const found = side.published.findLast(
    ({ tx, purpose }) => purpose === 'claim' && tx.inputs[0]?.outPoint.txId === txIdOf(commitment),
  );
  if (found === undefined) throw new Error('no claim of the balance');
  return found.tx;
};

/** Bob offered what Alice holds; the channel is on the chain, and all else of it is taken and deep. */
function held(closer: 'alice' | 'bob', base: 'anchors' | 'static_remotekey', expiresIn = 400): TwoPeers {
  const formats = { config: { formats: [base] } } as const;
  const peers = TwoPeers.ready({ push: msat(400_000_000) }, formats, formats);
  const { alice, bob } = peers;
  peers.add(bob, msat(50_000_000), 'held', expiresIn);
  peers.pump();
  peers.disconnect();
  peers[closer].command({ tag: 'force-close' });
  const commitment = commitmentOf(peers[closer]);
  peers.mine(1, [commitment]);
  peers.mine(144);
  peers.mine(1, [mainOf(alice, commitment)]);
  peers.mine(10);
  expect(bob.settled).toEqual([]);
  return peers;
}

// BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers
// BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers
test.each([
  ['alice', 'anchors'],
  ['bob', 'anchors'],
  ['alice', 'static_remotekey'],
  ['bob', 'static_remotekey'],
] as const)(
  'what is held may be claimed for as long as it has time, however deep the rest of the close is (%s closed, %s)',
  (closer, base) => {
    const peers = held(closer, base);
    const { alice } = peers;
    expect(alice.summary.status).toBe('force-closing');
    peers.crash(alice);
    alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('held') });
    const claims = alice.demand.open.filter(({ claim }) => claim.htlc?.direction === 'incoming');
    expect(claims).toMatchObject([{ claim: { amount: 50_000n }, spent: null }]);
  },
);

test('a close that holds what was not claimed in time ends with that time', () => {
  const peers = held('bob', 'anchors');
  expect(peers.alice.summary.status).toBe('force-closing');
  peers.mine(300);
  expect(peers.alice.summary.status).toBe('closed');
});

test('what was given back holds no close open', () => {
  const peers = held('bob', 'anchors');
  peers.alice.command({ tag: 'fail-htlc', id: 0n, reason: new Uint8Array(40) });
  expect(peers.alice.summary.status).toBe('closed');
});
