import { describe, expect, test } from 'vitest';
import { blockDelta, feeratePerKw, msat, sat } from '../../base/units.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import { TEST_FEATURES, walletScript } from '../../testkit/two-peer-env.ts';
import { change, lastSaid, theBreach, without } from '../../testkit/two-peer-breach.ts';
import { TwoPeers } from '../../testkit/two-peer.ts';
import { NETWORKS } from '../../base/network.ts';
import { encodeChannelType } from '../../wire/channel-type.ts';
import { withBits } from '../../wire/features.ts';
import type { AcceptChannel, OpenChannel } from '../../wire/channel-open.ts';

const NO_POINT = Uint8Array.of(2, ...new Uint8Array(31).fill(0xff), 0xfe);
const ANCHORS = { base: 'anchors', scidAlias: false, zeroConf: false } as const;

function asked(
  terms: Parameters<TwoPeers['ask']>[0] = {},
  ...characters: ConstructorParameters<typeof TwoPeers>
): TwoPeers {
  const peers = new TwoPeers(...characters);
  peers.connect();
  peers.ask(terms);
  return peers;
}

describe('what we send', () => {
  // BOLT 2 §open_channel: "MUST ensure the `chain_hash` value identifies the chain it wishes to open the channel
  // within."
  // BOLT 2 §open_channel: "MUST set `first_per_commitment_point` to the per-commitment point to be used for the initial
  // commitment transaction"
  // BOLT 2 §open_channel: "MUST set `channel_reserve_satoshis` greater than or equal to `dust_limit_satoshis`."
  // BOLT 2 §open_channel: "MUST set undefined bits in `channel_flags` to 0."
  // BOLT 2 §open_channel: "if it includes `open_channel_tlvs`: MUST include `upfront_shutdown_script`."
  // BOLT 2 §open_channel: "MUST set `channel_type`: MUST set it to a defined type representing the type it wants."
  test('open_channel -- chain_hash, type, upfront script, zero flags and a reserve above dust', () => {
    const peers = asked();
    peers.pump();
    const open = lastSaid(peers, 'open_channel');
    expect(open.chainHash).toBe(NETWORKS.regtest.genesisHash);
    expect(open.channelType).toEqual(encodeChannelType({ ...ANCHORS, scidAlias: true }));
    expect(open.upfrontShutdownScript).toEqual(walletScript('alice'));
    expect(open.channelFlags).toBe(0);
    expect(open.channelReserve).toBe(10_000n);
    expect(open.channelReserve).toBeGreaterThanOrEqual(open.dustLimit);
    expect(open.firstPerCommitmentPoint).toEqual(peers.alice.env.signer.point(0));
  });

  // BOLT 2 §open_channel: "MUST NOT send `channel_type` with the `option_scid_alias` bit set."
  test('open_channel -- no alias in the type of a channel that is to be announced', () => {
    const peers = asked({ announce: true });
    peers.pump();
    const open = lastSaid(peers, 'open_channel');
    expect(open.channelFlags).toBe(1);
    expect(open.channelType).toEqual(encodeChannelType(ANCHORS));
  });

  // BOLT 2 §open_channel: "MUST include `upfront_shutdown_script` with either a valid `shutdown_scriptpubkey`"
  test('open_channel -- without upfront scripts on both sides none is committed to', () => {
    const { option_upfront_shutdown_script: _, ...features } = TEST_FEATURES;
    const peers = asked({}, {}, { features });
    peers.pump();
    expect(lastSaid(peers, 'open_channel').upfrontShutdownScript).toEqual(new Uint8Array());
  });

  // BOLT 2 §open_channel: "MUST use the smallest bitmap possible to represent the channel type."
  test('open_channel -- without anchors on both sides static_remotekey', () => {
    const { option_anchors: _, ...features } = TEST_FEATURES;
    const peers = asked({ announce: true }, {}, { features });
    peers.pump();
    expect(lastSaid(peers, 'open_channel').channelType).toEqual(withBits([12]));
  });

  test.each([
    // BOLT 2 §open_channel: "otherwise: MUST set `funding_satoshis` to less than 2^24 satoshi."
    ['2^24 without option_support_large_channel', { amount: sat(1 << 24) }, 'channel-amount-out-of-range'],
    ['less than we find worth it', { amount: sat(19_999) }, 'channel-amount-out-of-range'],
    // BOLT 2 §open_channel: "MUST set `push_msat` to equal or less than 1000 * `funding_satoshis`."
    ['push_msat above the funding', { push: msat(1_000_000_001) }, 'invalid-argument'],
    ['nothing left for the fee', { push: msat(1_000_000_000) }, 'invalid-argument'],
  ] as const)('open_channel -- refused by ourselves: %s', (_, terms, code) => {
    const peers = asked();
    peers.disconnect();
    const fresh = new TwoPeers();
    fresh.connect();
    const reply = fresh.ask(terms);
    expect(reply?.ok === false && reply.error.code).toBe(code);
    expect(fresh.alice.outbox).toEqual([]);
  });

  // BOLT 2 §open_channel: "if both nodes advertised `option_support_large_channel`: MAY set"
  test('open_channel -- 2^24 and more where both support large channels', () => {
    const features = { ...TEST_FEATURES, option_support_large_channel: 'optional' } as const;
    const peers = asked({ amount: sat(1 << 24) }, { features }, { features });
    peers.pump();
    expect(peers.bob.notice('open-requested').amount).toBe(16_777_216n);
  });
});

