import { describe, expect, test } from 'vitest';
import { feeratePerKw, msat } from '../../base/units.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { CALM } from '../../testkit/two-peer-env.ts';
import { change, countSaid, lastSaid, theBreach } from '../../testkit/two-peer-breach.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import { localCommitment } from '../commitments.ts';

const even = { push: msat(400_000_000) };
const set = (peers: TwoPeers, rate: number, who: 'alice' | 'bob' = 'alice'): unknown =>
  peers[who].command({ tag: 'update-fee', feerate: feeratePerKw(rate) });

describe('what we send', () => {
  test('update_fee -- both sides go over to it', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(30_000_000));
    peers.pump();
    set(peers, 1_700);
    peers.pump();
    for (const side of [peers.alice, peers.bob]) expect(side.summary.feerate).toBe(1_700);
    peers.reconnect();
    expect(peers.alice.summary.status).toBe('ready');
  });

  test('update_fee -- the last of several counts', () => {
    const peers = TwoPeers.ready(even);
    for (const rate of [1_500, 1_600, 1_700]) set(peers, rate);
    peers.pump();
    expect(peers.bob.summary.feerate).toBe(1_700);
    expect(peers.alice.durable.ledger.feeUpdates).toEqual([]);
  });

  // BOLT 2 §update_fee: "The node _not responsible_ for paying the Bitcoin fee: MUST NOT send `update_fee`."
  test('update_fee -- not by who does not pay', () => {
    const peers = TwoPeers.ready(even);
    expect(set(peers, 2_000, 'bob')).toMatchObject({ error: { code: 'not-opener' } });
  });

  test('update_fee -- not more than we can pay and keep the reserve', () => {
    const peers = TwoPeers.ready({ push: msat(985_000_000) });
    // 15000 satoshis less the reserve of 10000 and the anchors of 660 at a weight of 1124.
    expect(set(peers, 3_863)).toMatchObject({ error: { code: 'fee-unaffordable' } });
    expect(set(peers, 3_862)).toMatchObject({ ok: true });
    peers.pump();
    expect(countSaid(peers, 'warning')).toBe(0);
  });

  const quiet = (rate: number, minimum = rate): Feerates => ({
    urgent: feeratePerKw(rate),
    normal: feeratePerKw(rate),
    background: feeratePerKw(rate),
    minimum: feeratePerKw(minimum),
  });

  // HTLC transactions of this format hold their own fee, at the rate of the commitment: nobody can raise it later.
  test('update_fee -- without anchors never so low that a mempool of busier days would not take what it makes', () => {
    const legacy = { config: { formats: ['static_remotekey'] } } as const;
    const peers = TwoPeers.ready(even, legacy, legacy);
    expect(peers.alice.summary.feerate).toBe(2_000);
    peers.mine(1, [], quiet(253));
    peers.pump();
    expect(peers.alice.summary.feerate).toBe(2_000);
    set(peers, 8_000);
    peers.pump();
    peers.mine(1, [], quiet(253));
    peers.pump();
    expect(peers.alice.summary.feerate).toBe(1_012);
    const anchors = TwoPeers.ready(even);
    set(anchors, 8_000);
    anchors.pump();
    anchors.mine(1, [], quiet(253));
    anchors.pump();
    expect(anchors.alice.summary.feerate).toBe(253);
  });

  test('update_fee -- not when it would trim too much', () => {
    const legacy = { config: { formats: ['static_remotekey'], maxDustExposure: msat(3_000_000) } } as const;
    const peers = TwoPeers.ready(even, legacy, { config: { formats: ['static_remotekey'] } });
    for (let i = 0; i < 2; i++) peers.add(peers.alice, msat(4_000_000));
    peers.pump();
    expect(set(peers, 6_000)).toMatchObject({ error: { code: 'fee-unaffordable' } });
    expect(set(peers, 3_000)).toMatchObject({ ok: true });
  });

  test('update_fee -- follows the estimates by itself, the opener alone', () => {
    const peers = TwoPeers.ready(even);
    peers.mine(1, [], { ...CALM, normal: feeratePerKw(1_250) });
    peers.pump();
    expect(countSaid(peers, 'update_fee')).toBe(0);
    peers.mine(1, [], { ...CALM, normal: feeratePerKw(1_251) });
    peers.pump();
    expect(countSaid(peers, 'update_fee', peers.alice)).toBe(1);
    expect(peers.bob.summary.feerate).toBe(1_251);
    peers.mine(1, [], { ...CALM, normal: feeratePerKw(9_000) });
    peers.pump();
    // With anchors no more than is needed to be relayed in bad times.
    expect(peers.bob.summary.feerate).toBe(2_500);
    peers.mine(1, [], CALM);
    peers.pump();
    expect(peers.bob.summary.feerate).toBe(1_000);
    expect(countSaid(peers, 'update_fee', peers.bob)).toBe(0);
  });
});

