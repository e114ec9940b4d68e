import { describe, expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import { breachesOf, change } from '../../testkit/two-peer-breach.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import { DEFAULT_CHANNEL_CONFIG } from '../default-config.ts';

// After a start the disk may be an old copy, and what it holds revoked: a peer that knows need not say so.

const { failurePatience, absenceGrace, fulfillSafety } = DEFAULT_CHANNEL_CONFIG;
const even = { push: msat(400_000_000) };
const ours = ({ alice }: TwoPeers): number => alice.sent('local-commitment').length;

function fail(peers: TwoPeers): void {
  const { channelId } = peers.alice.durable.params;
  peers.inject(peers.bob, { name: 'error', channelId, data: Uint8Array.of(0x21) });
}

/** Alice started again; of the peer's channel_reestablish nothing comes. */
function started(): TwoPeers {
  const peers = TwoPeers.ready(even);
  peers.pay(peers.alice, msat(20_000_000));
  peers.crash(peers.alice);
  change(peers, 'channel_reestablish', (message, from) => (from === peers.bob ? null : message));
  peers.connect();
  peers.pump();
  return peers;
}

describe('a peer that says that the channel has failed, and not where it stands', () => {
  test('gets nothing to punish: it is asked once to publish its own', () => {
    const peers = started();
    fail(peers);
    fail(peers);
    expect(ours(peers)).toBe(0);
    expect(peers.alice.durable).toMatchObject({ phase: 'normal', failedAt: peers.height });
    expect(peers.alice.outbox.filter(({ name }) => name === 'error')).toHaveLength(1);
    expect(peers.alice.notice('peer-said')).toMatchObject({ kind: 'error' });
    expect(peers.alice.summary).toMatchObject({
      isUnproven: true,
      failsAt: peers.height + failurePatience,
    });
  });

  // It cannot be told from one that has lost all, and gets nothing back before we publish.
  test('one that asks by a next_commitment_number of zero is given ours at once', () => {
    const peers = TwoPeers.ready(even);
    peers.crash(peers.alice);
    change(peers, 'channel_reestablish', (message, from) =>
      from === peers.bob ? { ...message, nextCommitmentNumber: 0n } : message,
    );
    peers.connect();
    peers.pump();
    expect(breachesOf(peers.alice)[0]?.rule).toContain('`next_commitment_number` is zero');
    expect(ours(peers)).toBe(1);
  });

  test('a week later it is believed as soon as it says so again', () => {
    const peers = started();
    fail(peers);
    peers.crash(peers.alice);
    peers.mine(failurePatience);
    expect(ours(peers)).toBe(0);
    peers.connect();
    peers.pump();
    fail(peers);
    expect(ours(peers)).toBe(1);
  });

  test('once it shows that our disk is old, ours is never published', () => {
    const peers = TwoPeers.ready(even);
    const old = peers.alice.copyDisk();
    peers.pay(peers.alice, msat(20_000_000));
    peers.alice.putBack(old);
    peers.crash(peers.alice);
    peers.connect();
    // Before it hears what it was to be asked.
    fail(peers);
    peers.pump();
    expect(peers.alice.durable.phase).toBe('data-loss');
    peers.mine(failurePatience + absenceGrace);
    expect(ours(peers)).toBe(0);
  });

  test('and shows later that all is in step: the channel goes on', () => {
    const peers = started();
    fail(peers);
    peers.tap = null;
    peers.reconnect();
    peers.pump();
    expect(peers.alice.durable.failedAt).toBeUndefined();
    expect(peers.alice.summary).toMatchObject({ isUnproven: false, failsAt: null });
    peers.pay(peers.alice, msat(20_000_000));
    peers.mine(failurePatience + absenceGrace);
    expect(ours(peers)).toBe(0);
  });

  test('a week later ours goes to the chain, also when the wallet was closed meanwhile', () => {
    const peers = started();
    fail(peers);
    peers.mine(failurePatience - 1);
    peers.crash(peers.alice);
    peers.mine(1);
    peers.mine(absenceGrace - 1);
    expect(ours(peers)).toBe(0);
    peers.mine(1);
    expect(ours(peers)).toBe(1);
    expect(peers.alice.summary.closing?.cause).toBe('peer-error');
  });

  test('the user does not have to wait', () => {
    const peers = started();
    fail(peers);
    peers.alice.command({ tag: 'force-close' });
    expect(ours(peers)).toBe(1);
  });

  test('in step before, in this life: it is believed at once', () => {
    const peers = TwoPeers.ready(even);
    peers.disconnect();
    change(peers, 'channel_reestablish', () => null);
    peers.connect();
    peers.pump();
    fail(peers);
    expect(ours(peers)).toBe(1);
  });
});

describe('what we fulfilled and what is about to expire, at the first look after a start', () => {
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

  test('waits for the word of the peer, which settles it', () => {
    const peers = fulfilled(fulfillSafety);
    expect(ours(peers)).toBe(0);
    peers.connect();
    peers.pump();
    expect(peers.bob.settled.map(({ result }) => result.tag)).toContain('fulfilled');
    peers.mine(fulfillSafety);
    expect(ours(peers)).toBe(0);
  });

  test.each([fulfillSafety, 2])(
    'of a peer that does not come for minutes, %i blocks before it expires',
    (left) => {
      const peers = fulfilled(left);
      peers.alice.pass(119);
      peers.mine(0);
      expect(ours(peers)).toBe(0);
      peers.alice.pass(1);
      peers.mine(0);
      expect(ours(peers)).toBe(1);
    },
  );

  test('nor for long where the clock stands still', () => {
    const peers = fulfilled(fulfillSafety);
    peers.mine(2);
    expect(ours(peers)).toBe(0);
    peers.mine(1);
    expect(ours(peers)).toBe(1);
  });

  test('one that expired long ago was settled, or can wait some blocks as well', () => {
    const peers = fulfilled(-500);
    peers.alice.pass(3_600);
    peers.mine(absenceGrace - 1);
    expect(ours(peers)).toBe(0);
    peers.mine(1);
    expect(ours(peers)).toBe(1);
  });

  test('an old disk learns from its peer that the payment was settled: nothing is published', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.bob, msat(30_000_000), 'one', 40);
    peers.pump();
    peers.disconnect();
    peers.alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    const old = peers.alice.copyDisk();
    peers.connect();
    peers.pump();
    peers.pay(peers.alice, msat(20_000_000));
    peers.alice.putBack(old);
    peers.crash(peers.alice);
    peers.mine(200);
    expect(ours(peers)).toBe(0);
    peers.connect();
    peers.pump();
    peers.mine(20);
    expect(peers.alice.durable.phase).toBe('data-loss');
    expect(ours(peers)).toBe(0);
  });
});
