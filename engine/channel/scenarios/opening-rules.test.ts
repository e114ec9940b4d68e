import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { msat, sat } from '../../base/units.ts';
import { txIdOf } from '../../bitcoin/tx.ts';
import { verifyRemoteSignatures } from '../../commitment/signatures.ts';
import { isPoint } from '../../crypto/secp256k1.ts';
import { change, countSaid, highS, lastSaid, theBreach } from '../../testkit/two-peer-breach.ts';
import { TEST_FEATURES } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { confirmedAt, TwoPeers } from '../../testkit/two-peer.ts';
import { localCommitment, remoteCommitment } from '../commitments.ts';

function asked(peers = new TwoPeers()): TwoPeers {
  peers.connect();
  peers.ask({ push: msat(1_000_000) });
  peers.pump();
  return peers;
}

/** Up to what the wallet answers: the next message is funding_created. */
function built(): TwoPeers {
  const peers = asked();
  peers.accept();
  peers.pump();
  peers.build();
  return peers;
}

describe('what is said before there is a channel', () => {
  // BOLT 2 §open_channel: "MUST ensure `temporary_channel_id` is unique from any other channel ID with the same peer."
  test('open_channel -- a temporary id for each channel that is asked for', () => {
    const first = new TwoPeers();
    const second = new TwoPeers();
    // Two channels of one node with one peer: they draw from one source.
    second.alice.env = { ...second.alice.env, random: first.alice.env.random };
    const ids = [first, second].map((peers) => lastSaid(asked(peers), 'open_channel').temporaryChannelId);
    expect(ids[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  // BOLT 2 §open_channel: "MUST set `push_msat` to equal or less than 1000 * `funding_satoshis`."
  test('open_channel -- more cannot be given away than there is', () => {
    const peers = new TwoPeers();
    peers.connect();
    expect(peers.ask({ amount: sat(500_000), push: msat(500_000_001) })).toMatchObject({
      error: { code: 'invalid-argument', field: 'push' },
    });
    expect(peers.alice.outbox).toEqual([]);
  });

  // BOLT 2 §accept_channel: "MUST set `dust_limit_satoshis` less than or equal to `channel_reserve_satoshis` from the"
  test('accept_channel -- no higher dust limit than the reserve that the opener asks for', () => {
    const peers = new TwoPeers({}, { config: { dustLimit: sat(1_000) } });
    change(peers, 'open_channel', (open) => ({ ...open, channelReserve: sat(500) }));
    asked(peers);
    peers.accept();
    peers.pump();
    expect(lastSaid(peers, 'accept_channel').dustLimit).toBe(500n);
  });

  // BOLT 2 §open_channel: "MUST set `funding_pubkey`, `revocation_basepoint`, `htlc_basepoint`, `payment_basepoint`,
  // and `delayed_payment_basepoint` to valid secp256k1 pubkeys in compressed format."
  test('open_channel -- six different points, of either side', () => {
    const peers = asked();
    peers.accept();
    peers.pump();
    for (const said of [lastSaid(peers, 'open_channel'), lastSaid(peers, 'accept_channel')]) {
      const points = [
        said.fundingPubkey,
        said.revocationBasepoint,
        said.htlcBasepoint,
        said.paymentBasepoint,
        said.delayedPaymentBasepoint,
        said.firstPerCommitmentPoint,
      ];
      for (const point of points) {
        expect(point).toHaveLength(33);
        expect(isPoint(point)).toBe(true);
      }
      expect(new Set(points.map((point) => toHex(point))).size).toBe(6);
    }
  });

  // BOLT 2 §open_channel: "if the connection has been re-established after receiving a previous `open_channel`, BUT
  // before receiving a `funding_created` message: accept a new `open_channel` message. discard the previous"
  test.each(['before it was answered', 'after it was accepted'])(
    'open_channel -- a new one on a new connection, the one of before is forgotten: %s',
    (when) => {
      const peers = asked();
      const previous = lastSaid(peers, 'open_channel');
      if (when === 'after it was accepted') {
        peers.accept();
        peers.pump();
      }
      peers.disconnect();
      peers.connect();
      peers.ask({ amount: sat(200_000), push: msat(1_000_000) });
      peers.pump();
      expect(peers.bob.notice('open-requested').amount).toBe(200_000n);
      peers.accept();
      peers.pump();
      peers.build();
      peers.pump();
      expect(peers.bob.durable.params.temporaryId).not.toBe(previous.temporaryChannelId);
      expect(peers.bob.summary.capacity).toBe(200_000n);
    },
  );

  // BOLT 2 §shutdown: "if it hasn't sent a `funding_created` (if it is a funder) or a `funding_signed` (if it is a
  // fundee): MUST NOT send a `shutdown`"
  test('shutdown -- not before funding_created and funding_signed', () => {
    const peers = asked();
    const refused = { ok: false, error: { code: 'channel-not-ready' } };
    for (const side of [peers.alice, peers.bob]) expect(peers.close(side)).toMatchObject(refused);
    peers.accept();
    peers.pump();
    for (const side of [peers.alice, peers.bob]) expect(peers.close(side)).toMatchObject(refused);
    peers.build();
    peers.pump();
    expect(countSaid(peers, 'shutdown')).toBe(0);
    for (const side of [peers.alice, peers.bob]) expect(peers.close(side)).toMatchObject({ ok: true });
  });
});

describe('the first signatures', () => {
  // BOLT 2 §funding_created: "The sender MUST set: `signature` to the valid signature using its `funding_pubkey` for
  // the initial commitment transaction"
  // BOLT 2 §funding_signed: "The sender MUST set: `signature` to the valid signature, using its `funding_pubkey` for
  // the initial commitment transaction"
  test('funding_created -- either side holds a commitment that the other signed', () => {
    const peers = built();
    peers.pump();
    for (const [side, signature] of [
      [peers.bob, lastSaid(peers, 'funding_created').signature],
      [peers.alice, lastSaid(peers, 'funding_signed').signature],
    ] as const) {
      const { params, ledger, active } = side.durable;
      const mine = localCommitment(params, ledger, active[0], side.env);
      expect(verifyRemoteSignatures(mine, { signature, htlcSignatures: [] })).toBeNull();
      // And the other side knows that commitment: it may meet it on the chain.
      const other = peers.other(side).durable;
      const known = remoteCommitment(other.params, other.ledger, other.active[0]);
      expect(txIdOf(known.tx)).toBe(txIdOf(mine.tx));
    }
  });

  // BOLT 2 §funding_signed: "The sender MUST set: `channel_id` by exclusive-OR of the `funding_txid` and the
  // `funding_output_index` from the `funding_created` message."
  test('funding_signed -- the id of the channel is the transaction’s, with the index in its last two bytes', () => {
    const peers = built();
    peers.pump();
    const { fundingTxId, fundingOutputIndex } = lastSaid(peers, 'funding_created');
    // Ids of transactions are shown in the reverse of the order in which they are sent.
    const sent = fromHex(fundingTxId).toReversed();
    sent[31] = (sent[31] ?? 0) ^ fundingOutputIndex;
    expect(fundingOutputIndex).toBe(1);
    expect(lastSaid(peers, 'funding_signed').channelId).toBe(toHex(sent));
  });

  // BOLT 2 §funding_created: "if `signature` is incorrect OR non-compliant with LOW-S-standard rule"
  test('funding_created -- failed by the fundee: high S', () => {
    const peers = built();
    change(peers, 'funding_created', (created) => ({ ...created, signature: highS(created.signature) }));
    peers.pump();
    expect(theBreach(peers.bob)).toMatchObject({
      severity: 'fail',
      rule: expect.stringContaining('LOW-S') as string,
    });
    expect(countSaid(peers, 'error', peers.bob)).toBe(1);
    expect(peers.bob.state.durable).toBeNull();
  });

  // BOLT 2 §funding_signed: "if `signature` is incorrect OR non-compliant with LOW-S-standard rule"
  // BOLT 2 §funding_signed: "MUST NOT broadcast the funding transaction before receipt of a valid `funding_signed`."
  test('funding_signed -- failed by the funder: high S; nothing is broadcast', () => {
    const peers = built();
    change(peers, 'funding_signed', (signed) => ({ ...signed, signature: highS(signed.signature) }));
    peers.pump();
    expect(theBreach(peers.alice)).toMatchObject({
      severity: 'fail',
      rule: expect.stringContaining('LOW-S') as string,
    });
    expect(countSaid(peers, 'error', peers.alice)).toBe(1);
    expect(peers.alice.published).toEqual([]);
  });

  // BOLT 2 §funding_signed: "MUST use the negotiated `channel_type` for all commitment transactions."
  test.each([
    ['anchors', 2],
    ['static_remotekey', 0],
  ] as const)(
    'funding_signed -- every commitment has the format of the channel’s type: %s',
    (base, anchors) => {
      const formats = { config: { formats: [base] } } as const;
      const peers = TwoPeers.ready({ push: msat(400_000_000) }, formats, formats);
      const check = (side: Side): void => {
        const { params, ledger, active } = side.durable;
        for (const { tx } of [
          localCommitment(params, ledger, active[0], side.env),
          remoteCommitment(params, ledger, active[0]),
        ])
          expect(tx.outputs.filter(({ amount }) => amount === 330n)).toHaveLength(anchors);
      };
      check(peers.alice);
      check(peers.bob);
      peers.pay(peers.alice, msat(3_000_000));
      peers.reconnect();
      peers.pay(peers.bob, msat(2_000_000));
      check(peers.alice);
      check(peers.bob);
    },
  );
});

describe('until the chain has it', () => {
  // BOLT 2 §open_channel: "The receiving node MUST NOT: consider funds received, using `push_msat`, to be received
  // until the funding transaction has reached sufficient depth."
  test('open_channel -- what was pushed cannot be spent before the funding transaction is deep enough', () => {
    const peers = new TwoPeers();
    peers.open({ push: msat(400_000_000) });
    const spend = (): unknown => peers.add(peers.bob, msat(1_000_000));
    const refused = { error: { code: 'channel-not-ready' } };
    expect(spend()).toMatchObject(refused);
    peers.mine(1, [peers.fundingTx]);
    peers.mine(1);
    peers.pump();
    expect(spend()).toMatchObject(refused);
    expect(peers.bob.summary).toMatchObject({ isUsable: false, sendable: 0n, confirmations: 2 });
    peers.mine(1);
    peers.pump();
    expect(spend()).toMatchObject({ ok: true });
  });

  // BOLT 2 §channel_ready: "MUST set `alias` to a value not related to the real `short_channel_id`."
  test('channel_ready -- the alias is the same wherever in the chain the channel comes to stand', () => {
    const placed = [200, 700_123].map((height, index) => {
      const peers = new TwoPeers();
      peers.open();
      peers.height = height as typeof peers.height;
      for (const side of [peers.alice, peers.bob]) {
        side.env = { ...side.env, height: peers.height };
        peers.tell(side, peers.fundingTx, confirmedAt(height - 10, index));
      }
      peers.pump();
      return peers.alice.summary;
    });
    expect(placed.map(({ isUsable }) => isUsable)).toEqual([true, true]);
    expect(placed[0]?.scid).not.toBe(placed[1]?.scid);
    expect(placed[0]?.localAlias).toBe(placed[1]?.localAlias);
  });

  // BOLT 2 §channel_ready: "MUST wait until the funding transaction has reached `minimum_depth` before sending this
  // message."
  test('channel_ready -- without aliases too, not before minimum_depth', () => {
    const { option_scid_alias: _, ...features } = TEST_FEATURES;
    const peers = new TwoPeers({ features }, { features });
    peers.open();
    peers.mine(1, [peers.fundingTx]);
    peers.mine(1);
    peers.pump();
    expect(countSaid(peers, 'channel_ready')).toBe(0);
    peers.mine(1);
    peers.pump();
    expect(countSaid(peers, 'channel_ready')).toBe(2);
  });
});
