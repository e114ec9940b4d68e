import { describe, expect, test } from 'vitest';
import { blockDelta, msat, sat } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import { fundingLock } from '../../commitment/funding.ts';
import { TEST_FEATURES, walletScript } from '../../testkit/two-peer-env.ts';
import { change, countSaid, lastSaid, theBreach } from '../../testkit/two-peer-breach.ts';
import { confirmedAt, TwoPeers } from '../../testkit/two-peer.ts';

function accepted(): TwoPeers {
  const peers = new TwoPeers();
  peers.connect();
  peers.ask({ push: msat(1_000_000) });
  peers.pump();
  peers.accept();
  peers.pump();
  return peers;
}

describe('funding_created', () => {
  // BOLT 2 §funding_created: "The sender MUST set: `temporary_channel_id` the same as the `temporary_channel_id` in the
  // `open_channel` message."
  // BOLT 2 §funding_created: "`funding_txid` to the transaction ID of a non-malleable transaction, and MUST NOT
  // broadcast this transaction."
  // BOLT 2 §funding_signed: "MUST NOT broadcast the funding transaction before receipt of a valid `funding_signed`."
  test('funding_created -- the transaction is signed and not broadcast before funding_signed', () => {
    const peers = accepted();
    expect(peers.build()?.ok).toBe(true);
    expect(peers.alice.published).toEqual([]);
    expect(peers.alice.state.durable).toBeNull();
    const temporary = lastSaid(peers, 'open_channel').temporaryChannelId;
    peers.pump();
    const created = lastSaid(peers, 'funding_created');
    expect(created.temporaryChannelId).toBe(temporary);
    expect(created.fundingTxId).toBe(txIdOf(peers.fundingTx));
    expect(created.fundingOutputIndex).toBe(1);
    const { channelId } = lastSaid(peers, 'funding_signed');
    // The index 1 alters the last byte of the id.
    expect(channelId.slice(0, 62)).toBe(peers.alice.notice('channel-id').final.slice(0, 62));
    expect(peers.alice.replies.get('alice-0' as never)).toEqual({
      ok: true,
      value: { tag: 'opened', channelId, fundingTxId: created.fundingTxId },
    });
    expect(peers.alice.published.map(({ purpose }) => purpose)).toEqual(['funding']);
    for (const side of [peers.alice, peers.bob])
      expect(side.notice('channel-id')).toEqual({ tag: 'channel-id', temporary, final: channelId });
  });

  // BOLT 2 §funding_created: "`funding_output_index` to the output number of that transaction that corresponds the
  // funding transaction output"
  test.each<readonly [string, (tx: Tx) => Tx]>([
    ['another amount', (tx) => ({ ...tx, outputs: tx.outputs.map((o) => ({ ...o, amount: sat(1) })) })],
    ['another script', (tx) => ({ ...tx, outputs: tx.outputs.toReversed() })],
    [
      'an input that is not signed',
      (tx) => ({ ...tx, inputs: tx.inputs.map((i) => ({ ...i, witness: [] })) }),
    ],
    [
      'an input that is not segwit',
      (tx) => ({ ...tx, inputs: tx.inputs.map((i) => ({ ...i, scriptSig: new Uint8Array(100) })) }),
    ],
  ])('funding_created -- the wallet is refused %s', (_, to) => {
    const peers = accepted();
    expect(peers.build(to)).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
    expect(peers.build()?.ok).toBe(true);
  });

  test('funding_created -- the wallet cannot: the peer is told, the command refused', () => {
    const peers = accepted();
    peers.alice.command({ tag: 'funding-failed', detail: 'no coins' });
    peers.pump();
    expect(peers.alice.replies.get('alice-0' as never)).toMatchObject({
      error: { code: 'funding-failed', detail: 'no coins' },
    });
    expect(peers.bob.state.durable).toBeNull();
    expect(countSaid(peers, 'error', peers.alice)).toBe(1);
  });

  // BOLT 2 §funding_created: "if `signature` is incorrect OR non-compliant with LOW-S-standard rule"
  test('funding_created -- failed by the fundee: wrong signature', () => {
    const peers = accepted();
    change(peers, 'funding_created', (created) => ({ ...created, signature: new Uint8Array(64).fill(1) }));
    peers.build();
    peers.pump();
    expect(theBreach(peers.bob)).toMatchObject({ severity: 'fail' });
    expect(lastSaid(peers, 'error', peers.bob).channelId).toBe(
      lastSaid(peers, 'open_channel').temporaryChannelId,
    );
    expect(peers.bob.state.durable).toBeNull();
    // The funder had sent funding_created: its coins are free again, the transaction was never broadcast.
    expect(peers.alice.state.durable).toBeNull();
    expect(peers.alice.published).toEqual([]);
    expect(peers.alice.notice('open-failed').channelId).toBe(peers.alice.notice('channel-id').final);
  });

  test('funding_created -- one that nothing asked for is ignored', () => {
    const peers = accepted();
    peers.build();
    peers.pump();
    const created = lastSaid(peers, 'funding_created');
    const fresh = new TwoPeers();
    fresh.connect();
    fresh.inject(fresh.alice, created);
    expect(theBreach(fresh.bob).severity).toBe('warn');
  });
});