describe('a channel that is used before the chain confirms it', () => {
  const TRUSTING = { trustsUnconfirmed: true } as const;
  /** Alice asks, Bob accepts with minimum_depth 0. */
  function accepted(bob: Parameters<typeof asked>[2]): TwoPeers {
    const peers = asked({}, {}, bob);
    peers.pump();
    peers.accept(0);
    peers.pump();
    return peers;
  }

  test('accept_channel -- minimum_depth 0 only for whom we trust', () => {
    expect(lastSaid(accepted({}), 'accept_channel').minimumDepth).toBe(1);
    expect(lastSaid(accepted(TRUSTING), 'accept_channel').minimumDepth).toBe(0);
  });

  test('channel_ready -- not before the funding transaction was seen', () => {
    const peers = accepted(TRUSTING);
    peers.build();
    peers.pump();
    const { bob } = peers;
    expect(bob.durable.readySent).toBe(false);
    bob.apply({ tag: 'idle' });
    expect(bob.durable.readySent).toBe(false);
    bob.env = { ...bob.env, fundingSeen: true };
    bob.apply({ tag: 'idle' });
    expect(bob.durable.readySent).toBe(true);
    expect(bob.outbox.map(({ name }) => name)).toEqual(['channel_ready']);
  });

  test('channel_ready -- with the first confirmation at the latest', () => {
    const peers = accepted(TRUSTING);
    peers.build();
    peers.pump();
    peers.mine(1, [peers.fundingTx]);
    expect(peers.bob.durable.readySent).toBe(true);
  });

  // BOLT 2 §accept_channel: "if `channel_type` includes `option_zeroconf`: MUST set `minimum_depth` to zero."
  // BOLT 2 §open_channel: "the `channel_type` includes `option_zeroconf` and it does not trust the sender to open an
  // unconfirmed channel."
  test('open_channel -- option_zeroconf in the type, where it was negotiated and we trust', () => {
    const features = { ...TEST_FEATURES, option_zeroconf: 'optional' } as const;
    const type = encodeChannelType({ ...ANCHORS, scidAlias: true, zeroConf: true });
    const answer = (bob: Parameters<typeof asked>[2]): readonly string[] => {
      const peers = asked({}, { features }, bob);
      change(peers, 'open_channel', (open) => ({ ...open, channelType: type }));
      peers.pump();
      peers.bob.command({ tag: 'accept', shutdownScript: walletScript('bob'), minimumDepth: 3 });
      return peers.bob.outbox.map((said) =>
        said.name === 'accept_channel' ? `accepted at ${said.minimumDepth}` : said.name,
      );
    };
    expect(answer({ features, ...TRUSTING })).toEqual(['accepted at 0']);
    expect(answer({ features })).toEqual([]);
    expect(answer(TRUSTING)).toEqual([]);
  });

  // BOLT 2 §channel_ready: "otherwise: MUST wait until the funding transaction has reached `minimum_depth` before
  // sending this message."
  test('open_channel -- we ask for it, and pay before the funding transaction is in a block', () => {
    const features = { ...TEST_FEATURES, option_zeroconf: 'optional' } as const;
    const peers = asked({ zeroConf: true }, { features }, { features, ...TRUSTING });
    const { alice, bob } = peers;
    peers.pump();
    const type = encodeChannelType({ ...ANCHORS, scidAlias: true, zeroConf: true });
    expect(lastSaid(peers, 'open_channel').channelType).toEqual(type);
    peers.accept();
    peers.pump();
    peers.build();
    bob.env = { ...bob.env, fundingSeen: true };
    peers.pump();
    bob.command({ tag: 'funding-seen', tx: peers.fundingTx });
    bob.apply({ tag: 'idle' });
    peers.pump();
    expect(peers.said.filter(({ message }) => message.name === 'channel_ready')).toHaveLength(2);
    expect([alice.summary, bob.summary]).toMatchObject([{ isUsable: true }, { isUsable: true }]);
    peers.crash(alice);
    peers.connect();
    peers.pump();
    peers.add(alice, msat(20_000_000), 'one');
    peers.pump();
    expect(bob.summary.htlcs).toHaveLength(1);
    peers.mine(1, [peers.fundingTx]);
    peers.pump();
    expect(alice.summary).toMatchObject({ isUsable: true, confirmations: 1 });
  });

  test('open_channel -- asked for where the peer does not know it: refused by ourselves', () => {
    const peers = new TwoPeers({ features: { ...TEST_FEATURES, option_zeroconf: 'optional' } });
    peers.connect();
    const reply = peers.ask({ zeroConf: true });
    expect(reply?.ok === false && reply.error).toMatchObject({ code: 'peer-incompatible' });
    expect(peers.alice.outbox).toEqual([]);
  });

  // A type that does not say so is one that both wait for.
  test('accept_channel -- minimum_depth 0 that we did not ask for is one confirmation to us', () => {
    const peers = accepted(TRUSTING);
    peers.build();
    peers.pump();
    expect(peers.alice.durable.readySent).toBe(false);
    expect(peers.alice.summary.confirmationsRequired).toBe(1);
    peers.mine(1, [peers.fundingTx]);
    expect(peers.alice.durable.readySent).toBe(true);
  });
});

