import { describe, expect, test } from 'vitest';
import { blockHeight, msat } from '../../base/units.ts';
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

/** The machine of Alice slept for a night, the process with it: what its first look after that brings. */
function wake(peers: TwoPeers, blocks = 60): void {
  const { alice } = peers;
  peers.height = blockHeight(peers.height + blocks);
  for (const side of [alice, peers.bob]) side.env = { ...side.env, height: peers.height };
  alice.pass(8 * 3_600);
  alice.apply({ tag: 'tick', height: peers.height, feerates: alice.env.feerates, hasSlept: true });
}

/** Bob holds an HTLC of Alice's until after its expiry; she sees it, and sleeps again before he is there. */
function overdueAtNight(isConnected: boolean): TwoPeers {
  const peers = TwoPeers.ready(even);
  peers.add(peers.alice, msat(30_000_000), 'one', 40);
  peers.pump();
  if (isConnected) peers.tap = (message, from) => (from === peers.bob ? null : message);
  else peers.disconnect();
  peers.bob.command({ tag: 'fail-htlc', id: 0n, reason: new Uint8Array(292) });
  wake(peers);
  expect(peers.alice.durable.overdueAt).toBe(peers.height);
  return peers;
}

describe('after a sleep of the machine', () => {
  test.each([
    ['that is away', false],
    // A dead line looks alive for most of a minute.
    ['that looks connected', true],
  ])('what was seen to be overdue before waits for the word of a peer %s', (_, isConnected) => {
    const peers = overdueAtNight(isConnected);
    wake(peers);
    expect(isLate(peers)).toBe(false);
    if (isConnected) peers.disconnect();
    peers.tap = null;
    peers.connect();
    peers.pump();
    expect(peers.alice.settled.map(({ result }) => result.tag)).toEqual(['failed']);
    peers.mine(10);
    expect(isLate(peers)).toBe(false);
  });

  test.each([true, false])(
    'a peer that says nothing has two minutes of it (connected: %s)',
    (isConnected) => {
      const peers = overdueAtNight(isConnected);
      wake(peers);
      peers.alice.pass(119);
      peers.mine(1);
      expect(isLate(peers)).toBe(false);
      peers.alice.pass(1);
      peers.mine(0);
      expect(isLate(peers)).toBe(true);
    },
  );

  test('or three blocks, where the clock stands still', () => {
    const peers = overdueAtNight(false);
    wake(peers);
    peers.mine(2);
    expect(isLate(peers)).toBe(false);
    peers.mine(1);
    expect(isLate(peers)).toBe(true);
  });

  test('also where the line is found to be dead meanwhile', () => {
    const peers = overdueAtNight(true);
    wake(peers);
    peers.disconnect();
    peers.alice.pass(60);
    peers.mine(1);
    expect(isLate(peers)).toBe(false);
  });

  test('a machine that is never awake for two minutes gives up after a day of blocks', () => {
    const peers = overdueAtNight(false);
    const since = peers.height;
    while (peers.height + 4 < since + 144) {
      wake(peers, 4);
      peers.alice.pass(100);
      peers.mine(0);
      expect(isLate(peers)).toBe(false);
    }
    wake(peers, 4);
    expect(isLate(peers)).toBe(true);
  });

  test('what we fulfilled goes to the chain at the first look all the same', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.bob, msat(30_000_000), 'one', 40);
    peers.pump();
    peers.disconnect();
    peers.alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    wake(peers, 22);
    expect(isLate(peers)).toBe(true);
  });
});