describe('funding_signed', () => {
  test('funding_signed -- the fundee has the channel on disk before it signs', () => {
    const peers = accepted();
    peers.build();
    peers.deliver(peers.alice);
    expect(peers.bob.outbox.map(({ name }) => name)).toEqual(['funding_signed']);
    expect(peers.bob.load()?.phase).toBe('funding-pending');
  });

  // BOLT 2 §funding_signed: "if `signature` is incorrect OR non-compliant with LOW-S-standard rule"
  // BOLT 2 §funding_signed: "MUST NOT broadcast the funding transaction before receipt of a valid `funding_signed`."
  test('funding_signed -- failed by the funder: wrong signature; nothing is broadcast', () => {
    const peers = accepted();
    change(peers, 'funding_signed', (signed) => ({ ...signed, signature: new Uint8Array(64).fill(1) }));
    peers.build();
    peers.pump();
    expect(theBreach(peers.alice).severity).toBe('fail');
    expect(peers.alice.published).toEqual([]);
    expect(peers.alice.state.durable).toBeNull();
    // The peer has signed already, so it keeps the channel and takes it to the chain, where its funding never comes.
    expect(peers.bob.durable.phase).toBe('closing');
  });

  // BOLT 2 §Message Retransmission: "if it has sent the `funding_signed` message: MUST remember the channel for
  // reconnection."
  test('funding_signed -- lost with the connection: the funder forgets, the fundee remembers', () => {
    const peers = accepted();
    change(peers, 'funding_signed', () => null);
    peers.build();
    peers.pump();
    peers.tap = null;
    peers.reconnect();
    expect(peers.alice.state.durable).toBeNull();
    expect(peers.bob.durable.phase).toBe('funding-pending');
  });

  test('funding_signed -- a crash before it: the funder starts without the channel', () => {
    const peers = accepted();
    peers.build();
    peers.deliver(peers.alice);
    peers.crash(peers.alice);
    expect(peers.alice.state.durable).toBeNull();
    expect(peers.alice.published).toEqual([]);
  });

  // BOLT 2 §Message Retransmission: "if it has broadcast the funding transaction: MUST remember the channel for
  // reconnection."
  test('funding_signed -- a crash after it was saved: the funding transaction is published at the start', () => {
    const peers = accepted();
    peers.build();
    peers.deliver(peers.alice);
    peers.deliver(peers.bob, true);
    expect(peers.alice.published).toEqual([]);
    peers.crash(peers.alice);
    expect(peers.alice.published.map(({ purpose }) => purpose)).toEqual(['funding']);
    peers.reconnect();
    peers.mine(3, [peers.fundingTx]);
    peers.pump();
    expect(peers.alice.summary.status).toBe('ready');
  });
});

