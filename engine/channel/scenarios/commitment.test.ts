import { describe, expect, test } from 'vitest';
import { msat } from '../../base/units.ts';
import { channelId, txId } from '../../base/ids.ts';
import { change, countSaid, highS, lastSaid, theBreach, without } from '../../testkit/two-peer-breach.ts';
import { seeded } from '../../testkit/two-peer-env.ts';
import { preimageOf, TwoPeers } from '../../testkit/two-peer.ts';
import { commitmentNumberOf } from '../../commitment/number.ts';
import { commitmentParams } from '../params.ts';
import type { CommitmentSigned } from '../../wire/commitment.ts';

const even = { push: msat(400_000_000) };
const WRONG = new Uint8Array(64).fill(1);

describe('commitment_signed', () => {
  test('commitment_signed -- one for several changes that come together', () => {
    const peers = TwoPeers.ready(even);
    peers.alice.env = { ...peers.alice.env, moreToCome: true };
    for (let i = 0; i < 5; i++) peers.add(peers.alice, msat(1_000_000));
    peers.pump();
    expect(countSaid(peers, 'commitment_signed')).toBe(0);
    peers.alice.env = { ...peers.alice.env, moreToCome: false };
    peers.alice.apply({ tag: 'idle' });
    peers.pump();
    expect(countSaid(peers, 'commitment_signed', peers.alice)).toBe(1);
    expect(peers.bob.offers).toHaveLength(5);
  });

  // BOLT 2 §commitment_signed: "MUST NOT send a `commitment_signed` message that does not include any updates."
  test('commitment_signed -- never without an update', () => {
    const peers = TwoPeers.ready(even);
    for (const side of [peers.alice, peers.bob]) side.apply({ tag: 'idle' });
    expect([...peers.alice.outbox, ...peers.bob.outbox]).toEqual([]);
  });

  test('commitment_signed -- one at a time: the next waits for revoke_and_ack', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(1_000_000));
    peers.add(peers.alice, msat(1_000_000));
    expect(peers.alice.outbox.map(({ name }) => name)).toEqual([
      'update_add_htlc',
      'commitment_signed',
      'update_add_htlc',
    ]);
    peers.pump();
    expect(countSaid(peers, 'commitment_signed', peers.alice)).toBe(2);
  });

  // BOLT 2 §commitment_signed: "MUST include one `htlc_signature` for every HTLC transaction"
  // BOLT 2 §commitment_signed: "MUST set `funding_txid` to the funding transaction spent by this commitment
  // transaction."
  // BOLT 2 §commitment_signed: "MUST respond with a `revoke_and_ack` message."
  test('commitment_signed -- names the funding transaction and signs each HTLC that has an output', () => {
    const peers = TwoPeers.ready(even);
    peers.alice.env = { ...peers.alice.env, moreToCome: true };
    for (const amount of [1_000_000, 2_000_000, 100_000]) peers.add(peers.alice, msat(amount));
    peers.alice.env = { ...peers.alice.env, moreToCome: false };
    peers.alice.apply({ tag: 'idle' });
    peers.pump();
    const signed = lastSaid(peers, 'commitment_signed', peers.alice);
    expect(signed.htlcSignatures).toHaveLength(2);
    expect(signed.fundingTxId).toBe(peers.alice.summary.fundingOutPoint.txId);
    expect(countSaid(peers, 'revoke_and_ack', peers.bob)).toBe(1);
  });

  test.each<readonly [string, (signed: CommitmentSigned) => CommitmentSigned, string]>([
    ['wrong signature', (signed) => ({ ...signed, signature: WRONG }), '`signature` is not valid'],
    // BOLT 2 §commitment_signed: "if `num_htlcs` is not equal to the number of HTLC outputs"
    [
      'an HTLC signature too many',
      (signed) => ({ ...signed, htlcSignatures: [...signed.htlcSignatures, WRONG] }),
      '`num_htlcs` is not equal',
    ],
    // BOLT 2 §commitment_signed: "if `num_htlcs` is not equal to the number of HTLC outputs"
    [
      'an HTLC signature too few',
      (signed) => ({ ...signed, htlcSignatures: [] }),
      '`num_htlcs` is not equal',
    ],
    // BOLT 2 §commitment_signed: "if any `htlc_signature` is not valid for the corresponding HTLC transaction"
    [
      'wrong HTLC signature',
      (signed) => ({ ...signed, htlcSignatures: signed.htlcSignatures.map(() => WRONG) }),
      'any `htlc_signature` is not valid',
    ],
    // BOLT 2 §commitment_signed: "if `signature` is not valid for its local commitment transaction OR non-compliant
    // with LOW-S-standard rule"
    [
      'high S',
      (signed) => ({ ...signed, signature: highS(signed.signature) }),
      '`signature` is not valid for its local commitment transaction OR non-compliant with LOW-S-standard rule',
    ],
    [
      'high S of an HTLC',
      (signed) => ({ ...signed, htlcSignatures: signed.htlcSignatures.map((one) => highS(one)) }),
      'any `htlc_signature` is not valid for the corresponding HTLC transaction OR non-compliant with LOW-S',
    ],
  ])('commitment_signed -- refused, nothing revoked: %s', (_, to, rule) => {
    const peers = TwoPeers.ready(even);
    change(peers, 'commitment_signed', to);
    const before = peers.bob.durable;
    peers.add(peers.alice, msat(20_000_000));
    peers.pump();
    expect(theBreach(peers.bob).severity).toBe('disconnect');
    expect(theBreach(peers.bob).rule).toContain(rule);
    expect(countSaid(peers, 'revoke_and_ack')).toBe(0);
    expect(peers.bob.durable).toBe(before);
    peers.tap = null;
    peers.reconnect();
    expect(peers.bob.offers).toHaveLength(1);
    expect(peers.alice.summary.status).toBe('ready');
  });

  test('commitment_signed -- out of turn while closing_signed goes back and forth', () => {
    const peers = TwoPeers.ready(even);
    peers.pay(peers.alice, msat(1_000_000));
    peers.close(peers.alice);
    peers.deliver(peers.alice);
    peers.deliver(peers.bob);
    peers.inject(peers.alice, lastSaid(peers, 'commitment_signed', peers.alice));
    expect(theBreach(peers.bob).severity).toBe('disconnect');
  });
});

