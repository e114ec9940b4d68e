import { describe, expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import type { ChannelReestablish } from '../../wire/commitment.ts';
import { breachesOf, change, countSaid, lastSaid, theBreach } from '../../testkit/two-peer-breach.ts';
import { SITUATIONS } from '../../testkit/two-peer-situations.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';

const even = { push: msat(400_000_000) };

/** Reconnects, and gives the names of what was said after both channel_reestablish. */
function again(peers: TwoPeers): string[] {
  peers.disconnect();
  const start = peers.said.length;
  peers.connect();
  peers.pump();
  return peers.saidSince(start).filter((line) => !/channel_reestablish|channel_update/.test(line));
}

describe('what is said again', () => {
  // BOLT 2 §Message Retransmission: "MUST set `next_commitment_number` to the commitment number of the next
  // `commitment_signed` it expects to receive."
  // BOLT 2 §Message Retransmission: "MUST set `next_revocation_number` to the commitment number of the next
  // `revoke_and_ack` message it expects to receive."
  // BOLT 2 §Message Retransmission: "MUST set `your_last_per_commitment_secret` to all zeroes"
  // BOLT 2 §Message Retransmission: "MUST set `my_current_per_commitment_point` to a valid point."
  test('channel_reestablish -- numbers, secret and point', () => {
    const peers = TwoPeers.ready(even);
    again(peers);
    const fresh = lastSaid(peers, 'channel_reestablish', peers.alice);
    expect(fresh).toMatchObject({ nextCommitmentNumber: 1n, nextRevocationNumber: 0n });
    expect(fresh.yourLastPerCommitmentSecret).toEqual(new Uint8Array(32));
    peers.pay(peers.alice, msat(1_000_000));
    again(peers);
    const later = lastSaid(peers, 'channel_reestablish', peers.alice);
    expect(later).toMatchObject({ nextCommitmentNumber: 3n, nextRevocationNumber: 2n });
    expect(later.yourLastPerCommitmentSecret).toEqual(peers.bob.env.signer.releaseSecret(1));
    expect(later.myCurrentPerCommitmentPoint).toEqual(peers.alice.env.signer.point(2));
  });

  // BOLT 2 §Message Retransmission: "MUST wait to receive the other node's `channel_reestablish` message before sending
  // any other messages for that channel."
  test('channel_reestablish -- nothing else before it', () => {
    const peers = SITUATIONS['with HTLCs']?.() ?? new TwoPeers();
    peers.disconnect();
    peers.alice.apply({
      tag: 'connected',
      remoteInit: { name: 'init', globalFeatures: new Uint8Array(), features: peers.bob.env.features },
    });
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    expect(peers.alice.outbox.map(({ name }) => name)).toEqual(['channel_reestablish']);
    expect(peers.add(peers.alice, msat(1_000_000))).toMatchObject({ error: { code: 'channel-not-ready' } });
  });

  test('channel_reestablish -- other messages before it are ignored with a warning', () => {
    const peers = TwoPeers.ready(even);
    peers.pay(peers.alice, msat(1_000_000));
    const add = lastSaid(peers, 'update_add_htlc');
    peers.disconnect();
    peers.connect();
    peers.inject(peers.alice, { ...add, id: 1n });
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'warn' });
    peers.pump();
    expect(peers.bob.summary.status).toBe('ready');
  });

  // A peer that came back while its funding was unconfirmed may say nothing of the channel until it is deep, and then
  // `channel_ready` alone: each would wait for the other for as long as the connection holds.
  test('channel_reestablish -- channel_ready without it: a new connection has both', () => {
    const peers = TwoPeers.ready(even);
    const ready = lastSaid(peers, 'channel_ready', peers.alice);
    peers.disconnect();
    peers.connect();
    peers.inject(peers.alice, ready);
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
    expect(again(peers)).toEqual(['alice: channel_ready', 'bob: channel_ready']);
    expect(peers.bob.summary.status).toBe('ready');
    expect(peers.alice.summary.status).toBe('ready');
  });

  // BOLT 2 §Message Retransmission: "MUST retransmit `channel_ready`. otherwise: MUST NOT retransmit `channel_ready`"
  test('channel_ready -- said again when both expect commitment 1, else never', () => {
    const peers = TwoPeers.ready(even);
    expect(again(peers)).toEqual(['alice: channel_ready', 'bob: channel_ready']);
    peers.pay(peers.alice, msat(1_000_000));
    expect(again(peers)).toEqual([]);
  });

  test('channel_ready -- lost with the connection', () => {
    const peers = new TwoPeers();
    peers.open();
    change(peers, 'channel_ready', () => null);
    peers.mine(3, [peers.fundingTx]);
    peers.pump();
    peers.tap = null;
    again(peers);
    expect(peers.bob.summary.status).toBe('ready');
    expect(peers.alice.summary.status).toBe('ready');
  });

  // BOLT 2 §Message Retransmission: "MUST reverse any uncommitted updates sent by the other side"
  // BOLT 2 §update_add_htlc: "MUST ignore a repeated `id` value after a reconnection."
  test('update_add_htlc -- said and not signed: forgotten by both', () => {
    const peers = TwoPeers.ready(even);
    peers.alice.env = { ...peers.alice.env, moreToCome: true };
    peers.add(peers.alice, msat(1_000_000), 'one');
    peers.deliver(peers.alice);
    expect(again(peers)).not.toContain('alice: update_add_htlc');
    expect(peers.alice.settled.map(({ result }) => result)).toEqual([
      { tag: 'abandoned', cause: 'not-sent' },
    ]);
    expect(peers.add(peers.alice, msat(2_000_000), 'two')).toMatchObject({ value: { id: 0n } });
  });

  // BOLT 2 §Message Retransmission: "MUST reuse the same commitment number for its next `commitment_signed`."
  test('commitment_signed -- lost: the same updates and the same signature again', () => {
    const peers = TwoPeers.ready(even);
    change(peers, 'commitment_signed', () => null);
    peers.add(peers.alice, msat(30_000_000), 'one');
    const sent = peers.alice.outbox.slice();
    peers.pump();
    peers.tap = null;
    // Fewer than all updates: what is new after the signature waits for the next.
    const start = peers.said.length;
    again(peers);
    const resent = peers.said.slice(start).map(({ message }) => message);
    expect(
      resent.filter(({ name }) => name === 'update_add_htlc' || name === 'commitment_signed').slice(0, 2),
    ).toEqual(sent);
    expect(peers.bob.offers).toHaveLength(1);
  });

  // BOLT 2 §Message Retransmission: "AND the receiving node hasn't already received a `closing_signed`: MUST re-send
  // the `revoke_and_ack`."
  // BOLT 2 §Message Retransmission: "MUST NOT assume that previously-transmitted messages were lost"
  // BOLT 2 §Message Retransmission: "MUST retransmit `revoke_and_ack` and `commitment_signed` in the same relative
  // order as initially transmitted."
  test('revoke_and_ack -- lost: said again, and nothing twice', () => {
    const peers = TwoPeers.ready(even);
    change(peers, 'revoke_and_ack', () => null);
    peers.add(peers.alice, msat(30_000_000), 'one');
    peers.deliver(peers.alice);
    peers.deliver(peers.alice);
    peers.deliver(peers.bob);
    peers.tap = null;
    // Bob had revoked and then signed; his signature is lost as well.
    expect(again(peers).slice(0, 2)).toEqual(['bob: revoke_and_ack', 'bob: commitment_signed']);
    expect(peers.bob.offers).toHaveLength(1);
    expect(breachesOf(peers.alice)).toEqual([]);
  });

  test('revoke_and_ack -- after commitment_signed, where that was the order', () => {
    const peers = TwoPeers.ready(even);
    // Both sign at once, then both revoke.
    peers.add(peers.alice, msat(30_000_000), 'one');
    peers.add(peers.bob, msat(30_000_000), 'two');
    for (const side of [peers.alice, peers.bob]) {
      peers.deliver(side);
      peers.deliver(side);
    }
    // Neither of Bob's last two messages arrives: his commitment_signed did, his revoke_and_ack did not.
    expect(peers.bob.outbox.map(({ name }) => name)[0]).toBe('revoke_and_ack');
    expect(
      again(peers)
        .filter((line) => line.startsWith('bob'))
        .slice(0, 1),
    ).toEqual(['bob: revoke_and_ack']);
    expect(peers.alice.offers).toHaveLength(1);
    expect(peers.bob.offers).toHaveLength(1);
  });

  // BOLT 2 §Message Retransmission: "MUST retransmit `revoke_and_ack` and `commitment_signed` in the same relative
  // order as initially transmitted."
  test('commitment_signed -- before revoke_and_ack, where that was the order', () => {
    const peers = TwoPeers.ready(even);
    change(peers, 'commitment_signed', (signed, from) => (from === peers.alice ? null : signed));
    peers.add(peers.alice, msat(30_000_000), 'one');
    peers.add(peers.bob, msat(30_000_000), 'two');
    // Alice's signature is lost. Bob's arrives: Alice revokes, after she had signed.
    peers.deliver(peers.alice);
    peers.deliver(peers.alice);
    peers.deliver(peers.bob);
    peers.deliver(peers.bob);
    expect(peers.alice.outbox.map(({ name }) => name)).toEqual(['revoke_and_ack']);
    peers.tap = null;
    const said = again(peers).filter((line) => line.startsWith('alice'));
    expect(said.slice(0, 3)).toEqual([
      'alice: update_add_htlc',
      'alice: commitment_signed',
      'alice: revoke_and_ack',
    ]);
    expect(peers.alice.offers).toHaveLength(1);
    expect(peers.bob.offers).toHaveLength(1);
  });

  test('update_fulfill_htlc -- the signature that covers it was lost', () => {
    const peers = SITUATIONS['with HTLCs']?.() ?? new TwoPeers();
    change(peers, 'commitment_signed', () => null);
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    peers.pump();
    peers.tap = null;
    expect(again(peers).slice(0, 2)).toEqual(['bob: update_fulfill_htlc', 'bob: commitment_signed']);
    expect(peers.alice.summary.htlcs).toHaveLength(2);
  });

  test('update_fee -- the signature that covers it was lost', () => {
    const peers = TwoPeers.ready(even);
    change(peers, 'commitment_signed', () => null);
    peers.alice.command({ tag: 'update-fee', feerate: 1_500 as never });
    peers.pump();
    peers.tap = null;
    expect(again(peers).slice(0, 4)).toEqual([
      'alice: channel_ready',
      'alice: update_fee',
      'alice: commitment_signed',
      'bob: channel_ready',
    ]);
    expect(peers.bob.summary.feerate).toBe(1_500);
  });

  // BOLT 2 §Message Retransmission: "upon reconnection: if it has sent a previous `shutdown`: MUST retransmit
  // `shutdown`."
  test('shutdown -- said again', () => {
    const peers = SITUATIONS['shutting down']?.() ?? new TwoPeers();
    expect(again(peers)).toEqual(['alice: shutdown', 'bob: shutdown']);
  });

  // BOLT 2 §shutdown: "if there are updates pending on the receiving node's commitment transaction: MUST NOT send a
  // `shutdown`."
  test('shutdown -- said again before what was decided meanwhile, not behind it', () => {
    const peers = SITUATIONS['shutting down']?.() ?? new TwoPeers();
    peers.disconnect();
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    const said = again(peers).filter((line) => line.startsWith('bob'));
    expect(said.slice(0, 3)).toEqual(['bob: shutdown', 'bob: update_fulfill_htlc', 'bob: commitment_signed']);
    expect(breachesOf(peers.alice)).toEqual([]);
  });

  test('closing_signed -- lost: said again after shutdown, by new negotiation', () => {
    const peers = TwoPeers.ready(even);
    change(peers, 'closing_signed', (signed, from) => (from === peers.bob ? null : signed));
    peers.close(peers.alice);
    peers.pump();
    expect(peers.alice.durable.phase).toBe('negotiating');
    peers.tap = null;
    const said = again(peers);
    expect(said.filter((line) => !line.endsWith('channel_ready'))).toEqual([
      'alice: shutdown',
      'bob: shutdown',
      'alice: closing_signed',
      'bob: closing_signed',
    ]);
    const closings = [peers.alice, peers.bob].map((side) => side.published.at(-1)?.tx);
    expect(closings[0]).toEqual(closings[1]);
  });

  // BOLT 2 §Message Retransmission: "MUST handle continuation of a previous channel on a new encrypted transport."
  test('channel_reestablish -- the channel goes on: what is under way ends, and more can be paid both ways', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(5_000_000), 'under way');
    peers.pump();
    again(peers);
    peers.crash(peers.bob);
    peers.connect();
    peers.pump();
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('under way') });
    peers.pump();
    again(peers);
    peers.pay(peers.alice, msat(2_000_000));
    peers.pay(peers.bob, msat(1_000_000));
    expect(peers.alice.summary).toMatchObject({ local: 594_000_000n, remote: 406_000_000n, htlcs: [] });
    expect(peers.bob.summary).toMatchObject({ local: 406_000_000n, remote: 594_000_000n, htlcs: [] });
  });

  // BOLT 2 §Message Retransmission: "otherwise: MUST NOT include the `next_funding` TLV."
  test.each(['funding pending', 'normal', 'HTLC signed', 'HTLC fulfilled', 'shutting down', 'negotiating'])(
    'channel_reestablish -- names no funding that is to be signed: %s',
    (situation) => {
      const peers = SITUATIONS[situation]?.() ?? new TwoPeers();
      peers.reconnect();
      for (const side of [peers.alice, peers.bob]) {
        const said = lastSaid(peers, 'channel_reestablish', side);
        expect(said).not.toHaveProperty('nextFunding');
        expect(said).not.toHaveProperty('myCurrentFundingLocked');
      }
    },
  );

  test('channel_reestablish -- a second one on the same connection is ignored', () => {
    const peers = TwoPeers.ready(even);
    again(peers);
    peers.inject(peers.alice, lastSaid(peers, 'channel_reestablish', peers.alice));
    expect(theBreach(peers.bob).severity).toBe('warn');
  });

  test('channel_reestablish -- a new connection takes the place of one that was not seen to end', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(1_000_000));
    for (const side of [peers.alice, peers.bob]) side.outbox.length = 0;
    peers.connect();
    peers.pump();
    expect(peers.bob.offers).toHaveLength(1);
  });
});