test('update_fee -- when fees jump beyond what we can pay, as much as half of what is ours can', () => {
  const legacy = { config: { formats: ['static_remotekey'] } } as const;
  const peers = TwoPeers.ready({ push: msat(940_000_000) }, legacy, legacy);
  const jumped = feeratePerKw(100_000);
  peers.mine(1, [], { urgent: jumped, normal: jumped, background: jumped, minimum: CALM.minimum });
  peers.pump();
  // Half of 60000 satoshis, at a weight of 724.
  expect(peers.bob.summary.feerate).toBe(41_437);
  expect(countSaid(peers, 'warning')).toBe(0);
  peers.mine(1, [], CALM);
  peers.pump();
  expect(peers.bob.summary.feerate).toBe(2_000);
});

describe('what we take', () => {
  // BOLT 2 §update_fee: "if the sender is not responsible for paying the Bitcoin fee: MUST send"
  test('update_fee -- refused: from who does not pay', () => {
    const peers = TwoPeers.ready(even);
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.bob, { name: 'update_fee', channelId, feeratePerKw: feeratePerKw(1_000) });
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'disconnect' });
    expect(theBreach(peers.alice).rule).toContain('not responsible for paying the Bitcoin fee');
  });

  test.each([
    // BOLT 2 §update_fee: "if the `update_fee` is too low for timely processing, OR is unreasonably large: MUST send"
    ['too low', 252, 'too low for timely processing'],
    ['more than the sender has', 24_000, 'cannot afford the new fee rate'],
  ])('update_fee -- refused: %s', (_, rate, rule) => {
    const peers = TwoPeers.ready({ push: msat(980_000_000) });
    change(peers, 'update_fee', (message) => ({ ...message, feeratePerKw: feeratePerKw(rate) }));
    set(peers, 1_200);
    peers.pump();
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
    expect(theBreach(peers.bob).rule).toContain(rule);
    peers.tap = null;
    peers.reconnect();
    expect(peers.bob.summary.feerate).toBe(1_200);
  });

  const legacy = { config: { formats: ['static_remotekey'] } } as const;

  // BOLT 2 §update_fee: "if the `update_fee` is too low for timely processing, OR is unreasonably large: MUST send"
  test('update_fee -- taken: far from our estimates, either way, as long as a child can pay what is missing', () => {
    const peers = TwoPeers.ready(even);
    for (const factor of [50, 1, 0.3, 50]) {
      const seen = feeratePerKw(Math.round(1_000 * factor));
      peers.bob.env = {
        ...peers.bob.env,
        feerates: { urgent: seen, normal: seen, background: seen, minimum: seen },
      };
      for (const rate of [253, 2_500, 60_000]) {
        expect(set(peers, rate)).toMatchObject({ ok: rate <= 25_000 });
        peers.pump();
      }
      expect(countSaid(peers, 'warning')).toBe(0);
      expect(peers.bob.summary.feerate).toBe(2_500);
    }
  });

  test('update_fee -- without anchors nothing is given for what mempools do not take now', () => {
    const peers = TwoPeers.ready(even, legacy, legacy);
    peers.bob.env = { ...peers.bob.env, feerates: { ...CALM, minimum: feeratePerKw(2_100) } };
    peers.add(peers.alice, msat(5_000_000), 'stuck');
    peers.pump();
    expect(peers.bob.offers.map(({ mustFail }) => mustFail)).toEqual(['slow-commitment']);
  });

  const DEAR = { ...CALM, background: feeratePerKw(40_000) };

  test('update_fee -- without anchors taken: less than before, far below what we see, while nothing hangs on it', () => {
    const peers = TwoPeers.ready(even, legacy, legacy);
    set(peers, 4_000);
    peers.pump();
    peers.bob.env = { ...peers.bob.env, feerates: DEAR };
    // Signed, and the connection is gone before the answer: it is said again on each one.
    set(peers, 3_000);
    for (let times = 0; times < 2; times++) peers.reconnect();
    for (const side of [peers.alice, peers.bob]) {
      expect(side.summary.feerate).toBe(3_000);
      expect(side.notices.filter(({ tag }) => tag === 'violation')).toEqual([]);
    }
    // What is offered from then on could time out before our commitment is in a block.
    peers.add(peers.alice, msat(5_000_000), 'large');
    peers.add(peers.alice, msat(1_000_000), 'dust');
    peers.pump();
    expect(peers.bob.offers.map(({ mustFail }) => mustFail ?? null)).toEqual(['slow-commitment', null]);
    peers.bob.env = { ...peers.bob.env, feerates: CALM };
    peers.add(peers.alice, msat(5_000_000), 'timely');
    peers.pump();
    expect(peers.bob.offers.at(-1)?.mustFail).toBeUndefined();
  });

  test('update_fee -- without anchors refused: less than before, far below what we see, while an HTLC may be ours to take', () => {
    const peers = TwoPeers.ready(even, legacy, legacy);
    set(peers, 4_000);
    peers.pump();
    peers.add(peers.alice, msat(5_000_000), 'held');
    peers.pump();
    peers.bob.env = { ...peers.bob.env, feerates: DEAR };
    // More is better than what it was.
    expect(set(peers, 5_000)).toMatchObject({ ok: true });
    peers.pump();
    expect(peers.bob.summary.feerate).toBe(5_000);
    set(peers, 3_000);
    peers.pump();
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
    expect(peers.bob.summary.feerate).toBe(5_000);
  });

  test.each(['alice', 'bob'] as const)(
    'update_fee -- without anchors taken, whatever becomes dust of the HTLCs of %s, at a rate that the mempool explains: to hang up would never end',
    (payer) => {
      const peers = TwoPeers.ready(
        even,
        { config: { ...legacy.config, maxDustExposure: msat(50_000_000) } },
        legacy,
      );
      for (let i = 0; i < 2; i++) peers.add(peers[payer], msat(4_000_000));
      peers.bob.env = { ...peers.bob.env, feerates: { ...CALM, urgent: feeratePerKw(3_000) } };
      // The update crosses the HTLCs: both sides signed before they heard of the other.
      expect(set(peers, 6_000)).toMatchObject({ ok: true });
      peers.pump();
      for (let times = 0; times < 2; times++) peers.reconnect();
      for (const side of [peers.alice, peers.bob]) {
        expect(side.summary.feerate).toBe(6_000);
        expect(side.summary.isUsable).toBe(true);
      }
    },
  );

  /** Alice opened, and pays ten times what her fee rate could take all of. */
  const burning = (base: 'anchors' | 'static_remotekey'): TwoPeers => {
    const generous = { config: { formats: [base], maxDustExposure: msat(1_000_000_000) } } as const;
    const peers = TwoPeers.ready({}, generous, { config: { formats: [base] } });
    for (let i = 0; i < 10; i++) peers.add(peers.alice, msat(30_000_000), `part ${i}`);
    peers.pump();
    return peers;
  };
  const give = ({ bob }: TwoPeers): void => {
    for (const [i, { id }] of bob.offers.entries())
      bob.command({ tag: 'fulfill-htlc', id, preimage: preimageOf(`part ${i}`) });
  };

  // BOLT 2 §update_fee: "if the `update_fee` is too low for timely processing, OR is unreasonably large: MUST send"
  test.each([
    ['all of them are trimmed', 45_000],
    ['the fees of their transactions take most', 40_000],
  ])(
    'update_fee -- without anchors refused: it burns HTLCs that we gave the preimages of, and no mempool asks for it; %s',
    (_, rate) => {
      const peers = burning('static_remotekey');
      const { alice, bob } = peers;
      // What she takes for fair is another matter.
      const spike = { ...CALM, urgent: feeratePerKw(rate), normal: feeratePerKw(rate) };
      alice.env = { ...alice.env, feerates: spike };
      give(peers);
      expect(set(peers, rate)).toMatchObject({ ok: true });
      peers.pump();
      // Signed, it is said again each time: nothing is revoked for it.
      for (let times = 0; times < 3; times++) {
        expect(theBreach(bob)).toMatchObject({ severity: 'disconnect' });
        expect(bob.notice('violation').violation.detail).toContain('burns');
        bob.notices.length = 0;
        peers.reconnect();
      }
      expect(bob.summary).toMatchObject({ feerate: 2_000, status: 'offline' });
      // In the end the commitment of before brings every HTLC home.
      const expiry = Math.min(...bob.offers.map(({ cltvExpiry }) => cltvExpiry));
      peers.mine(expiry - bob.env.height - 18);
      const ours = bob.published.find(({ purpose }) => purpose === 'local-commitment');
      expect(ours?.tx.outputs.filter(({ amount }) => amount === 30_000n)).toHaveLength(10);
      peers.mine(1, ours === undefined ? [] : [ours.tx]);
      const claims = bob.demand.open.filter(({ claim }) => claim.htlc?.direction === 'incoming');
      expect(claims).toHaveLength(10);
    },
  );

  test('update_fee -- without anchors taken: the same, once the mempool is the reason', () => {
    const peers = burning('static_remotekey');
    const spike = { ...CALM, urgent: feeratePerKw(40_000), normal: feeratePerKw(40_000) };
    peers.alice.env = { ...peers.alice.env, feerates: spike };
    give(peers);
    set(peers, 40_000);
    peers.pump();
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
    peers.bob.env = { ...peers.bob.env, feerates: spike };
    peers.reconnect();
    for (const side of [peers.alice, peers.bob])
      expect(side.summary).toMatchObject({ feerate: 40_000, status: 'ready', htlcs: [] });
  });

  test('update_fee -- without anchors taken: what the mempool was the reason for in the last days', () => {
    const peers = burning('static_remotekey');
    const rate = feeratePerKw(40_000);
    peers.alice.env = { ...peers.alice.env, feerates: { ...CALM, urgent: rate, normal: rate } };
    give(peers);
    set(peers, 40_000);
    // The spike is over when it arrives.
    peers.bob.env = { ...peers.bob.env, feerates: { ...CALM, peak: { rate, at: peers.bob.env.now } } };
    peers.pump();
    expect(peers.bob.wantsDisconnect).toBe(false);
    for (const side of [peers.alice, peers.bob])
      expect(side.summary).toMatchObject({ feerate: 40_000, status: 'ready', htlcs: [] });
  });

  test('update_fee -- at a rate that burns them nothing is given for HTLCs, and none is offered', () => {
    const legacy = {
      config: { formats: ['static_remotekey'], maxDustExposure: msat(1_000_000_000) },
    } as const;
    const peers = TwoPeers.ready(even, legacy, { config: { formats: ['static_remotekey'] } });
    const spike = { ...CALM, urgent: feeratePerKw(40_000), normal: feeratePerKw(40_000) };
    peers.alice.env = { ...peers.alice.env, feerates: spike };
    // Nothing hangs on it yet.
    set(peers, 40_000);
    peers.pump();
    expect(peers.bob.summary.feerate).toBe(40_000);
    peers.add(peers.alice, msat(30_000_000), 'burnt');
    peers.pump();
    expect(peers.bob.offers.map(({ mustFail }) => mustFail)).toEqual(['dust-exposure']);
    expect(peers.add(peers.bob, msat(30_000_000), 'ours')).toMatchObject({
      error: { code: 'dust-exposure' },
    });
    peers.bob.env = { ...peers.bob.env, feerates: spike };
    expect(peers.add(peers.bob, msat(30_000_000), 'ours')).toMatchObject({ ok: true });
  });

  test('update_fee -- with anchors no fee rate takes anything of an HTLC, or of what is ours', () => {
    const peers = burning('anchors');
    const { alice, bob } = peers;
    const ours = bob.summary.local;
    alice.env = { ...alice.env, feerates: { ...CALM, urgent: feeratePerKw(100_000) } };
    expect(set(peers, 100_000)).toMatchObject({ ok: true });
    peers.pump();
    expect(bob.summary).toMatchObject({ feerate: 100_000, local: ours });
    for (const { durable, env } of [alice, bob]) {
      const { htlcs } = localCommitment(durable.params, durable.ledger, durable.active[0], env);
      expect(htlcs.map(({ htlc }) => htlc.amount)).toEqual(Array.from({ length: 10 }, () => 30_000_000n));
    }
  });

  // BOLT 2 §Message Retransmission: "MUST reverse any uncommitted updates sent by the other side"
  test('update_fee -- one that was not signed is gone with the connection', () => {
    const peers = TwoPeers.ready(even);
    peers.alice.env = { ...peers.alice.env, moreToCome: true };
    set(peers, 2_000);
    peers.pump();
    expect(lastSaid(peers, 'update_fee').feeratePerKw).toBe(2_000);
    peers.alice.env = { ...peers.alice.env, moreToCome: false };
    peers.reconnect();
    for (const side of [peers.alice, peers.bob]) expect(side.summary.feerate).toBe(1_000);
    peers.pay(peers.alice, msat(1_000_000));
  });
});