describe('start_batch', () => {
  function batch(peers: TwoPeers, batchSize: number, messageType?: number): void {
    const { channelId } = peers.alice.durable.params;
    peers.inject(peers.alice, {
      name: 'start_batch',
      channelId,
      batchSize,
      ...(messageType === undefined ? {} : { messageType }),
    });
  }
  const OTHER = txId('11'.repeat(32));

  // BOLT 2 §start_batch: "If `batch_size` is not strictly greater than 1: MUST ignore the `start_batch` message"
  test('start_batch -- of one is ignored with a warning', () => {
    const peers = TwoPeers.ready(even);
    batch(peers, 1, 132);
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'warn' });
    peers.pay(peers.alice, msat(1_000_000));
  });

  // BOLT 2 §start_batch: "If `batch_size` is strictly greater than 20: MUST send a `warning`"
  test('start_batch -- of more than 20 costs the connection', () => {
    const peers = TwoPeers.ready(even);
    batch(peers, 21, 132);
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'disconnect' });
  });

  // BOLT 2 §start_batch: "If one of those messages is not for the specified `channel_id`: MUST send a `warning` and
  // close the connection"
  test('start_batch -- with a message about another channel in it costs the connection', () => {
    const peers = TwoPeers.ready(even);
    batch(peers, 2, 132);
    const other = channelId('22'.repeat(32));
    peers.inject(peers.alice, { name: 'shutdown', channelId: other, script: new Uint8Array(22) });
    expect(theBreach(peers.bob)).toMatchObject({
      severity: 'disconnect',
      rule: expect.stringContaining('not for the specified `channel_id`') as string,
    });
    expect(peers.bob.durable.phase).toBe('normal');
  });

  // BOLT 2 §start_batch: "If `message_type` is missing or not set to the type for `commitment_signed`: MUST ignore"
  test.each([undefined, 133])('start_batch -- of message type %s is ignored', (messageType) => {
    const peers = TwoPeers.ready(even);
    batch(peers, 2, messageType);
    peers.pay(peers.alice, msat(1_000_000));
    expect(countSaid(peers, 'warning')).toBe(0);
    // Each signature was taken by itself.
    expect(countSaid(peers, 'revoke_and_ack', peers.bob)).toBe(2);
    expect(peers.alice.summary).toMatchObject({ htlcs: [], remote: 401_000_000n });
  });

  // BOLT 2 §start_batch: "MUST group the next `batch_size` messages and process them together."
  // BOLT 2 §commitment_signed: "MUST ignore `commitment_signed` where `funding_txid` does not match the current funding
  // transaction."
  // BOLT 2 §revoke_and_ack: "MUST send a single `revoke_and_ack` message, even if it is responding to a batch"
  test('commitment_signed -- of a batch only the one for our funding transaction counts', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(1_000_000));
    batch(peers, 2, 132);
    peers.deliver(peers.alice);
    const [signed] = peers.alice.outbox as unknown as [CommitmentSigned];
    peers.inject(peers.alice, { ...signed, fundingTxId: OTHER, signature: WRONG });
    expect(countSaid(peers, 'warning')).toBe(0);
    peers.pump();
    expect(countSaid(peers, 'revoke_and_ack', peers.bob)).toBe(1);
    expect(peers.bob.offers).toHaveLength(1);
  });

  // BOLT 2 §commitment_signed: "If `commitment_signed` is missing for the current funding transaction: MUST send an
  // `error` and fail the channel"
  test('commitment_signed -- a batch without one for our funding transaction fails the channel', () => {
    const peers = TwoPeers.ready(even);
    batch(peers, 2, 132);
    change(peers, 'commitment_signed', (signed) => ({ ...signed, fundingTxId: OTHER }));
    peers.add(peers.alice, msat(1_000_000));
    peers.deliver(peers.alice);
    peers.deliver(peers.alice);
    peers.inject(peers.alice, lastSaid(peers, 'commitment_signed'));
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'fail' });
    expect(theBreach(peers.bob).rule).toContain('`commitment_signed` is missing for the current funding');
  });

  // BOLT 2 §commitment_signed: "If `funding_txid` is missing in one of the `commitment_signed` messages: MUST send an
  // `error` and fail the channel"
  test('commitment_signed -- without funding_txid in a batch fails the channel', () => {
    const peers = TwoPeers.ready(even);
    batch(peers, 2, 132);
    change(peers, 'commitment_signed', (signed) => without(signed, 'fundingTxId'));
    peers.add(peers.alice, msat(1_000_000));
    peers.deliver(peers.alice);
    peers.deliver(peers.alice);
    expect(theBreach(peers.bob).rule).toContain('`funding_txid` is missing');
    expect(peers.bob.durable.phase).toBe('closing');
  });
});

