import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../base/utf8.ts';
import { feeratePerKw, msat } from '../../base/units.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import { breachesOf, change, countSaid, lastSaid } from '../../testkit/two-peer-breach.ts';
import { TEST_FEATURES } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import { withBits } from '../../wire/features.ts';

// What other implementations do that the books do not have, or have otherwise: docs/interop.md, "Where they differ".

const even = { push: msat(400_000_000) };

const commitmentOf = (side: Side): Tx => {
  const [tx] = side.sent('local-commitment');
  if (tx === undefined) throw new Error(`${side.name} published no commitment`);
  return tx;
};

/** What Alice asked of the chain last is in a block, and deep. */
function expectTaken(peers: TwoPeers): void {
  const claim = peers.alice.published.findLast(({ purpose }) => purpose === 'claim');
  if (claim === undefined) throw new Error('nothing was claimed');
  peers.mine(1, [claim.tx]);
  peers.mine(6);
  expect(peers.alice.summary.status).toBe('closed');
}

// LDK that learns that its disk is an old one panics, on purpose, and says no `error`; so it goes each time that it starts.
describe('a peer that fell behind and says nothing more', () => {
  function behind(): { peers: TwoPeers; again: () => void } {
    const peers = TwoPeers.ready(even);
    const old = peers.bob.copyDisk();
    peers.pay(peers.alice, msat(50_000_000));
    peers.tap = (message, from) =>
      from === peers.alice || message.name === 'channel_reestablish' ? message : null;
    const again = (): void => {
      peers.disconnect();
      peers.bob.putBack(old);
      peers.bob.restart();
      peers.connect();
      peers.pump();
    };
    again();
    expect(breachesOf(peers.alice)).toMatchObject([{ severity: 'warn' }]);
    return { peers, again };
  }

  test('is waited for, however often it comes back', () => {
    const { peers, again } = behind();
    for (let i = 0; i < 5; i++) {
      peers.mine(144);
      again();
    }
    expect(peers.alice.durable.phase).toBe('normal');
    expect(peers.alice.sent('local-commitment')).toEqual([]);
  });

  test('is left by a person who closes alone, and all that is ours comes home', () => {
    const { peers } = behind();
    expect(peers.alice.command({ tag: 'force-close' })).toMatchObject({ ok: true });
    peers.mine(1, [commitmentOf(peers.alice)]);
    peers.mine(2_016);
    expectTaken(peers);
    const amount = peers.alice.summary.closing?.amount;
    expect(amount).toBeGreaterThan(548_000n);
    expect(amount).toBeLessThanOrEqual(550_000n);
  });
});

// LND has no name for `option_static_remotekey` with `option_scid_alias`.
test('a peer that knows aliases and no anchors is asked for both that it has, and may refuse: it costs nothing', () => {
  const { option_anchors: _, ...features } = TEST_FEATURES;
  const peers = new TwoPeers({}, { features });
  peers.connect();
  peers.ask();
  peers.pump();
  const { channelType, temporaryChannelId } = lastSaid(peers, 'open_channel');
  expect(channelType).toEqual(withBits([12, 46]));
  const data = encodeUtf8('funding failed due to internal error');
  peers.inject(peers.bob, { name: 'error', channelId: temporaryChannelId, data });
  peers.pump();
  expect(peers.alice.state.durable).toBeNull();
  expect(peers.alice.notices.map(({ tag }) => tag)).not.toContain('funding-needed');
  expect(peers.alice.notice('open-failed').detail).toContain('internal error');
});