describe('channel_ready', () => {
  const opened = (): TwoPeers => {
    const peers = new TwoPeers();
    peers.open();
    return peers;
  };

  // BOLT 2 §channel_ready: "MUST set `second_per_commitment_point` to the per-commitment point to be used for
  // commitment transaction #1"
  // BOLT 2 §channel_ready: "if `option_scid_alias` was negotiated: MUST set `short_channel_id` `alias`."
  // BOLT 2 §channel_ready: "MUST wait until the funding transaction has reached `minimum_depth` before sending this
  // message."
  test('channel_ready -- only at minimum_depth, with the point of commitment 1 and an alias', () => {
    const peers = opened();
    peers.mine(1, [peers.fundingTx]);
    peers.mine(1);
    peers.pump();
    expect(countSaid(peers, 'channel_ready')).toBe(0);
    expect(peers.alice.summary).toMatchObject({ status: 'waiting-for-confirmations', confirmations: 2 });
    peers.mine(1);
    peers.pump();
    const ready = lastSaid(peers, 'channel_ready', peers.alice);
    expect(ready.secondPerCommitmentPoint).toEqual(peers.alice.env.signer.point(1));
    expect(ready.alias).toBe(peers.alice.summary.localAlias);
    expect(ready.alias).not.toBe(peers.alice.summary.scid);
    expect(peers.bob.summary.remoteAlias).toBe(ready.alias);
    expect(peers.alice.notice('ready').alias).toBe(peers.alice.summary.remoteAlias);
  });

  test('channel_ready -- waits for the peer', () => {
    const peers = opened();
    change(peers, 'channel_ready', (ready, from) => (from === peers.bob ? null : ready));
    peers.mine(3, [peers.fundingTx]);
    peers.pump();
    expect(peers.alice.summary.status).toBe('waiting-for-peer');
    expect(peers.add(peers.alice, msat(1_000_000))).toMatchObject({ error: { code: 'channel-not-ready' } });
  });

  test('channel_ready -- the peer is first: kept until our own is due', () => {
    const peers = opened();
    peers.tell(peers.alice, peers.fundingTx, confirmedAt(98));
    peers.pump();
    expect(peers.bob.summary.status).toBe('waiting-for-confirmations');
    peers.crash(peers.bob);
    peers.connect();
    peers.tell(peers.bob, peers.fundingTx, confirmedAt(98));
    peers.pump();
    expect(peers.bob.summary.status).toBe('ready');
    expect(peers.alice.summary.status).toBe('ready');
  });

  // BOLT 2 §channel_ready: "MUST NOT send `channel_ready` unless outpoint of given by `funding_txid` and
  // `funding_output_index`"
  test('channel_ready -- not for a transaction that does not pay the channel', () => {
    const peers = opened();
    const { fundingTx } = peers;
    const short: Tx = { ...fundingTx, outputs: fundingTx.outputs.map((o) => ({ ...o, amount: sat(5_000) })) };
    for (const watch of peers.bob.watches.slice())
      if (watch.tag === 'confirmed')
        peers.bob.apply({
          tag: 'chain',
          event: {
            tag: 'confirmed',
            txId: watch.txId,
            tx: short,
            at: confirmedAt(98),
            tipHeight: peers.height,
          },
        });
    peers.pump();
    expect(countSaid(peers, 'channel_ready')).toBe(0);
    expect(countSaid(peers, 'error', peers.bob)).toBe(1);
    expect(peers.bob.durable.phase).toBe('closed');
  });

  // BOLT 2 §Message Retransmission: "upon reconnection: MUST ignore any redundant `channel_ready` it receives."
  test('channel_ready -- a redundant one is ignored, but for a new alias', () => {
    const peers = TwoPeers.ready();
    const ready = lastSaid(peers, 'channel_ready', peers.alice);
    const before = peers.bob.durable;
    peers.inject(peers.alice, ready);
    expect(peers.bob.durable).toBe(before);
    const alias = (1n << 63n) as never;
    peers.inject(peers.alice, { ...ready, alias });
    expect(peers.bob.summary.remoteAlias).toBe(alias);
    expect(peers.bob.durable.ledger).toBe(before.ledger);
  });

  test('channel_ready -- a point that is none', () => {
    const peers = opened();
    const { channelId } = peers.bob.durable.params;
    const point = Uint8Array.of(2, ...new Uint8Array(31).fill(0xff), 0xfe);
    peers.inject(peers.alice, { name: 'channel_ready', channelId, secondPerCommitmentPoint: point });
    expect(theBreach(peers.bob).severity).toBe('disconnect');
  });

  // BOLT 2 §channel_ready: "MUST NOT send the same `alias` for multiple peers"
  test('channel_ready -- every channel has its own alias', () => {
    const aliases = [TwoPeers.ready(), TwoPeers.ready({}, { name: 'carol' })].flatMap((peers) => [
      peers.alice.summary.localAlias,
      peers.bob.summary.localAlias,
    ]);
    // Bob's random source starts anew in each world.
    expect(new Set(aliases).size).toBe(3);
  });

  test('channel_ready -- a funding transaction that never comes is forgotten by the fundee alone', () => {
    const peers = opened();
    peers.disconnect();
    peers.mine(2016);
    peers.mine(6);
    expect(peers.bob.durable.phase).toBe('closed');
    expect(peers.alice.durable.phase).toBe('funding-pending');
    expect(peers.alice.published.map(({ purpose }) => purpose)).toEqual(['funding']);
  });

  test.each([
    ['nothing of the fundee is in it: it is over at once', 0n, 'closed', []],
    [
      'there is money of the fundee in it: its commitment waits for it',
      1_000_000n,
      'closing',
      ['local-commitment'],
    ],
  ] as const)('a funder that forgot the channel fails it, and %s', (_, push, phase, published) => {
    const peers = new TwoPeers();
    peers.open({ push: msat(push) });
    peers.inject(peers.alice, {
      name: 'error',
      channelId: peers.bob.durable.params.channelId,
      data: new Uint8Array(),
    });
    expect(peers.bob.durable.phase).toBe(phase);
    expect(peers.bob.published.map(({ purpose }) => purpose)).toEqual(published);
  });

  test('a funder fails a channel in a block, and the fundee sees it to its end though nothing in it is its own', () => {
    const peers = opened();
    peers.mine(3, [peers.fundingTx]);
    peers.inject(peers.alice, {
      name: 'error',
      channelId: peers.bob.durable.params.channelId,
      data: new Uint8Array(),
    });
    expect(peers.bob.durable.phase).toBe('closing');
  });

  test('channel_ready -- a reorg before it takes the confirmations back', () => {
    const peers = opened();
    peers.mine(2, [peers.fundingTx]);
    const txId = txIdOf(peers.fundingTx);
    for (const side of [peers.alice, peers.bob])
      side.apply({ tag: 'chain', event: { tag: 'reorged', txId, tipHeight: peers.height } });
    peers.mine(5);
    peers.pump();
    expect(peers.alice.summary).toMatchObject({ status: 'waiting-for-confirmations', confirmations: 0 });
    peers.mine(3, [peers.fundingTx]);
    peers.pump();
    expect(peers.alice.summary.status).toBe('ready');
  });

  test('funding_signed -- both watch the funding output from the start', () => {
    const peers = opened();
    for (const side of [peers.alice, peers.bob]) {
      const [{ funding }] = side.durable.active;
      const { script } = fundingLock(funding);
      expect(side.watches).toContainEqual({ tag: 'spent', outPoint: funding.outPoint, script });
    }
    expect(blockDelta(144)).toBe(peers.alice.durable.params.local.toSelfDelay);
    expect(TEST_FEATURES.option_scid_alias).toBe('optional');
  });
});