describe('revoke_and_ack', () => {
  // BOLT 2 §revoke_and_ack: "MUST set `per_commitment_secret` to the secret used to generate keys for the previous
  // commitment transaction."
  // BOLT 2 §revoke_and_ack: "MUST set `next_per_commitment_point` to the values for its next commitment transaction."
  test('revoke_and_ack -- the secret of the previous commitment and the point of the next', () => {
    const peers = TwoPeers.ready(even);
    peers.add(peers.alice, msat(1_000_000));
    peers.pump();
    const revoked = lastSaid(peers, 'revoke_and_ack', peers.bob);
    const { signer } = peers.bob.env;
    expect(revoked.perCommitmentSecret).toEqual(signer.releaseSecret(0));
    expect(revoked.nextPerCommitmentPoint).toEqual(signer.point(2));
  });

  // BOLT 2 §revoke_and_ack: "if `per_commitment_secret` is not a valid secret key or does not generate the previous
  // `per_commitment_point`: MUST send"
  test('revoke_and_ack -- refused: a secret that is none, or of another commitment', () => {
    for (const secret of [new Uint8Array(32), seeded('any', 'secret')]) {
      const peers = TwoPeers.ready(even);
      change(peers, 'revoke_and_ack', (message) => ({ ...message, perCommitmentSecret: secret }));
      peers.add(peers.alice, msat(1_000_000));
      peers.pump();
      expect(theBreach(peers.alice)).toMatchObject({ severity: 'fail' });
      expect(theBreach(peers.alice).rule).toContain('does not generate the previous `per_commitment_point`');
      expect(countSaid(peers, 'error', peers.alice)).toBe(1);
      expect(peers.alice.published.at(-1)?.purpose).toBe('local-commitment');
      // The error reached the peer, which goes to the chain as well.
      expect(peers.bob.durable.phase).toBe('closing');
    }
  });

  test('revoke_and_ack -- refused: secrets that do not come from one seed', () => {
    const peers = TwoPeers.ready(even);
    peers.pay(peers.alice, msat(1_000_000));
    // As if the peer had released others before: the next whose place holds those below is seen not to fit.
    const { durable } = peers.alice;
    const shachain = durable.shachain.map((entry) => entry && { ...entry, secret: seeded('any', 'secret') });
    peers.alice.state = { ...peers.alice.state, durable: { ...durable, shachain } };
    for (let i = 0; i < 4 && peers.alice.durable.phase === 'normal'; i++) {
      peers.add(peers.alice, msat(1_000_000));
      peers.pump();
    }
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'fail' });
    expect(theBreach(peers.alice).rule).toContain('was not generated by the protocol');
  });

  test('revoke_and_ack -- refused: a next point that is none', () => {
    const peers = TwoPeers.ready(even);
    const point = Uint8Array.of(2, ...new Uint8Array(31).fill(0xff), 0xfe);
    change(peers, 'revoke_and_ack', (message) => ({ ...message, nextPerCommitmentPoint: point }));
    peers.add(peers.alice, msat(1_000_000));
    peers.pump();
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'disconnect' });
    peers.tap = null;
    peers.reconnect();
    expect(peers.bob.offers).toHaveLength(1);
  });

  test('revoke_and_ack -- refused: nothing was signed', () => {
    const peers = TwoPeers.ready(even);
    peers.pay(peers.alice, msat(1_000_000));
    peers.inject(peers.bob, lastSaid(peers, 'revoke_and_ack', peers.bob));
    expect(theBreach(peers.alice)).toMatchObject({ severity: 'disconnect' });
    expect(peers.alice.durable.phase).toBe('normal');
  });

  // BOLT 2 §revoke_and_ack: "MUST NOT broadcast old (revoked) commitment transactions"
  // BOLT 5 §Revoked Transaction Close Handling: "MUST NOT broadcast a commitment transaction for which *it* has exposed
  // the `per_commitment_secret`"
  test.each([false, true])(
    'wherever two payments stop, what we publish is none of those whose secrets we gave (restart: %s)',
    (restart) => {
      const seen = new Set<number>();
      for (let most = 0, isOver = false; !isOver; most++) {
        const peers = TwoPeers.ready(even);
        const { alice, bob } = peers;
        peers.add(alice, msat(20_000_000), 'one');
        peers.add(bob, msat(10_000_000), 'two');
        const step = (): boolean => {
          for (const [side, label] of [
            [bob, 'one'],
            [alice, 'two'],
          ] as const)
            if (side.offers.splice(0).length > 0)
              side.command({ tag: 'fulfill-htlc', id: 0n, preimage: preimageOf(label) });
          return peers.deliver(alice) || peers.deliver(bob);
        };
        for (let steps = 0; steps < most && !isOver; steps++) isOver = !step();
        // What is about to be sent counts as given.
        const waiting = alice.outbox.filter(({ name }) => name === 'revoke_and_ack');
        const given = countSaid(peers, 'revoke_and_ack', alice) + waiting.length;
        if (restart) peers.crash(alice);
        alice.command({ tag: 'force-close' });
        const { params, active } = alice.durable;
        const ours = alice
          .sent('local-commitment')
          .map((tx) => commitmentNumberOf(commitmentParams(params, active[0].funding), tx));
        expect(new Set(ours)).toEqual(new Set([given]));
        seen.add(given);
      }
      expect(seen).toEqual(new Set([0, 1, 2, 3, 4].slice(0, seen.size)));
      expect(seen.size).toBeGreaterThan(2);
    },
  );

  // BOLT 2 §revoke_and_ack: "MUST NOT broadcast old (revoked) commitment transactions"
  test('revoke_and_ack -- a revoked commitment is never signed for the chain again', () => {
    const peers = TwoPeers.ready(even);
    peers.pay(peers.alice, msat(1_000_000));
    peers.alice.command({ tag: 'force-close' });
    const closing = peers.alice.published.at(-1);
    expect(closing?.purpose).toBe('local-commitment');
    const { ledger, params, active } = peers.alice.durable;
    expect(ledger.localNumber).toBe(2);
    const number = closing && commitmentNumberOf(commitmentParams(params, active[0].funding), closing.tx);
    expect(number).toBe(2);
  });
});
