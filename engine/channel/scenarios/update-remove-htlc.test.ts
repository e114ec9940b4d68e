import { describe, expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import { change, countSaid, lastSaid, theBreach } from '../../testkit/two-peer-breach.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';

function offered(): TwoPeers {
  const peers = TwoPeers.ready({ push: msat(400_000_000) });
  peers.add(peers.alice, msat(20_000_000), 'one');
  peers.pump();
  return peers;
}

const fulfill = (peers: TwoPeers, label = 'one'): void => {
  peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf(label) });
};

describe('what we send', () => {
  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers
  // BOLT 2 §update_fulfill_htlc: "until the corresponding HTLC is irrevocably committed in both sides' commitment
  // transactions: MUST NOT send"
  // BOLT 5 §HTLC Output Handling: Local Commitment, Remote Offers: "if the *remote node* is NOT irrevocably committed
  // to the HTLC: MUST NOT *resolve* the output by spending it"
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers: "if the remote node is NOT irrevocably committed to
  // the HTLC: MUST NOT *resolve* the output by spending it"
  test('update_fulfill_htlc -- not before both sides are committed', () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    peers.add(peers.alice, msat(20_000_000), 'one');
    const early = (): unknown =>
      peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    const refused = { ok: false, error: { code: 'unknown-htlc', id: 0n } };
    expect(early()).toEqual(refused);
    peers.deliver(peers.alice);
    peers.deliver(peers.alice);
    // Signed to, revoked, signed back; the peer's revocation is on its way.
    expect(early()).toEqual(refused);
    expect(peers.bob.offers).toEqual([]);
    peers.pump();
    expect(early()).toEqual({ ok: true, value: { tag: 'done' } });
  });

  test('update_fulfill_htlc -- a preimage of something else is refused', () => {
    const peers = offered();
    expect(peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('other') })).toMatchObject({
      error: { code: 'wrong-preimage' },
    });
    expect(peers.bob.outbox).toEqual([]);
  });

  test('update_fulfill_htlc -- the first answer stands', () => {
    const peers = offered();
    peers.bob.command({ tag: 'fail-htlc', id: 0n, reason: Uint8Array.of(1) });
    expect(peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') })?.ok).toBe(true);
    peers.pump();
    expect(countSaid(peers, 'update_fulfill_htlc')).toBe(0);
    expect(peers.alice.settled.map(({ result }) => result.tag)).toEqual(['failed']);
    // Gone by now.
    expect(peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') })).toMatchObject({
      error: { code: 'unknown-htlc' },
    });
  });

  test('update_fail_malformed_htlc -- BADONION is always set', () => {
    const peers = offered();
    const onionHash = new Uint8Array(32).fill(5);
    peers.bob.command({ tag: 'fail-malformed-htlc', id: 0n, onionHash, failureCode: 4 });
    peers.pump();
    expect(peers.alice.settled[0]?.result).toEqual({ tag: 'malformed', failureCode: 0x8004, onionHash });
  });

  test('update_fulfill_htlc -- decided while the peer is away: said on the next connection', () => {
    const peers = offered();
    peers.disconnect();
    fulfill(peers);
    peers.crash(peers.bob);
    // Answered: not offered again.
    expect(peers.bob.offers).toEqual([]);
    peers.connect();
    peers.pump();
    expect(peers.alice.settled.map(({ result }) => result.tag)).toContain('fulfilled');
    expect(peers.alice.summary.htlcs).toEqual([]);
  });

  test('update_fulfill_htlc -- an offer that was not answered comes again after a restart', () => {
    const peers = offered();
    const [first] = peers.bob.offers;
    peers.crash(peers.bob);
    expect(peers.bob.offers).toEqual([first]);
  });
});