describe('a funding transaction that leaves its block', () => {
  const gone = (): TwoPeers => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    const txId = txIdOf(peers.fundingTx);
    for (const side of [peers.alice, peers.bob]) {
      side.published.length = 0;
      side.apply({ tag: 'chain', event: { tag: 'reorged', txId, tipHeight: peers.height } });
    }
    return peers;
  };

  test('the channel cannot be used, and its maker tells of it again', () => {
    const peers = gone();
    const { alice, bob } = peers;
    expect(alice.published.map(({ purpose }) => purpose)).toEqual(['funding']);
    for (const side of [alice, bob]) {
      expect(side.summary).toMatchObject({
        status: 'waiting-for-confirmations',
        isUsable: false,
        sendable: 0n,
        receivable: 0n,
      });
      expect(peers.add(side, msat(1_000_000))).toMatchObject({
        error: { code: 'channel-not-ready', status: 'waiting-for-confirmations' },
      });
    }
    expect(bob.published).toEqual([]);
  });

  test('it can be used again when it is as deep as at first', () => {
    const peers = gone();
    peers.mine(1, [peers.fundingTx]);
    peers.mine(1);
    expect(peers.add(peers.alice, msat(1_000_000))?.ok).toBe(false);
    peers.mine(1);
    expect(peers.alice.summary).toMatchObject({ status: 'ready', isUsable: true });
    peers.pay(peers.alice, msat(1_000_000));
    peers.pay(peers.bob, msat(1_000_000));
  });

  test('what the peer offers in between is not to be fulfilled, also after a restart', () => {
    const peers = TwoPeers.ready({ push: msat(400_000_000) });
    const { bob } = peers;
    const event = { tag: 'reorged', txId: txIdOf(peers.fundingTx), tipHeight: peers.height } as const;
    bob.apply({ tag: 'chain', event });
    peers.add(peers.alice, msat(1_000_000));
    peers.pump();
    expect(bob.offers.map(({ mustFail }) => mustFail)).toEqual(['not-funded']);
    peers.crash(bob);
    expect(bob.offers.map(({ mustFail }) => mustFail)).toEqual(['not-funded']);
  });
});