describe('a closing fee that the peer finds too low, and both ranges without an overlap', () => {
  /** At this fee and more Bob takes part; below it he only warns. */
  const LEAST = 5_000n;

  function asked(): TwoPeers {
    const peers = TwoPeers.ready(even);
    change(peers, 'closing_signed', (message, from) => {
      if (from !== peers.alice || (message.feeRange?.max ?? message.fee) >= LEAST) return message;
      const { channelId } = message;
      peers.inject(peers.bob, { name: 'warning', channelId, data: encodeUtf8('no consensus') });
      return null;
    });
    peers.close(peers.alice);
    peers.pump();
    return peers;
  }

  // ldk-node: "Unable to come to consensus about closing feerate".
  test('is another one on the next connection, once our estimates have risen', () => {
    const peers = asked();
    peers.reconnect();
    peers.mine(100);
    expect(countSaid(peers, 'warning', peers.bob)).toBe(2);
    expect(peers.alice.published.map(({ purpose }) => purpose)).toEqual(['funding']);
    const rate = feeratePerKw(10_000);
    peers.alice.env = {
      ...peers.alice.env,
      feerates: { ...peers.alice.env.feerates, urgent: rate, normal: rate },
    };
    peers.reconnect();
    for (const side of [peers.alice, peers.bob]) expect(side.sent('mutual-close')).toHaveLength(1);
  });

  // Electrum closes by force at once.
  test('is no reason for ours to publish anything: what is ours of their commitment is taken', () => {
    const peers = asked();
    expect(peers.bob.command({ tag: 'force-close' })).toMatchObject({ ok: true });
    peers.mine(1, [commitmentOf(peers.bob)]);
    expect(peers.alice.sent('local-commitment')).toEqual([]);
    expectTaken(peers);
    expect(peers.alice.summary.closing?.amount).toBeGreaterThan(598_000n);
  });
});

// Electrum that was killed after it had saved that it fulfilled an HTLC, and before it signed: it says that never again.
describe('a peer that signs commitments without an HTLC that it never fulfilled', () => {
  function forgetful(): TwoPeers {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(30_000_000), 'one', 100);
    peers.pump();
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    change(peers, 'update_fulfill_htlc', () => null);
    return peers;
  }

  // BOLT 2 §commitment_signed: "if `num_htlcs` is not equal to the number of HTLC outputs in the local commitment
  // transaction: MUST send a `warning` and close the connection, or send an `error` and fail the channel"
  test('is hung up on, each time, and the channel stays', () => {
    const peers = forgetful();
    for (let times = 1; times < 4; times++) {
      peers.reconnect();
      expect(peers.connected).toBe(false);
      expect(breachesOf(peers.alice)).toHaveLength(times);
      expect(breachesOf(peers.alice).at(-1)).toMatchObject({
        severity: 'disconnect',
        rule: expect.stringContaining('`num_htlcs` is not equal') as string,
      });
    }
    expect(peers.alice.durable.phase).toBe('normal');
    expect(peers.alice.sent('local-commitment')).toEqual([]);
  });

  test('goes to the chain for it once the HTLC has expired, if it did not itself', () => {
    const peers = forgetful();
    peers.reconnect();
    peers.bob.apply = () => {};
    peers.mine(100);
    for (let i = 0; i < 10; i++) peers.mine(1);
    expect(peers.alice.durable).toMatchObject({ phase: 'closing', failure: 'HTLC 0 has timed out' });
    peers.mine(1, [commitmentOf(peers.alice)]);
    expect(peers.alice.demand.open.map(({ claim }) => claim.kind)).toContain('htlc-timeout');
  });
});

// Electrum takes a payment whose last expiry is more than a day away, and is slow to let go of one that it was paid.
test('an HTLC of an old disk in a commitment from after it: what became of it is open until it has expired, the rest is ours at once', () => {
  const peers = TwoPeers.ready(even);
  const { alice, bob } = peers;
  peers.add(alice, msat(30_000_000), 'one', 200);
  peers.pump();
  const { durable } = alice;
  peers.pay(alice, msat(50_000_000));
  peers.disconnect();
  alice.state = { durable, session: { link: 'offline' } };
  bob.command({ tag: 'force-close' });
  peers.mine(1, [commitmentOf(bob)]);
  peers.mine(1, [alice.published.findLast(({ purpose }) => purpose === 'claim')!.tx]);
  alice.settled.length = 0;
  peers.mine(150);
  expect(alice.settled).toEqual([]);
  expect(alice.summary.status).not.toBe('closed');
  peers.mine(150);
  expect(alice.settled).toMatchObject([{ id: 0n, result: { tag: 'abandoned', cause: 'state-lost' } }]);
  expect(alice.summary.status).toBe('closed');
});
