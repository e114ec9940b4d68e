import { describe, expect, test } from 'vitest';
import { blockHeight, msat, sat } from '../../base/units.ts';
import { breachesOf, change, countSaid, lastSaid, theBreach } from '../../testkit/two-peer-breach.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { hashOf, TwoPeers } from '../../testkit/two-peer.ts';
import type { UpdateAddHtlc } from '../../wire/htlc-update.ts';

const even = { push: msat(500_000_000) };
const code = (reply: ReturnType<TwoPeers['add']>): string | undefined =>
  reply?.ok === false ? reply.error.code : undefined;

describe('what we offer', () => {
  // BOLT 2 §update_add_htlc: "for the first HTLC it offers: MUST set `id` to 0."
  // BOLT 2 §update_add_htlc: "MUST increase the value of `id` by 1 for each successive offer."
  // BOLT 2 §update_add_htlc: "`id` MUST NOT be reset to 0 after the update is complete"
  test('update_add_htlc -- ids count up from 0 and are never taken again', () => {
    const peers = TwoPeers.ready();
    for (let i = 0; i < 3; i++) peers.pay(peers.alice, msat(1_000_000));
    peers.add(peers.alice, msat(1_000_000));
    peers.pump();
    const ids = peers.said.flatMap(({ message }) => (message.name === 'update_add_htlc' ? [message.id] : []));
    expect(ids).toEqual([0n, 1n, 2n, 3n]);
  });

  // BOLT 2 §update_add_htlc: "MUST offer `amount_msat` greater than 0."
  // BOLT 2 §update_add_htlc: "MUST NOT offer `amount_msat` below the receiving node's `htlc_minimum_msat`"
  test('update_add_htlc -- greater than 0 and not below htlc_minimum_msat', () => {
    const peers = TwoPeers.ready(even, {}, { config: { htlcMinimum: msat(1_000) } });
    expect(code(peers.add(peers.alice, msat(0)))).toBe('amount-too-small');
    expect(peers.add(peers.alice, msat(999))).toMatchObject({
      error: { code: 'amount-too-small', minimum: 1_000n },
    });
    expect(peers.add(peers.alice, msat(1_000))?.ok).toBe(true);
    expect(code(peers.add(peers.bob, msat(0)))).toBe('amount-too-small');
    expect(peers.add(peers.bob, msat(1))?.ok).toBe(true);
    // Also of a peer that would take nothing.
    const any = TwoPeers.ready(even, {}, { config: { htlcMinimum: msat(0) } });
    expect(code(any.add(any.alice, msat(0)))).toBe('amount-too-small');
  });

  // BOLT 2 §cltv_expiry_delta: "MUST NOT offer an HTLC with a timeout deadline before its `cltv_expiry`."
  test('update_add_htlc -- expiry too soon', () => {
    const peers = TwoPeers.ready();
    expect(peers.add(peers.alice, msat(1_000_000), 'a', 0)).toMatchObject({
      error: { code: 'expiry-too-soon', minimum: peers.height + 1 },
    });
    expect(peers.add(peers.alice, msat(1_000_000), 'a', 1)?.ok).toBe(true);
  });

  // BOLT 2 §update_add_htlc: "MUST set `cltv_expiry` less than 500000000."
  test('update_add_htlc -- expiry too far, and below 500000000 at any height', () => {
    const peers = TwoPeers.ready();
    expect(peers.add(peers.alice, msat(1_000_000), 'a', 2017)).toMatchObject({
      error: { code: 'expiry-too-far', maximum: peers.height + 2016 },
    });
    peers.alice.env = { ...peers.alice.env, height: blockHeight(499_999_999) };
    expect(code(peers.add(peers.alice, msat(1_000_000), 'a', 500_000_000 - peers.height))).toBe(
      'expiry-too-far',
    );
  });

  // BOLT 2 §update_add_htlc: "if result would be offering more than the remote's `max_accepted_htlcs` HTLCs"
  test('update_add_htlc -- not more than max_accepted_htlcs', () => {
    const peers = TwoPeers.ready(even, {}, { config: { maxAcceptedHtlcs: 5 } });
    for (let i = 0; i < 5; i++) expect(peers.add(peers.alice, msat(1_000_000))?.ok).toBe(true);
    expect(peers.add(peers.alice, msat(1_000_000))).toMatchObject({
      error: { code: 'too-many-htlcs', maximum: 5 },
    });
    // What the peer offers does not count.
    expect(peers.add(peers.bob, msat(1_000_000))?.ok).toBe(true);
    peers.pump();
    expect(countSaid(peers, 'warning')).toBe(0);
  });

  // BOLT 2 §update_add_htlc: "if the total value of offered HTLCs would exceed the remote's
  // `max_htlc_value_in_flight_msat`: MUST NOT add an HTLC."
  test('update_add_htlc -- not more than max_htlc_value_in_flight_msat', () => {
    const peers = TwoPeers.ready(even, {}, { config: { maxInFlightPercent: 10 } });
    expect(peers.alice.summary.sendable).toBe(100_000_000n);
    expect(peers.add(peers.alice, msat(60_000_000))?.ok).toBe(true);
    expect(peers.add(peers.alice, msat(40_000_001))).toMatchObject({
      error: { code: 'amount-too-large', maximum: 40_000_000n },
    });
    expect(peers.add(peers.alice, msat(40_000_000))?.ok).toBe(true);
    peers.pump();
    expect(countSaid(peers, 'warning')).toBe(0);
  });

  // BOLT 2 §update_add_htlc: "MUST NOT offer `amount_msat` if, after adding that HTLC to its commitment transaction, it
  // cannot pay the fee"
  // BOLT 2 §update_add_htlc: "MUST be able to additionally pay for `to_local_anchor` and `to_remote_anchor` above its
  // reserve."
  test.each(['anchors', 'static_remotekey'] as const)(
    'update_add_htlc -- the opener keeps its reserve, the fee with a spike buffer, and the anchors (%s)',
    (base) => {
      const formats = { config: { formats: [base] } } as const;
      const peers = TwoPeers.ready(even, formats, formats);
      const { feerate, sendable, local } = peers.alice.summary;
      const weight = base === 'anchors' ? 1124 : 724;
      // Twice the fee rate, with this HTLC and one more.
      const buffer = BigInt(Math.floor((2 * feerate * (weight + 2 * 172)) / 1000)) * 1000n;
      const anchors = base === 'anchors' ? 660_000n : 0n;
      expect(sendable).toBe(local - 10_000_000n - buffer - anchors);
      expect(peers.add(peers.alice, msat(sendable + 1n))).toMatchObject({
        error: { code: 'insufficient-balance', sendable },
      });
      expect(peers.add(peers.alice, sendable)?.ok).toBe(true);
      expect(peers.alice.summary.sendable).toBe(0n);
      peers.pump();
      expect(countSaid(peers, 'warning')).toBe(0);
      expect(peers.bob.offers).toHaveLength(1);
    },
  );

  test('update_add_htlc -- who does not pay the fee keeps its reserve', () => {
    const peers = TwoPeers.ready(even);
    expect(peers.bob.summary.sendable).toBe(490_000_000n);
    expect(code(peers.add(peers.bob, msat(490_000_001)))).toBe('insufficient-balance');
    expect(peers.add(peers.bob, msat(490_000_000))?.ok).toBe(true);
    peers.pump();
    expect(peers.alice.offers).toHaveLength(1);
  });

  test('update_add_htlc -- not what the opener could not pay the fee for', () => {
    // Alice has her reserve and enough for the first commitment, not for one more output.
    const peers = TwoPeers.ready({ amount: sat(1_000_000), push: msat(988_150_000) });
    expect(peers.alice.summary.local).toBe(11_850_000n);
    const room = peers.bob.summary.sendable;
    // What is trimmed costs nothing more.
    expect(room).toBe(353_999n);
    expect(code(peers.add(peers.bob, msat(354_000)))).toBe('insufficient-balance');
    expect(peers.add(peers.bob, room)?.ok).toBe(true);
  });

  test('update_add_htlc -- dust exposure is bounded', () => {
    const config = { maxDustExposure: msat(1_000_000) };
    const peers = TwoPeers.ready(even, { config });
    for (let i = 0; i < 3; i++) expect(peers.add(peers.alice, msat(300_000))?.ok).toBe(true);
    expect(peers.add(peers.alice, msat(300_000))).toMatchObject({
      error: { code: 'dust-exposure', maximum: 1_000_000n },
    });
    expect(peers.add(peers.alice, msat(100_000))?.ok).toBe(true);
    expect(peers.add(peers.alice, msat(400_000))?.ok).toBe(true);
  });

  test('update_add_htlc -- dust that exceeds the bound at the receiver is offered to be failed', () => {
    const peers = TwoPeers.ready(even, {}, { config: { maxDustExposure: msat(500_000) } });
    peers.add(peers.alice, msat(300_000), 'a');
    peers.pump();
    peers.add(peers.alice, msat(300_000), 'b');
    peers.add(peers.alice, msat(400_000), 'c');
    peers.pump();
    const must = new Map(peers.bob.offers.map((offer) => [offer.paymentHash, offer.mustFail]));
    expect(must.get(hashOf('a'))).toBeUndefined();
    expect(must.get(hashOf('b'))).toBe('dust-exposure');
    expect(must.get(hashOf('c'))).toBeUndefined();
  });

  // BOLT 2 §update_add_htlc: "if it is relaying a payment inside a blinded route: MUST set `path_key`"
  test('update_add_htlc -- the path key and the origin come through', () => {
    const peers = TwoPeers.ready();
    const pathKey = peers.alice.env.signer.point(9);
    peers.alice.command({
      tag: 'add-htlc',
      amount: msat(1_000_000),
      paymentHash: hashOf('x'),
      cltvExpiry: blockHeight(200),
      onion: new Uint8Array(1366).fill(3),
      origin: { paymentId: hashOf('x') as never, attempt: 2 },
      pathKey,
    });
    peers.pump();
    expect(peers.bob.offers[0]).toMatchObject({ pathKey, id: 0n, paymentHash: hashOf('x') });
    peers.bob.command({ tag: 'fail-htlc', id: 0n, reason: Uint8Array.of(1) });
    peers.pump();
    expect(peers.alice.settled).toEqual([
      expect.objectContaining({
        id: 0n,
        origin: { paymentId: hashOf('x'), attempt: 2 },
        result: { tag: 'failed', reason: Uint8Array.of(1) },
      }),
    ]);
  });

  // BOLT 2 §update_add_htlc: "MUST allow multiple HTLCs with the same `payment_hash`."
  test('update_add_htlc -- many with one payment hash are allowed', () => {
    const peers = TwoPeers.ready();
    for (let i = 0; i < 3; i++) peers.add(peers.alice, msat(1_000_000), 'same');
    peers.pump();
    expect(peers.bob.offers.map(({ id }) => id)).toEqual([0n, 1n, 2n]);
  });
});