describe('what the payer is told', () => {
  // BOLT 2 §Forwarding HTLCs: "until the removal of an outgoing HTLC is irrevocably committed […]: MUST NOT fail the
  // incoming HTLC"
  test('update_fulfill_htlc -- a preimage at once, a failure only when it is irrevocable', () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    peers.add(peers.alice, msat(20_000_000), 'one');
    peers.add(peers.alice, msat(20_000_000), 'two');
    peers.pump();
    peers.bob.env = { ...peers.bob.env, moreToCome: true };
    fulfill(peers);
    peers.bob.command({ tag: 'fail-htlc', id: 1n, reason: Uint8Array.of(9) });
    peers.bob.env = { ...peers.bob.env, moreToCome: false };
    peers.bob.apply({ tag: 'idle' });
    peers.deliver(peers.bob);
    peers.deliver(peers.bob);
    expect(peers.alice.settled.map(({ id, result }) => [id, result.tag])).toEqual([[0n, 'fulfilled']]);
    // commitment_signed, and ours in reply; the revocation of the peer makes it final.
    peers.deliver(peers.bob);
    expect(peers.alice.settled).toHaveLength(1);
    peers.pump();
    expect(peers.alice.settled.map(({ id, result }) => [id, result.tag])).toEqual([
      [0n, 'fulfilled'],
      [1n, 'failed'],
    ]);
  });

  test('update_fail_htlc -- told again after a restart until it is written down', () => {
    const peers = offered();
    peers.alice.acknowledges = false;
    peers.bob.command({ tag: 'fail-htlc', id: 0n, reason: Uint8Array.of(9) });
    peers.pump();
    expect(peers.alice.settled).toHaveLength(1);
    peers.crash(peers.alice);
    expect(peers.alice.settled).toHaveLength(2);
    peers.alice.apply({ tag: 'settled', id: 0n });
    peers.crash(peers.alice);
    expect(peers.alice.settled).toHaveLength(2);
  });

  test('update_fulfill_htlc -- a crash after the last signature: told at the start', () => {
    const peers = offered();
    peers.alice.acknowledges = false;
    fulfill(peers);
    peers.pump();
    peers.alice.settled.length = 0;
    peers.crash(peers.alice);
    expect(peers.alice.settled.map(({ result }) => result)).toEqual([
      { tag: 'fulfilled', preimage: preimageOf('one') },
    ]);
  });

  test('update_add_htlc -- never signed: the payer is told with the connection, or at the next start', () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    peers.alice.env = { ...peers.alice.env, moreToCome: true };
    peers.add(peers.alice, msat(20_000_000), 'one');
    peers.alice.acknowledges = false;
    peers.crash(peers.alice);
    const told = { tag: 'abandoned', cause: 'not-sent' };
    expect(peers.alice.settled.map(({ result }) => result)).toEqual([told]);
    peers.connect();
    peers.pump();
    expect(peers.alice.summary.htlcs).toEqual([]);
    // The id is free again, but stands for the old one until that is written down.
    expect(peers.add(peers.alice, msat(1_000_000), 'two')).toMatchObject({
      error: { code: 'channel-not-ready' },
    });
    peers.alice.apply({ tag: 'settled', id: 0n });
    expect(peers.add(peers.alice, msat(1_000_000), 'two')).toMatchObject({ value: { id: 0n } });
  });
});

