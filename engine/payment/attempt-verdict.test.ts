import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { NETWORKS } from '../base/network.ts';
import { blockDelta, blockHeight, msat, timestamp } from '../base/units.ts';
import type { HtlcResult } from '../channel/htlc.ts';
import { encode } from '../codec/field.ts';
import { sha256d } from '../crypto/hash.ts';
import { signEcdsa } from '../crypto/secp256k1.ts';
import { encodeFailure, type Failure } from '../onion/failure.ts';
import { buildFailure, wrapFailure } from '../onion/failure-onion.ts';
import { session } from '../onion/session.ts';
import { channelUpdate, DISABLE, signedBytes, type ChannelUpdate } from '../wire/gossip.ts';
import { verdictOf } from './attempt-outcome.ts';
import { scidOf, testChannelId, testNode } from './fixtures/pay-world.ts';
import type { ToldPolicy } from '../routing/route.ts';
import type { Attempt, Recipient } from './outgoing.ts';
import { lessonsOfSuccess } from './path-lessons.ts';

const { genesisHash: chainHash } = NETWORKS.regtest;
const nodes = [2, 3, 4].map(testNode);
const [peer, middle, payee] = [nodes[0]!, nodes[1]!, nodes[2]!];

/** us – peer – middle – payee; our own channel has no name here. */
const attempt: Attempt = {
  number: 0,
  channelId: testChannelId(1),
  sessionKey: new Uint8Array(32).fill(9),
  hops: [
    { nodeId: peer.id, scid: null, amount: msat(102_000), cltvExpiry: blockHeight(1_080) },
    { nodeId: middle.id, scid: scidOf(7), amount: msat(101_000), cltvExpiry: blockHeight(1_040) },
    { nodeId: payee.id, scid: scidOf(8), amount: msat(100_000), cltvExpiry: blockHeight(1_000) },
  ],
  outcome: { tag: 'in-flight' },
};
const recipient: Recipient = {
  nodeId: payee.id,
  paymentSecret: null,
  paymentMetadata: null,
  routeHints: [],
  minFinalCltvExpiryDelta: blockDelta(18),
  multiPart: true,
  keysendPreimage: null,
};

function failedBy(hop: number, failure: Failure): Extract<HtlcResult, { tag: 'failed' }> {
  const secrets = session(
    attempt.sessionKey,
    attempt.hops.map(({ nodeId }) => fromHex(nodeId)),
  ).hops.map(({ sharedSecret }) => sharedSecret);
  let reason = buildFailure(secrets[hop]!, encodeFailure(failure));
  for (let i = hop - 1; i >= 0; i--) reason = wrapFailure(secrets[i]!, reason);
  return { tag: 'failed', reason };
}

/** As the attempt did, which paid 1,000 msat to the hop in the middle. */
const keptTo = (policy: ToldPolicy): ToldPolicy => ({ ...policy, feeBase: msat(1_000) });
const judged = (hop: number, failure: Failure, known?: Parameters<typeof verdictOf>[4]) =>
  verdictOf(attempt, recipient, failedBy(hop, failure), chainHash, known);

const edge = (index: 1 | 2, outcome: string, share?: number) => ({
  tag: 'channel',
  scid: attempt.hops[index]!.scid,
  from: attempt.hops[index - 1]!.nodeId,
  to: attempt.hops[index]!.nodeId,
  amount: attempt.hops[index]!.amount,
  outcome,
  ...(share === undefined ? {} : { share }),
});
const shun = (what: unknown, seconds: number) => ({ tag: 'shun', what, seconds });

const onion = { sha256OfOnion: new Uint8Array(32) };
const none = { channelUpdate: new Uint8Array() };
const codeless = { name: 'unknown', code: 0x1234, data: new Uint8Array() } as const;