const OPEN_FAULTS: readonly (readonly [string, (open: OpenChannel) => OpenChannel, RegExp])[] = [
  // BOLT 2 §open_channel: "The receiving node MUST: if the message doesn't include a `channel_type`: fail the channel."
  ['no channel_type', (open) => without(open, 'channelType'), /doesn't include a `channel_type`/],
  // BOLT 2 §open_channel: "MUST fail the channel if: the `channel_type` is not suitable."
  [
    'undefined channel_type',
    (open) => ({ ...open, channelType: withBits([0, 12]) }),
    /`channel_type` is not suitable/,
  ],
  // BOLT 2 §open_channel: "MUST fail the channel if: the `channel_type` is not suitable."
  [
    'without anchors where both have them',
    (open) => ({ ...open, channelType: withBits([12]) }),
    /`channel_type` is not suitable/,
  ],
  // BOLT 2 §open_channel: "MUST fail the channel if: the `channel_type` includes `option_zeroconf` and it does not
  // trust the sender"
  [
    'zero conf from anybody',
    (open) => ({ ...open, channelType: encodeChannelType({ ...ANCHORS, zeroConf: true }) }),
    /`channel_type` is not suitable/,
  ],
  // BOLT 2 §open_channel: "MUST fail the channel if: the `channel_type` is not suitable."
  [
    'alias in a channel to be announced',
    (open) => ({ ...open, channelFlags: 1, channelType: encodeChannelType({ ...ANCHORS, scidAlias: true }) }),
    /`channel_type` is not suitable/,
  ],
  // BOLT 2 §open_channel: "MUST fail the channel if: the `chain_hash` value is set to a hash of a chain that is unknown
  // to the receiver."
  [
    'another chain',
    (open) => ({ ...open, chainHash: NETWORKS.mainnet.genesisHash }),
    /hash of a chain that is unknown/,
  ],
  // BOLT 2 §open_channel: "MUST fail the channel if: `push_msat` is greater than `funding_satoshis` * 1000."
  [
    'push_msat above the funding',
    (open) => ({ ...open, pushAmount: msat(1_000_000_001) }),
    /`push_msat` is greater/,
  ],
  [
    'push_msat near 2^64',
    (open) => ({ ...open, pushAmount: msat((1n << 64n) - 1n) }),
    /`push_msat` is greater/,
  ],
  // BOLT 2 §open_channel: "MUST fail the channel if: `to_self_delay` is unreasonably large."
  [
    'to_self_delay too large',
    (open) => ({ ...open, toSelfDelay: blockDelta(2017) }),
    /`to_self_delay` is unreasonably large/,
  ],
  // BOLT 2 §open_channel: "MUST fail the channel if: `max_accepted_htlcs` is greater than 483."
  ['484 HTLCs', (open) => ({ ...open, maxAcceptedHtlcs: 484 }), /`max_accepted_htlcs` is greater than 483/],
  ['too few HTLCs', (open) => ({ ...open, maxAcceptedHtlcs: 4 }), /`max_accepted_htlcs` too small/],
  [
    'nothing in flight',
    (open) => ({ ...open, maxHtlcValueInFlight: msat(999) }),
    /`max_htlc_value_in_flight_msat` too small/,
  ],
  // BOLT 2 §open_channel: "it considers `feerate_per_kw` too small for timely processing or unreasonably large."
  [
    'feerate_per_kw too small',
    (open) => ({ ...open, feeratePerKw: feeratePerKw(252) }),
    /`feerate_per_kw` too small/,
  ],
  // BOLT 2 §open_channel: "it considers `feerate_per_kw` too small for timely processing or unreasonably large."
  [
    'feerate_per_kw too large',
    (open) => ({ ...open, feeratePerKw: feeratePerKw(25_001) }),
    /`feerate_per_kw` too small for timely processing or unreasonably large/,
  ],
  // BOLT 2 §open_channel: "or `delayed_payment_basepoint` are not valid secp256k1 pubkeys in compressed format."
  [
    'funding_pubkey no point',
    (open) => ({ ...open, fundingPubkey: NO_POINT }),
    /not valid secp256k1 pubkeys/,
  ],
  // BOLT 2 §open_channel: "or `delayed_payment_basepoint` are not valid secp256k1 pubkeys in compressed format."
  [
    'revocation_basepoint no point',
    (open) => ({ ...open, revocationBasepoint: NO_POINT }),
    /not valid secp256k1 pubkeys/,
  ],
  // BOLT 2 §open_channel: "or `delayed_payment_basepoint` are not valid secp256k1 pubkeys in compressed format."
  [
    'htlc_basepoint no point',
    (open) => ({ ...open, htlcBasepoint: NO_POINT }),
    /not valid secp256k1 pubkeys/,
  ],
  // BOLT 2 §open_channel: "or `delayed_payment_basepoint` are not valid secp256k1 pubkeys in compressed format."
  [
    'payment_basepoint no point',
    (open) => ({ ...open, paymentBasepoint: NO_POINT }),
    /not valid secp256k1 pubkeys/,
  ],
  // BOLT 2 §open_channel: "or `delayed_payment_basepoint` are not valid secp256k1 pubkeys in compressed format."
  [
    'delayed_payment_basepoint no point',
    (open) => ({ ...open, delayedPaymentBasepoint: NO_POINT }),
    /not valid secp256k1 pubkeys/,
  ],
  [
    'first_per_commitment_point no point',
    (open) => ({ ...open, firstPerCommitmentPoint: NO_POINT }),
    /not valid secp256k1 pubkeys/,
  ],
  // BOLT 2 §open_channel: "MUST fail the channel if: `dust_limit_satoshis` is greater than `channel_reserve_satoshis`."
  [
    'dust above the reserve',
    (open) => ({ ...open, dustLimit: sat(10_001), channelReserve: sat(10_000) }),
    /`dust_limit_satoshis` is greater than `channel_reserve_satoshis`/,
  ],
  // BOLT 2 §open_channel: "MUST fail the channel if: `dust_limit_satoshis` is smaller than `354 satoshis`"
  [
    'dust below 354',
    (open) => ({ ...open, dustLimit: sat(353) }),
    /`dust_limit_satoshis` is smaller than `354 satoshis`/,
  ],
  ['dust too large', (open) => ({ ...open, dustLimit: sat(5_001) }), /`dust_limit_satoshis` too large/],
  [
    'htlc_minimum_msat too large',
    (open) => ({ ...open, htlcMinimum: msat(1_000_001) }),
    /`htlc_minimum_msat` too large/,
  ],
  [
    'reserve too large',
    (open) => ({ ...open, channelReserve: sat(50_001) }),
    /`channel_reserve_satoshis` too large/,
  ],
  // BOLT 2 §open_channel: "the funder's amount for the initial commitment transaction is not sufficient for full fee
  // payment."
  [
    'the fee is not covered',
    (open) => ({ ...open, pushAmount: msat(999_000_000) }),
    /not sufficient for full fee payment/,
  ],
  // BOLT 2 §open_channel: "both `to_local` and `to_remote` amounts for the initial commitment transaction are less than
  // or equal to"
  [
    'nobody above the reserve',
    (open) => ({
      ...open,
      fundingAmount: sat(20_000),
      pushAmount: msat(1_000_000),
      channelReserve: sat(1_000),
      feeratePerKw: feeratePerKw(16_003),
    }),
    /both `to_local` and `to_remote` amounts/,
  ],
  // BOLT 2 §open_channel: "the receiver does not support `option_support_large_channel`."
  [
    '2^24 without option_support_large_channel',
    (open) => ({ ...open, fundingAmount: sat(1 << 24) }),
    /greater than or equal to 2\^24/,
  ],
  ['too small', (open) => ({ ...open, fundingAmount: sat(19_999) }), /`funding_satoshis` is too small/],
  // BOLT 2 §open_channel: "MUST include `upfront_shutdown_script` with either a valid `shutdown_scriptpubkey`"
  [
    'an upfront script of no allowed form',
    (open) => ({ ...open, upfrontShutdownScript: Uint8Array.of(0x51) }),
    /valid `shutdown_scriptpubkey`/,
  ],
];

test.each(OPEN_FAULTS)('open_channel -- failed by the fundee: %s', (_, to, rule) => {
  const peers = asked();
  change(peers, 'open_channel', to);
  peers.pump();
  expect(theBreach(peers.bob)).toMatchObject({
    severity: 'fail',
    rule: expect.stringMatching(rule) as string,
  });
  const error = lastSaid(peers, 'error', peers.bob);
  expect(error.channelId).toBe(lastSaid(peers, 'open_channel').temporaryChannelId);
  expect(peers.bob.state).toEqual({ durable: null, session: { link: 'over' } });
  expect(peers.alice.replies.get('alice-0' as never)).toMatchObject({
    ok: false,
    error: { code: 'peer-refused' },
  });
  expect(peers.alice.notice('open-failed').channelId).toBe(error.channelId);
});

// BOLT 2 §open_channel: "ignore undefined bits in `channel_flags`."
test('open_channel -- undefined bits in channel_flags are ignored', () => {
  const peers = asked();
  change(peers, 'open_channel', (open) => ({ ...open, channelFlags: 0xfe }));
  peers.pump();
  expect(peers.bob.notice('open-requested').announce).toBe(false);
});

// BOLT 2 §open_channel: "if `option_dual_fund` has been negotiated: fail the channel."
test('open_channel -- failed where dual funding was negotiated', () => {
  const features = { ...TEST_FEATURES, option_dual_fund: 'optional' } as const;
  const peers = asked({}, { features }, { features });
  peers.pump();
  expect(theBreach(peers.bob).rule).toContain('`option_dual_fund` has been negotiated');
});

test('open_channel -- a second one for the same channel is ignored', () => {
  const peers = asked();
  peers.pump();
  peers.inject(peers.alice, lastSaid(peers, 'open_channel'));
  expect(theBreach(peers.bob).severity).toBe('warn');
  expect(peers.bob.notices.filter(({ tag }) => tag === 'open-requested')).toHaveLength(1);
});

test('open_channel -- refused by the user', () => {
  const peers = asked();
  peers.pump();
  peers.bob.command({ tag: 'reject', reason: 'not today' });
  peers.pump();
  expect(decodeUtf8(lastSaid(peers, 'error').data)).toBe('not today');
  expect(peers.alice.replies.get('alice-0' as never)).toMatchObject({
    ok: false,
    error: { code: 'peer-refused', detail: 'not today' },
  });
});

test('open_channel -- a connection lost before funding_created leaves nothing behind', () => {
  const peers = asked();
  peers.pump();
  peers.accept();
  peers.pump();
  peers.disconnect();
  for (const side of [peers.alice, peers.bob]) {
    expect(side.state.durable).toBeNull();
    expect(side.disk.size).toBe(0);
    expect(side.notice('open-failed').detail).toBe('peer-not-connected');
  }
});

describe('accept_channel', () => {
  function accepted(to: (accept: AcceptChannel) => AcceptChannel): TwoPeers {
    const peers = asked();
    peers.pump();
    change(peers, 'accept_channel', to);
    peers.accept();
    peers.pump();
    return peers;
  }

  // BOLT 2 §accept_channel: "The `temporary_channel_id` MUST be the same as the `temporary_channel_id` in the
  // `open_channel` message."
  // BOLT 2 §accept_channel: "MUST set `channel_type` to the `channel_type` from `open_channel`."
  // BOLT 2 §accept_channel: "MUST set `channel_reserve_satoshis` greater than or equal to `dust_limit_satoshis`"
  // BOLT 2 §accept_channel: "MUST set `dust_limit_satoshis` less than or equal to `channel_reserve_satoshis`"
  test('accept_channel -- the id, the type and a reserve above the dust limit of the opener', () => {
    const peers = asked();
    change(peers, 'open_channel', (open) => ({
      ...open,
      dustLimit: sat(4_000),
      channelReserve: sat(4_000),
      fundingAmount: sat(100_000),
    }));
    peers.pump();
    peers.accept();
    peers.pump();
    const open = lastSaid(peers, 'open_channel');
    const accept = lastSaid(peers, 'accept_channel');
    expect(accept.temporaryChannelId).toBe(open.temporaryChannelId);
    expect(accept.channelType).toEqual(open.channelType);
    expect(accept.channelReserve).toBe(4_000n);
    expect(accept.dustLimit).toBeLessThanOrEqual(open.channelReserve);
    expect(accept.minimumDepth).toBe(3);
  });

  test.each<readonly [string, (accept: AcceptChannel) => AcceptChannel, RegExp]>([
    [
      'minimum_depth too large',
      (accept) => ({ ...accept, minimumDepth: 145 }),
      /`minimum_depth` is unreasonably large/,
    ],
    // BOLT 2 §accept_channel: "if `channel_reserve_satoshis` is less than `dust_limit_satoshis` within the
    // `open_channel` message: MUST fail"
    [
      'reserve below our dust limit',
      (accept) => ({ ...accept, channelReserve: sat(353) }),
      /less than `dust_limit_satoshis` within the `open_channel` message/,
    ],
    // BOLT 2 §accept_channel: "if `channel_reserve_satoshis` from the `open_channel` message is less than
    // `dust_limit_satoshis`: MUST fail"
    [
      'dust above our reserve',
      (accept) => ({ ...accept, dustLimit: sat(10_001) }),
      /from the `open_channel` message is less than `dust_limit_satoshis`/,
    ],
    // BOLT 2 §accept_channel: "Other fields have the same requirements as their counterparts in `open_channel`."
    [
      'dust above its own reserve',
      (accept) => ({ ...accept, dustLimit: sat(4_001), channelReserve: sat(4_000) }),
      /`dust_limit_satoshis` is greater than `channel_reserve_satoshis`/,
    ],
    // BOLT 2 §accept_channel: "if the message doesn't include a `channel_type`: MUST fail the channel."
    ['no channel_type', (accept) => without(accept, 'channelType'), /doesn't include a `channel_type`/],
    // BOLT 2 §accept_channel: "if `channel_type` does not match the `channel_type` from `open_channel`: MUST fail the
    // channel."
    [
      'another channel_type',
      (accept) => ({ ...accept, channelType: withBits([12]) }),
      /does not match the `channel_type`/,
    ],
    [
      'to_self_delay too large',
      (accept) => ({ ...accept, toSelfDelay: blockDelta(2017) }),
      /`to_self_delay` is unreasonably large/,
    ],
    ['484 HTLCs', (accept) => ({ ...accept, maxAcceptedHtlcs: 484 }), /greater than 483/],
    ['dust below 354', (accept) => ({ ...accept, dustLimit: sat(353) }), /smaller than `354 satoshis`/],
    [
      'htlc_basepoint no point',
      (accept) => ({ ...accept, htlcBasepoint: NO_POINT }),
      /not valid secp256k1 pubkeys/,
    ],
  ])('accept_channel -- failed by the funder: %s', (_, to, rule) => {
    const peers = accepted(to);
    expect(theBreach(peers.alice)).toMatchObject({
      severity: 'fail',
      rule: expect.stringMatching(rule) as string,
    });
    expect(peers.alice.replies.get('alice-0' as never)).toMatchObject({
      ok: false,
      error: { code: 'peer-incompatible' },
    });
    expect(lastSaid(peers, 'error', peers.alice).channelId).toBe(
      lastSaid(peers, 'open_channel').temporaryChannelId,
    );
  });

  test('accept_channel -- one that nothing asked for is ignored', () => {
    const peers = accepted((accept) => accept);
    peers.inject(peers.bob, lastSaid(peers, 'accept_channel'));
    expect(theBreach(peers.alice).severity).toBe('warn');
    expect(peers.alice.state.session).toMatchObject({ open: { stage: 'funding-wanted' } });
  });
});