describe('what we take', () => {
  const answers = ['update_fulfill_htlc', 'update_fail_htlc', 'update_fail_malformed_htlc'] as const;

  // BOLT 2 §update_fulfill_htlc: "if the `id` does not correspond to an HTLC in its current commitment transaction:
  // MUST send"
  test.each(answers)('%s -- refused: an id that is not committed', (name) => {
    const peers = offered();
    const { channelId } = peers.alice.durable.params;
    const messages = {
      update_fulfill_htlc: { name: 'update_fulfill_htlc', channelId, id: 7n, preimage: preimageOf('one') },
      update_fail_htlc: { name: 'update_fail_htlc', channelId, id: 7n, reason: new Uint8Array() },
      update_fail_malformed_htlc: {
        name: 'update_fail_malformed_htlc',
        channelId,
        id: 7n,
        onionHash: new Uint8Array(32),
        failureCode: 0x8004,
      },
    } as const;
    peers.inject(peers.bob, messages[name]);
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'disconnect' });
    expect(theBreach(peers.alice).rule).toContain('does not correspond to an HTLC in its current commitment');
  });

  test('update_fulfill_htlc -- refused: before both are committed', () => {
    const peers = TwoPeers.ready();
    peers.add(peers.alice, msat(20_000_000), 'one');
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.bob, {
      name: 'update_fulfill_htlc',
      channelId,
      id: 0n,
      preimage: preimageOf('one'),
    });
    expect(theBreach(peers.alice).severity).toBe('disconnect');
  });

  // BOLT 2 §update_fulfill_htlc: "if the `id` does not correspond to an HTLC in its current commitment transaction:
  // MUST send"
  test('update_fail_htlc -- refused: an HTLC that is gone from our commitment already', () => {
    const peers = offered();
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf('one') });
    peers.deliver(peers.bob);
    peers.deliver(peers.bob);
    expect(lastSaid(peers, 'commitment_signed', peers.bob)).toMatchObject({ htlcSignatures: [] });
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.bob, { name: 'update_fail_htlc', channelId, id: 0n, reason: Uint8Array.of(1) });
    expect(theBreach(peers.alice)).toMatchObject({
      severity: 'disconnect',
      rule: expect.stringContaining('does not correspond to an HTLC') as string,
    });
  });

  test('update_fulfill_htlc -- refused: twice for one HTLC', () => {
    const peers = offered();
    fulfill(peers);
    peers.deliver(peers.bob);
    peers.inject(peers.bob, lastSaid(peers, 'update_fulfill_htlc'));
    expect(theBreach(peers.alice).severity).toBe('disconnect');
  });

  // BOLT 2 §update_fulfill_htlc: "doesn't SHA256 hash to the corresponding HTLC `payment_hash`: MUST send"
  test('update_fulfill_htlc -- refused: a preimage of something else; the HTLC stays', () => {
    const peers = offered();
    change(peers, 'update_fulfill_htlc', (message) => ({ ...message, preimage: preimageOf('x') }));
    fulfill(peers);
    peers.pump();
    expect(theBreach(peers.alice).rule).toContain("doesn't SHA256 hash to the corresponding HTLC");
    expect(peers.alice.settled).toEqual([]);
    peers.tap = null;
    peers.reconnect();
    expect(peers.alice.settled[0]?.result.tag).toBe('fulfilled');
    expect(peers.alice.summary.htlcs).toEqual([]);
  });

  // BOLT 2 §update_fail_malformed_htlc: "if the `BADONION` bit in `failure_code` is not set for
  // `update_fail_malformed_htlc`: MUST send"
  test('update_fail_malformed_htlc -- refused: without BADONION', () => {
    const peers = offered();
    change(peers, 'update_fail_malformed_htlc', (message) => ({ ...message, failureCode: 4 }));
    peers.bob.command({ tag: 'fail-malformed-htlc', id: 0n, onionHash: new Uint8Array(32), failureCode: 4 });
    peers.pump();
    expect(theBreach(peers.alice).rule).toContain('`BADONION` bit in `failure_code` is not set');
  });
});

describe('attribution data', () => {
  const attributionData = new Uint8Array(920).fill(7);
  const reason = Uint8Array.of(9);

  test('update_fail_htlc -- comes to the payer as it was given, also over a lost connection and a restart', () => {
    const peers = offered();
    peers.disconnect();
    peers.bob.command({ tag: 'fail-htlc', id: 0n, reason, attributionData });
    peers.crash(peers.bob);
    peers.connect();
    peers.alice.acknowledges = false;
    peers.pump();
    expect(lastSaid(peers, 'update_fail_htlc')).toMatchObject({ attributionData });
    const told = { tag: 'failed', reason, attributionData };
    expect(peers.alice.settled.map(({ result }) => result)).toEqual([told]);
    peers.crash(peers.alice);
    expect(peers.alice.settled.map(({ result }) => result)).toEqual([told, told]);
  });

  test('update_fulfill_htlc -- comes with the preimage', () => {
    const peers = offered();
    const preimage = preimageOf('one');
    peers.bob.command({ tag: 'fulfill-htlc', id: 0n, preimage, attributionData });
    peers.deliver(peers.bob);
    expect(peers.alice.settled.map(({ result }) => result)).toEqual([
      { tag: 'fulfilled', preimage, attributionData },
    ]);
  });

  test('update_fail_htlc -- without it nothing is told of it', () => {
    const peers = offered();
    peers.bob.command({ tag: 'fail-htlc', id: 0n, reason });
    peers.pump();
    expect(peers.alice.settled.map(({ result }) => result)).toEqual([{ tag: 'failed', reason }]);
  });
});