describe('out of step', () => {
  type Bend = (message: ChannelReestablish) => ChannelReestablish;

  /** Bob sees Alice's channel_reestablish bent, after one payment. */
  function bent(bend: Bend, mayBeStale = false): TwoPeers {
    const peers = TwoPeers.ready(even);
    peers.pay(peers.alice, msat(1_000_000));
    peers.disconnect();
    peers.bob.env = { ...peers.bob.env, mayBeStale };
    change(peers, 'channel_reestablish', (message, from) => (from === peers.alice ? bend(message) : message));
    peers.connect();
    peers.pump();
    return peers;
  }

  test.each<readonly [string, Bend, string]>([
    [
      'next_commitment_number too high',
      (m) => ({ ...m, nextCommitmentNumber: 4n }),
      '`next_commitment_number` is not equal to the commitment number of the next',
    ],
    [
      'next_revocation_number too high, no proof',
      (m) => ({ ...m, nextRevocationNumber: 3n }),
      '`next_revocation_number` is not equal to 1 greater',
    ],
    [
      'next_revocation_number beyond 48 bits',
      (m) => ({ ...m, nextRevocationNumber: (1n << 64n) - 1n }),
      '`next_revocation_number` is not equal to 1 greater',
    ],
    [
      'a secret that is not ours',
      (m) => ({ ...m, yourLastPerCommitmentSecret: new Uint8Array(32).fill(1) }),
      '`your_last_per_commitment_secret` does not match',
    ],
  ])(
    'channel_reestablish -- a claim without proof costs the connection, not the channel: %s',
    (_, bend, rule) => {
      const peers = bent(bend);
      expect(breachesOf(peers.bob)[0]).toMatchObject({
        severity: 'disconnect',
        rule: expect.stringContaining(rule) as string,
      });
      expect(peers.bob.published.map(({ purpose }) => purpose)).not.toContain('local-commitment');
      expect(peers.bob.durable.phase).toBe('normal');
    },
  );

  // BOLT 2 §Message Retransmission: "MUST ignore `my_current_per_commitment_point`, but MAY require it to be a valid
  // point."
  test('channel_reestablish -- another current point changes nothing', () => {
    const peers = bent((m) => ({
      ...m,
      myCurrentPerCommitmentPoint: m.myCurrentPerCommitmentPoint.with(
        0,
        5 - (m.myCurrentPerCommitmentPoint[0] ?? 0),
      ),
    }));
    expect(breachesOf(peers.bob)).toEqual([]);
    peers.pay(peers.alice, msat(1_000_000));
    peers.pay(peers.bob, msat(1_000_000));
  });

  // BOLT 2 §Message Retransmission: "if `next_commitment_number` is zero: MUST immediately fail the channel and
  // broadcast any relevant latest commitment transaction."
  test('channel_reestablish -- fails the channel: next_commitment_number zero', () => {
    const peers = bent((m) => ({ ...m, nextCommitmentNumber: 0n }));
    expect(breachesOf(peers.bob)[0]).toMatchObject({
      severity: 'fail',
      rule: expect.stringContaining('`next_commitment_number` is zero') as string,
    });
    expect(peers.bob.published.at(-1)?.purpose).toBe('local-commitment');
    expect(countSaid(peers, 'error', peers.bob)).toBe(1);
  });

  test.each<readonly [string, Bend]>([
    ['next_commitment_number', (m) => ({ ...m, nextCommitmentNumber: 2n })],
    [
      'both numbers',
      (m) => ({
        ...m,
        nextCommitmentNumber: 1n,
        nextRevocationNumber: 0n,
        yourLastPerCommitmentSecret: new Uint8Array(32),
      }),
    ],
  ])('channel_reestablish -- the peer is behind in %s: its error is waited for', (_, bend) => {
    const peers = bent(bend);
    expect(theBreach(peers.bob).severity).toBe('warn');
    expect(peers.bob.durable.phase).toBe('normal');
    expect(peers.bob.published).toEqual([]);
    const { channelId } = peers.bob.durable.params;
    peers.inject(peers.alice, { name: 'error', channelId, data: new Uint8Array() });
    expect(peers.bob.published.at(-1)?.purpose).toBe('local-commitment');
  });

  // BOLT 2 §Message Retransmission: "MUST NOT broadcast its commitment transaction. SHOULD send an `error` to request
  // the peer to fail the channel."
  test('channel_reestablish -- we lost data, and the peer proves it: nothing is ever published', () => {
    const peers = SITUATIONS['data lost']?.() ?? new TwoPeers();
    expect(peers.alice.durable.phase).toBe('data-loss');
    expect(peers.alice.summary.status).toBe('data-loss');
    expect(peers.alice.notice('data-loss').channelId).toBe(peers.alice.summary.channelId);
    expect(countSaid(peers, 'error', peers.alice)).toBe(1);
    expect(peers.alice.published.map(({ purpose }) => purpose)).not.toContain('local-commitment');
    expect(peers.alice.command({ tag: 'force-close' })?.ok).toBe(false);
    peers.mine(3000);
    peers.crash(peers.alice);
    expect(peers.alice.published.map(({ purpose }) => purpose)).not.toContain('local-commitment');
    // The peer does as it was asked, and what is ours comes to our wallet.
    const theirs = peers.bob.published.at(-1);
    expect(theirs?.purpose).toBe('local-commitment');
    if (theirs === undefined) return;
    peers.mine(1, [theirs.tx]);
    expect(peers.alice.notice('spent').kind).toBe('unknown');
    const claim = peers.alice.published.at(-1);
    expect(claim?.purpose).toBe('claim');
    expect(claim?.tx.outputs[0]?.script).toEqual(peers.alice.env.closingScript);
  });

  test('channel_reestablish -- after a restore the peer is believed without proof', () => {
    const peers = bent((m) => ({ ...m, nextRevocationNumber: 3n }), true);
    expect(peers.bob.durable.phase).toBe('data-loss');
    expect(peers.bob.published).toEqual([]);
  });

  test('channel_reestablish -- a failed channel says its error again and nothing else', () => {
    const peers = TwoPeers.ready(even);
    peers.disconnect();
    peers.alice.command({ tag: 'force-close' });
    const start = peers.said.length;
    peers.connect();
    peers.pump();
    expect(peers.saidSince(start)).toEqual(['alice: error', 'bob: channel_reestablish']);
    expect(peers.bob.durable.phase).toBe('closing');
  });
});