describe('what an error of a node on the way says', () => {
  const first = edge(1, 'passed');
  const channel = (seconds: number) => ({ blame: 'next-channel', lessons: [first, shun(8n, seconds)] });
  const node = (seconds: number) => ({ blame: 'node', lessons: [first, shun(middle.id, seconds)] });

  it.each<[Failure, { readonly blame: string; readonly lessons: readonly unknown[] }]>([
    [
      { name: 'temporary_channel_failure', ...none },
      { blame: 'amount', lessons: [first, edge(2, 'refused')] },
    ],
    [{ name: 'permanent_channel_failure' }, channel(3_600)],
    [{ name: 'required_channel_feature_missing' }, channel(3_600)],
    [{ name: 'unknown_next_peer' }, channel(3_600)],
    [{ name: 'channel_disabled', disabledFlags: 0, ...none }, channel(600)],
    [{ name: 'amount_below_minimum', htlcAmount: msat(1), ...none }, channel(600)],
    [{ name: 'fee_insufficient', htlcAmount: msat(1), ...none }, channel(600)],
    [{ name: 'incorrect_cltv_expiry', cltvExpiry: blockHeight(1), ...none }, channel(600)],
    [{ name: 'invalid_onion_version', ...onion }, channel(3_600)],
    [{ name: 'invalid_onion_hmac', ...onion }, channel(3_600)],
    [{ name: 'invalid_onion_key', ...onion }, channel(3_600)],
    [{ name: 'invalid_onion_blinding', ...onion }, channel(3_600)],
    [{ name: 'invalid_onion_payload', type: 1n, offset: 0 }, channel(3_600)],
    [
      { name: 'expiry_too_soon', ...none },
      { blame: 'next-channel', lessons: [first] },
    ],
    [{ name: 'expiry_too_far' }, { blame: 'next-channel', lessons: [first] }],
    [{ name: 'temporary_node_failure' }, node(600)],
    [{ name: 'permanent_node_failure' }, node(3_600)],
    [{ name: 'required_node_feature_missing' }, node(3_600)],
    // Only a payee may say these, or nobody: whoever does is not to be trusted with the next one.
    [
      { name: 'incorrect_or_unknown_payment_details', htlcAmount: msat(1), height: blockHeight(1) },
      node(3_600),
    ],
    [{ name: 'final_incorrect_cltv_expiry', cltvExpiry: blockHeight(1) }, node(600)],
    [{ name: 'final_incorrect_htlc_amount', incomingHtlcAmount: msat(1) }, node(600)],
    [{ name: 'mpp_timeout' }, node(600)],
    [codeless, node(600)],
  ])('$name', (failure, { blame, lessons }) => {
    const verdict = judged(1, failure);
    expect(verdict.outcome).toMatchObject({ hop: 1, blame, isFinal: false });
    expect(verdict.lessons).toEqual(lessons);
    expect(verdict.policy).toBeNull();
  });

  it('our peer lets nothing of ours pass by which it could be judged', () => {
    expect(judged(0, { name: 'temporary_channel_failure', ...none }).lessons).toEqual([edge(1, 'refused')]);
  });

  it('the payee’s no: all channels let it through', () => {
    const { lessons, outcome } = judged(2, {
      name: 'incorrect_or_unknown_payment_details',
      htlcAmount: msat(100_000),
      height: blockHeight(900),
    });
    expect(outcome.isFinal).toBe(true);
    expect(lessons).toEqual([edge(1, 'passed'), edge(2, 'passed')]);
  });

  it('money that arrived lies on the other sides', () => {
    expect(lessonsOfSuccess(attempt)).toEqual([edge(1, 'kept'), edge(2, 'kept')]);
  });

  it('an error that nobody signed is shared among all, and none of the channels is tried again', () => {
    const verdict = verdictOf(attempt, recipient, { tag: 'failed', reason: new Uint8Array(292) }, chainHash);
    expect(verdict.outcome.blame).toBe('route');
    expect(verdict.lessons).toEqual([edge(1, 'doubted', 1 / 3), edge(2, 'doubted', 1 / 3)]);
  });

  it('says nothing of the way when our own channel did not send it', () => {
    const verdict = verdictOf(attempt, recipient, { tag: 'abandoned', cause: 'not-sent' }, chainHash);
    expect(verdict).toMatchObject({ outcome: { blame: 'channel' }, lessons: [] });
  });
});