describe('a funding transaction that is double-spent', () => {
  const at = confirmedAt(90);
  const rivalOf = (tx: Tx): Tx => ({ ...tx, outputs: [{ amount: sat(1), script: walletScript('alice') }] });

  test('the opening ends, the peer is told, and nothing is asked of the chain any more', () => {
    const peers = new TwoPeers();
    peers.open();
    const { alice } = peers;
    expect(alice.command({ tag: 'funding-lost', by: rivalOf(peers.fundingTx), at })).toMatchObject({
      ok: true,
    });
    expect(alice.summary.status).toBe('closed');
    expect(alice.outbox.map(({ name }) => name)).toContain('error');
    alice.published.length = 0;
    peers.crash(alice);
    // Watched for as long as the chain might go back, see rivals.test.ts.
    peers.mine(100);
    peers.crash(alice);
    expect([alice.published, alice.watches]).toEqual([[], []]);
  });

  test('also when our commitment waits for it', () => {
    const peers = new TwoPeers();
    peers.open();
    const { alice } = peers;
    alice.command({ tag: 'force-close' });
    alice.command({ tag: 'funding-lost', by: rivalOf(peers.fundingTx), at });
    expect(alice.summary.status).toBe('closed');
    expect(alice.demand.lift).toBeNull();
  });

  test('never for the funding transaction itself, what spends other coins, or once it is in a block', () => {
    const peers = new TwoPeers();
    peers.open();
    const { alice, fundingTx } = peers;
    const other: Tx = {
      ...fundingTx,
      inputs: fundingTx.inputs.map((input) => ({ ...input, outPoint: { ...input.outPoint, index: 9 } })),
    };
    for (const by of [fundingTx, other])
      expect(alice.command({ tag: 'funding-lost', by, at })).toMatchObject({
        error: { code: 'invalid-argument' },
      });
    // Ours does not go on from that one.
    expect(alice.command({ tag: 'funding-lost', by: rivalOf(other), at, through: [other] })).toMatchObject({
      error: { code: 'invalid-argument' },
    });
    peers.mine(1, [fundingTx]);
    expect(alice.command({ tag: 'funding-lost', by: rivalOf(fundingTx), at })?.ok).toBe(false);
    expect(peers.bob.command({ tag: 'funding-lost', by: rivalOf(fundingTx), at })?.ok).toBe(false);
    expect(alice.summary.status).toBe('waiting-for-confirmations');
  });
});
