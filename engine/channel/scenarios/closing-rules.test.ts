import { describe, expect, test } from 'vitest';
import { feeratePerKw, msat, sat } from '../../base/units.ts';
import { breachesOf, change, countSaid, lastSaid, theBreach } from '../../testkit/two-peer-breach.ts';
import { CALM } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import { closingTx } from '../phases/shutdown/closing-offer.ts';

const even = { push: msat(400_000_000) };

/** Both said shutdown, and what either says of a fee is lost. */
function negotiating(peers = TwoPeers.ready(even)): TwoPeers {
  change(peers, 'closing_signed', () => null);
  peers.close(peers.alice);
  peers.pump();
  peers.tap = null;
  expect([peers.alice.durable.phase, peers.bob.durable.phase]).toEqual(['negotiating', 'negotiating']);
  return peers;
}

/** As if `from` had named this fee, with its signature. */
function say(peers: TwoPeers, from: Side, fee: bigint, range: readonly [bigint, bigint]): void {
  const { durable, env } = from;
  const tx = durable.phase === 'negotiating' ? closingTx(durable, sat(fee)) : null;
  if (tx === null) throw new Error('no such transaction');
  peers.inject(from, {
    name: 'closing_signed',
    channelId: durable.params.channelId,
    fee: sat(fee),
    signature: env.signer.signFundingSpend(tx, 0, durable.active[0].funding),
    feeRange: { min: sat(range[0]), max: sat(range[1]) },
  });
}

const purposes = (side: Side): readonly string[] => side.published.map(({ purpose }) => purpose);

describe('shutdown', () => {
  // BOLT 2 §shutdown: "if there are updates pending on the receiving node's commitment transaction: MUST NOT send a
  // `shutdown`."
  test.each(['an addition', 'a removal', 'a fee rate'])(
    'shutdown -- not before %s of ours is signed',
    (what) => {
      const peers = TwoPeers.ready(even);
      const { alice } = peers;
      peers.add(peers.bob, msat(5_000_000), 'theirs');
      peers.pump();
      // What comes after this one cannot be signed before it is answered.
      peers.add(alice, msat(1_000_000));
      if (what === 'an addition') peers.add(alice, msat(1_000_000));
      else if (what === 'a removal')
        alice.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('theirs') });
      else alice.command({ tag: 'update-fee', feerate: feeratePerKw(1_500) });
      peers.close(alice);
      expect(alice.outbox.slice(0, 2).map(({ name }) => name)).toEqual([
        'update_add_htlc',
        'commitment_signed',
      ]);
      expect(alice.outbox.slice(2).map(({ name }) => name)).toEqual([expect.stringMatching(/^update_/)]);
      peers.pump();
      const said = peers.saidSince(0).filter((line) => line.startsWith('alice'));
      const behind = said.slice(said.lastIndexOf('alice: commitment_signed'));
      expect(behind.slice(0, 2)).toEqual(['alice: commitment_signed', 'alice: shutdown']);
      expect(breachesOf(peers.bob)).toEqual([]);
    },
  );

  // BOLT 2 §shutdown: "if no HTLCs remain in either commitment transaction […] and neither side has a pending
  // `revoke_and_ack` to send: MUST NOT send any `update` message after that point."
  test('shutdown -- no update of any kind once nothing is left to settle', () => {
    const peers = negotiating();
    const start = peers.said.length;
    for (const side of [peers.alice, peers.bob]) {
      expect(peers.add(side, msat(1_000_000))).toMatchObject({ ok: false });
      expect(side.command({ tag: 'update-fee', feerate: feeratePerKw(5_000) })).toMatchObject({ ok: false });
    }
    // Estimates that would have the opener follow at once in a channel that is used.
    peers.mine(1, [], { ...CALM, urgent: feeratePerKw(20_000), normal: feeratePerKw(10_000) });
    peers.pump();
    expect(peers.saidSince(start).filter((line) => line.includes('update'))).toEqual([]);
    // Nor is one taken.
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.alice, { name: 'update_fee', channelId, feeratePerKw: feeratePerKw(5_000) });
    expect(theBreach(peers.bob).severity).toBe('disconnect');
  });
});