describe('a policy in an error', () => {
  type Change = Partial<Omit<ChannelUpdate, 'name' | 'signature'>>;
  /** Signed by `signer`, with its message type in front or without. */
  function update(change: Change = {}, signer = middle, hasType = true): Uint8Array {
    const unsigned: ChannelUpdate = {
      name: 'channel_update',
      signature: new Uint8Array(64),
      chainHash,
      scid: scidOf(8),
      timestamp: timestamp(1_700_000_000),
      messageFlags: 1,
      channelFlags: middle.id < payee.id ? 0 : 1,
      cltvExpiryDelta: blockDelta(40),
      htlcMinimum: msat(1),
      feeBase: 2_000,
      feeProportionalMillionths: 0,
      htlcMaximum: msat(1_000_000),
      extension: new Uint8Array(),
      ...change,
    };
    const signature = signEcdsa(sha256d(signedBytes(unsigned)), signer.secret);
    const bytes = encode(channelUpdate, { ...unsigned, signature });
    return hasType ? Uint8Array.of(1, 2, ...bytes) : bytes;
  }
  const tooCheap = (bytes: Uint8Array): Failure => ({
    name: 'fee_insufficient',
    htlcAmount: msat(101_000),
    channelUpdate: bytes,
  });
  const told = {
    scid: 8n,
    from: middle.id,
    to: payee.id,
    feeBase: 2_000n,
    feeProportionalMillionths: 0,
    cltvDelta: 40,
    htlcMinimum: 1n,
    htlcMaximum: 1_000_000n,
  };

  it.each([true, false])(
    'of the node itself is believed, and nothing is avoided (message type: %s)',
    (hasType) => {
      const verdict = judged(1, tooCheap(update({}, middle, hasType)));
      expect(verdict.policy).toEqual(told);
      expect(verdict.outcome.blame).toBe('nothing');
      expect(verdict.lessons).toEqual([edge(1, 'passed')]);
    },
  );

  it.each<[string, Failure]>([
    [
      'longer delays',
      {
        name: 'incorrect_cltv_expiry',
        cltvExpiry: blockHeight(1_000),
        channelUpdate: update({ cltvExpiryDelta: blockDelta(41) }),
      },
    ],
    [
      'larger amounts only',
      {
        name: 'amount_below_minimum',
        htlcAmount: msat(100_000),
        channelUpdate: update({ htlcMinimum: msat(100_001) }),
      },
    ],
    [
      'smaller amounts only',
      { name: 'temporary_channel_failure', channelUpdate: update({ htlcMaximum: msat(99_999) }) },
    ],
  ])('is believed where it asks for %s', (_, failure) => {
    expect(judged(1, failure).policy).not.toBeNull();
  });

  it.each<[string, Failure]>([
    ['another node signed it', tooCheap(update({}, payee))],
    ['it is of another channel', tooCheap(update({ scid: scidOf(9) }))],
    ['it is of another chain', tooCheap(update({ chainHash: NETWORKS.mainnet.genesisHash }))],
    ['it is of the other direction', tooCheap(update({ channelFlags: middle.id < payee.id ? 1 : 0 }))],
    ['it closes the channel', tooCheap(update({ channelFlags: (middle.id < payee.id ? 0 : 1) | DISABLE }))],
    ['the HTLC paid what it asks for', tooCheap(update({ feeBase: 1_000 }))],
    ['the channel could take the amount', { name: 'temporary_channel_failure', channelUpdate: update() }],
    ['it is cut off', tooCheap(update().slice(0, 100))],
    ['it is garbage', tooCheap(new Uint8Array(138).fill(7))],
  ])('is not believed when %s', (_, failure) => {
    const verdict = judged(1, failure);
    expect(verdict.policy).toBeNull();
    expect(verdict.outcome.blame).not.toBe('nothing');
  });

  it('is not needed where the map has it meanwhile; what the node told before goes before the map', () => {
    const silent = tooCheap(new Uint8Array());
    const { policy } = judged(1, tooCheap(update()));
    const onMap = (feeBase: number, known?: readonly ToldPolicy[]) =>
      verdictOf(attempt, recipient, failedBy(1, silent), chainHash, known, () => ({
        ...policy!,
        feeBase: msat(feeBase),
      }));
    expect(onMap(2_000)).toMatchObject({
      policy: null,
      outcome: { blame: 'nothing' },
      lessons: [{ scid: 7n }],
    });
    // The HTLC paid that.
    expect(onMap(1_000)).toMatchObject({ outcome: { blame: 'next-channel' } });
    expect(onMap(2_000, [keptTo(policy!)])).toMatchObject({
      outcome: { blame: 'next-channel' },
    });
  });

  it('is not believed a second time', () => {
    const { policy } = judged(1, tooCheap(update()));
    expect(judged(1, tooCheap(update({ feeBase: 3_000 })), [keptTo(policy!)])).toMatchObject({
      policy: null,
      outcome: { blame: 'next-channel' },
    });
  });

  it('explains the refusals of other parts that were under way when it was told, with or without another of it', () => {
    const { policy } = judged(1, tooCheap(update()));
    for (const failure of [
      tooCheap(update()),
      tooCheap(new Uint8Array()),
      tooCheap(update({ feeBase: 3_000 })),
    ])
      expect(judged(1, failure, [policy!])).toMatchObject({ policy: null, outcome: { blame: 'nothing' } });
    const full: Failure = {
      name: 'temporary_channel_failure',
      channelUpdate: update({ htlcMaximum: msat(99_999) }),
    };
    const smaller = judged(1, full).policy;
    expect(judged(1, full, [smaller!])).toMatchObject({ policy: null, outcome: { blame: 'nothing' } });
    // Too small a maximum explains no fee.
    expect(judged(1, tooCheap(update()), [keptTo(smaller!)])).toMatchObject({
      outcome: { blame: 'next-channel' },
    });
  });
});
