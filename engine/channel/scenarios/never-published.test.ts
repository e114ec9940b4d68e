import { describe, expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import { txIdOf } from '../../bitcoin/tx.ts';
import { TEST_FEATURES } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';

const purposes = (side: Side): string[] => side.published.map(({ purpose }) => purpose);

describe('a state that may be old', () => {
  function restored(): TwoPeers {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    peers.add(peers.bob, msat(30_000_000), 'one', 40);
    peers.pump();
    peers.alice.env = { ...peers.alice.env, mayBeStale: true };
    return peers;
  }

  test.each<readonly [string, (peers: TwoPeers) => void]>([
    ['the user asks for it', ({ alice }) => void alice.command({ tag: 'force-close' })],
    [
      'the peer sends an error',
      (peers) => {
        const { channelId } = peers.bob.durable.params;
        peers.inject(peers.bob, { name: 'error', channelId, data: new Uint8Array() });
      },
    ],
    [
      'an HTLC that we fulfilled is about to time out',
      (peers) => {
        peers.disconnect();
        peers.alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
        peers.mine(30);
      },
    ],
  ])('is never published: %s', (_, happens) => {
    const peers = restored();
    happens(peers);
    expect(peers.alice.durable.phase).toBe('data-loss');
    peers.crash(peers.alice);
    peers.mine(500);
    expect(purposes(peers.alice)).toEqual(['funding']);
  });

  test('is never published: a force-close was under way when the copy was made', () => {
    const peers = restored();
    peers.alice.env = { ...peers.alice.env, mayBeStale: false };
    peers.alice.command({ tag: 'force-close' });
    peers.alice.env = { ...peers.alice.env, mayBeStale: true };
    peers.alice.published.length = 0;
    peers.crash(peers.alice);
    expect(purposes(peers.alice)).toEqual([]);
  });
});

describe('a funding of the peer that is in no block', () => {
  test('holds no coins of ours for a commitment that may never be: only once it is in one', () => {
    const peers = new TwoPeers();
    peers.open({ push: msat(80_000_000) });
    const { bob } = peers;
    bob.command({ tag: 'force-close' });
    expect(purposes(bob)).toEqual(['local-commitment']);
    expect(bob.demand.lift).toBeNull();
    peers.mine(1, [peers.fundingTx]);
    peers.mine(1);
    expect(bob.demand.lift).not.toBeNull();
  });

  test('is looked for when it was given up, where something of it is ours: it is taken should it be mined after all', () => {
    const peers = new TwoPeers();
    peers.open({ push: msat(80_000_000) });
    const { bob } = peers;
    bob.command({ tag: 'force-close' });
    peers.mine(2_020);
    expect(bob.durable.phase).toBe('closed');
    peers.crash(bob);
    bob.published.length = 0;
    peers.mine(1, [peers.fundingTx]);
    expect(bob.durable.phase).toBe('closing');
    expect(purposes(bob)).toEqual(['local-commitment']);
  });

  test('was in one that is gone: with payments in the channel its child goes on, as mempools have what it stands on', () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    const { alice, bob, fundingTx } = peers;
    peers.add(alice, msat(30_000_000), 'one', 40);
    peers.pump();
    bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    bob.command({ tag: 'force-close' });
    const { lift } = bob.demand;
    expect(lift).not.toBeNull();
    const txId = txIdOf(fundingTx);
    bob.apply({ tag: 'chain', event: { tag: 'reorged', txId, tipHeight: peers.height } });
    peers.crash(bob);
    expect(bob.demand.lift).toEqual(lift);
  });
});

describe('a channel of the peer that was used before the chain had it', () => {
  /** Bob trusts Alice, who told him of the transaction that pays his channel. */
  function trusted(): TwoPeers {
    const features = { ...TEST_FEATURES, option_zeroconf: 'optional' } as const;
    const peers = new TwoPeers({ features }, { features, trustsUnconfirmed: true });
    peers.connect();
    peers.ask({ zeroConf: true });
    peers.pump();
    peers.accept(0);
    peers.pump();
    peers.build();
    peers.pump();
    const { bob } = peers;
    bob.env = { ...bob.env, fundingSeen: true };
    bob.apply({ tag: 'idle' });
    peers.pump();
    return peers;
  }

  /** 300,000 sat came through it, and its funding waits in mempools for two weeks. */
  function used(): TwoPeers {
    const peers = trusted();
    const { bob } = peers;
    expect(bob.command({ tag: 'funding-seen', tx: peers.fundingTx })).toMatchObject({ ok: true });
    peers.pump();
    peers.pay(peers.alice, msat(300_000_000));
    peers.mine(2_020);
    return peers;
  }

  test.each<readonly [string, (peers: TwoPeers) => void]>([
    ['the user asks for it', ({ bob }) => void bob.command({ tag: 'force-close' })],
    [
      'the peer sends an error',
      (peers) => {
        const { channelId } = peers.bob.durable.params;
        peers.inject(peers.alice, { name: 'error', channelId, data: new Uint8Array() });
        peers.disconnect();
        peers.mine(150);
      },
    ],
  ])(
    'has its commitment published however late it is closed, and taken where it comes to be: %s',
    (_, happens) => {
      const peers = used();
      const { bob } = peers;
      happens(peers);
      expect(bob.durable.phase).toBe('closing');
      expect(purposes(bob)).toContain('local-commitment');
      peers.crash(bob);
      peers.mine(2_020);
      expect(bob.durable.phase).toBe('closing');
      // The peer has it mined in the end, and takes all by a state that is revoked.
      peers.mine(1, [peers.fundingTx]);
      peers.mine(1);
      expect(purposes(bob)).toContain('local-commitment');
      expect(bob.demand.lift).not.toBeNull();
    },
  );

  test('holds no coins for a commitment that nobody can mine: a payment in it, and nobody shows its funding', () => {
    const peers = trusted();
    const { bob } = peers;
    peers.add(peers.alice, msat(300_000_000), 'one');
    peers.pump();
    bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    expect(bob.command({ tag: 'force-close' })).toMatchObject({ ok: true });
    expect(purposes(bob)).toContain('local-commitment');
    expect(bob.demand.lift).toBeNull();
    expect(bob.command({ tag: 'funding-seen', tx: peers.fundingTx })).toMatchObject({ ok: true });
    peers.mine(1);
    expect(bob.demand.lift).not.toBeNull();
  });
});

describe('a closing transaction that is not mined', () => {
  test.each(['at once', 'after an error of the peer'])('gives way to a force-close: %s', (when) => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    peers.close(peers.alice);
    peers.pump();
    const { channelId } = peers.bob.durable.params;
    if (when !== 'at once') peers.inject(peers.bob, { name: 'error', channelId, data: new Uint8Array() });
    expect(purposes(peers.alice).at(-1)).toBe('mutual-close');
    expect(peers.alice.command({ tag: 'force-close' })).toMatchObject({ ok: true });
    expect(purposes(peers.alice).slice(-2)).toEqual(['local-commitment', 'mutual-close']);
    // The closing transaction may win all the same.
    const mutual = peers.bob.published.findLast(({ purpose }) => purpose === 'mutual-close');
    if (mutual === undefined) throw new Error('no closing transaction');
    peers.mine(1, [mutual.tx]);
    peers.mine(5);
    expect(peers.alice.summary).toMatchObject({ status: 'closed', closing: { kind: 'mutual' } });
  });
});