describe('closing_signed', () => {
  // BOLT 2 §closing_signed: "MUST propose a `fee_satoshis` in the overlap between received and (about-to-be) sent"
  test.each([
    ['below what we find fair', [10n, 300n], 300n],
    ['above what we find fair', [900n, 1_000n], 900n],
  ] as const)('closing_signed -- the fundee names a fee of both ranges: theirs ends %s', (_, range, fee) => {
    const peers = negotiating();
    // The fee itself is less than is relayed.
    say(peers, peers.alice, 10n, range);
    expect(peers.bob.outbox).toMatchObject([{ name: 'closing_signed', fee }]);
    const { min = sat(0), max = sat(0) } =
      peers.bob.outbox.flatMap((said) =>
        said.name === 'closing_signed' && said.feeRange !== undefined ? [said.feeRange] : [],
      )[0] ?? {};
    expect(min).toBeLessThanOrEqual(fee);
    expect(max).toBeGreaterThanOrEqual(fee);
    expect(breachesOf(peers.bob)).toEqual([]);
  });

  // BOLT 2 §closing_signed: "MUST reply with the same `fee_satoshis`."
  test('closing_signed -- the funder takes any fee of its range, and says so', () => {
    const peers = TwoPeers.ready(even);
    // Bob hears what Alice would pay, and what he says to it is the test's.
    change(peers, 'closing_signed', (message, from) => (from === peers.bob ? null : message));
    peers.close(peers.alice);
    peers.pump();
    peers.tap = null;
    const first = lastSaid(peers, 'closing_signed', peers.alice);
    const { min = sat(0), max = sat(0) } = first.feeRange ?? {};
    expect(min).toBeLessThan(first.fee);
    say(peers, peers.bob, min, [1n, max]);
    peers.deliver(peers.alice);
    expect(countSaid(peers, 'closing_signed', peers.alice)).toBe(2);
    expect(lastSaid(peers, 'closing_signed', peers.alice).fee).toBe(min);
    const paid = peers.alice.published.at(-1);
    expect(paid?.purpose).toBe('mutual-close');
    expect(paid?.tx.outputs.map(({ amount }) => amount)).toContain(600_000n - min);
    expect(breachesOf(peers.alice)).toEqual([]);
  });

  // BOLT 2 §closing_signed: "if `fee_satoshis` is not in the overlap between the sent and received `fee_range`: MUST
  // fail"
  test.each(['alice', 'bob'] as const)(
    'closing_signed -- what we would pay is taken, whatever range comes with it: %s says so',
    (name) => {
      const peers = negotiating();
      const from = peers[name];
      const us = peers.other(from);
      us.published.length = 0;
      say(peers, from, 900n, [901n, 902n]);
      expect(breachesOf(us)).toEqual([]);
      expect(us.outbox).toMatchObject([{ name: 'closing_signed', fee: 900n }]);
      expect(purposes(us)).toEqual(['mutual-close']);
      expect(us.published[0]?.tx.outputs.map(({ amount }) => amount)).toContain(599_100n);
    },
  );

  // BOLT 2 §closing_signed: "MUST fail the channel if it doesn't receive a satisfying `fee_range` after a reasonable
  // amount of time"
  test('closing_signed -- ranges that never meet: warned of, and the channel failed after a day', () => {
    const peers = negotiating();
    const insist = (): void => say(peers, peers.alice, 10n, [5n, 20n]);
    insist();
    peers.pump();
    expect(theBreach(peers.bob).rule).toContain('no overlap');
    expect(countSaid(peers, 'warning', peers.bob)).toBe(1);
    peers.mine(144);
    insist();
    peers.pump();
    expect(peers.bob.durable.phase).toBe('negotiating');
    expect(purposes(peers.bob)).toEqual([]);
    peers.mine(1);
    peers.pump();
    expect(purposes(peers.bob)).toEqual(['local-commitment']);
    expect(countSaid(peers, 'error', peers.bob)).toBe(1);
  });

  // BOLT 2 §closing_signed: "if one of the outputs in the closing transaction is below the dust limit for its
  // `scriptpubkey` […]: MUST fail the channel"
  test('closing_signed -- an output that nobody would relay: fails', () => {
    const peers = TwoPeers.ready({ push: msat(290_000) });
    // As in a channel of before dust limits had a least: what is kept from 1 sat on.
    for (const side of [peers.alice, peers.bob]) {
      const { durable } = side;
      const { local, remote } = durable.params;
      const dustLimit = sat(1);
      const params = {
        ...durable.params,
        local: { ...local, dustLimit },
        remote: { ...remote, dustLimit },
      };
      side.state = { ...side.state, durable: { ...durable, params } };
    }
    negotiating(peers);
    const fee = 1_000n;
    say(peers, peers.alice, fee, [fee, fee]);
    peers.pump();
    expect(theBreach(peers.bob)).toMatchObject({
      severity: 'fail',
      rule: expect.stringContaining('below the dust limit for its `scriptpubkey`') as string,
    });
    expect(countSaid(peers, 'error', peers.bob)).toBe(1);
    expect(purposes(peers.bob)).toEqual(['local-commitment']);
  });
});