describe('what we take', () => {
  type Bend = (add: UpdateAddHtlc) => UpdateAddHtlc;

  test.each<readonly [string, Bend, RegExp]>([
    ['an amount of 0', (add) => ({ ...add, amount: msat(0) }), /equal to 0/],
    [
      'less than htlc_minimum_msat',
      (add) => ({ ...add, amount: msat(999) }),
      /less than its own `htlc_minimum_msat`/,
    ],
    ['more than the sender has', (add) => ({ ...add, amount: msat(497_000_000) }), /cannot afford/],
    [
      'an amount near 2^64',
      (add) => ({ ...add, amount: msat((1n << 64n) - 1n) }),
      /max_htlc_value_in_flight_msat|cannot afford/,
    ],
    [
      'an expiry in seconds',
      (add) => ({ ...add, cltvExpiry: blockHeight(500_000_000) }),
      /`cltv_expiry` to greater or equal to 500000000/,
    ],
    ['an id that skips one', (add) => ({ ...add, id: add.id + 1n }), /other `id` violations/],
  ])('update_add_htlc -- refused: %s', (_, bend, rule) => {
    const peers = TwoPeers.ready(even, {}, { config: { htlcMinimum: msat(1_000) } });
    change(peers, 'update_add_htlc', bend);
    peers.add(peers.alice, msat(1_000_000));
    peers.pump();
    expect(theBreach(peers.bob)).toMatchObject({
      severity: 'disconnect',
      rule: expect.stringMatching(rule) as string,
    });
    expect(countSaid(peers, 'warning', peers.bob)).toBeLessThanOrEqual(1);
    recovers(peers);
  });

  test('update_add_htlc -- refused: more than max_accepted_htlcs', () => {
    const peers = TwoPeers.ready(even, {}, { config: { maxAcceptedHtlcs: 5 } });
    for (let i = 0; i < 5; i++) peers.add(peers.alice, msat(1_000_000));
    peers.pump();
    peers.inject(peers.alice, { ...lastSaid(peers, 'update_add_htlc'), id: 5n });
    expect(theBreach(peers.bob).rule).toContain('more than receiver `max_accepted_htlcs`');
  });

  test('update_add_htlc -- refused: more than max_htlc_value_in_flight_msat', () => {
    const peers = TwoPeers.ready(even, {}, { config: { maxInFlightPercent: 10 } });
    change(peers, 'update_add_htlc', (add) => ({ ...add, amount: msat(100_000_001) }));
    peers.add(peers.alice, msat(1_000_000));
    peers.pump();
    expect(theBreach(peers.bob).rule).toContain('more than receiver `max_htlc_value_in_flight_msat`');
  });

  test('update_add_htlc -- refused: what we, who pay, could not pay the fee for', () => {
    const peers = TwoPeers.ready({ amount: sat(1_000_000), push: msat(998_200_000) });
    // 1,784 sat of Alice's 1,800 pay for a commitment without HTLCs.
    const add: UpdateAddHtlc = {
      name: 'update_add_htlc',
      channelId: peers.bob.durable.params.channelId,
      id: 0n,
      amount: msat(353_000),
      paymentHash: hashOf('a'),
      cltvExpiry: blockHeight(200),
      onion: new Uint8Array(1366),
    };
    peers.inject(peers.bob, add);
    expect(breachesOf(peers.alice)).toEqual([]);
    peers.inject(peers.bob, { ...add, id: 1n, amount: msat(354_000) });
    expect(theBreach(peers.alice)).toMatchObject({
      severity: 'disconnect',
      rule: expect.stringContaining('cannot pay the fee') as string,
    });
  });

  test('update_add_htlc -- refused: the same id for the second time on one connection', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(1_000_000));
    peers.deliver(peers.alice);
    peers.inject(peers.alice, lastSaid(peers, 'update_add_htlc'));
    expect(theBreach(peers.bob).severity).toBe('disconnect');
  });

  // BOLT 2 §update_add_htlc: "MUST ignore a repeated `id` value after a reconnection."
  test('update_add_htlc -- after a reconnection the same id may come again', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(1_000_000), 'a');
    peers.deliver(peers.alice);
    peers.disconnect();
    peers.connect();
    peers.pump();
    expect(countSaid(peers, 'update_add_htlc')).toBe(2);
    expect(peers.bob.offers).toHaveLength(1);
  });

  test('update_add_htlc -- before channel_ready', () => {
    const peers = new TwoPeers();
    peers.open();
    const add = lastSaidAdd(TwoPeers.ready());
    peers.inject(peers.alice, { ...add, channelId: peers.bob.durable.params.channelId });
    expect(theBreach(peers.bob).severity).toBe('disconnect');
  });

  function lastSaidAdd(peers: TwoPeers): UpdateAddHtlc {
    peers.add(peers.alice, msat(1_000_000));
    peers.pump();
    return lastSaid(peers, 'update_add_htlc');
  }

  /** Garbage costs the connection, nothing else. */
  function recovers(peers: TwoPeers): void {
    peers.tap = null;
    peers.reconnect();
    const sides: readonly Side[] = [peers.alice, peers.bob];
    for (const side of sides) expect(side.summary.status).toBe('ready');
    peers.pay(peers.alice, msat(2_000_000), 'after');
    peers.pay(peers.bob, msat(2_000_000), 'back');
  }
});
