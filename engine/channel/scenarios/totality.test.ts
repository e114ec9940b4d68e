import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { equalBytes } from '../../base/bytes.ts';
import { paymentHash, txId, type CommandId, type OutPoint, type PaymentId } from '../../base/ids.ts';
import { blockDelta, blockHeight, feeratePerKw, msat, sat } from '../../base/units.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import { installSecp256k1 } from '../../crypto/secp256k1.ts';
import { valuesOf } from '../../testkit/arbitraries/field.ts';
import { CALM, walletScript } from '../../testkit/two-peer-env.ts';
import type { Side } from '../../testkit/two-peer-side.ts';
import { SITUATIONS } from '../../testkit/two-peer-situations.ts';
import { confirmedAt, hashOf, preimageOf, type TwoPeers } from '../../testkit/two-peer.ts';
import { wasmBackend } from '../../testkit/wasm-backend.ts';
import { MESSAGES } from '../../wire/wire-message.ts';
import type { ChannelCommand } from '../command.ts';
import type { ChannelEvent } from '../event.ts';
import { transition } from '../machine.ts';
import type { ChannelMessage } from '../message.ts';

beforeAll(async () => installSecp256k1(await wasmBackend()));

const aboutChannels = MESSAGES.filter(
  ({ name, shape }) =>
    'channelId' in shape.required ||
    'temporaryChannelId' in shape.required ||
    name === 'channel_update' ||
    name === 'init',
);
/** Any message, naming this channel. What is arbitrary otherwise is also near to what is right, where that is a number. */
const anyMessage = fc.oneof(
  ...aboutChannels.map((declared) => valuesOf<unknown>(declared).map((value) => value as ChannelMessage)),
);
const smallNumbers = fc.oneof(fc.bigInt({ min: 0n, max: 4n }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }));

function naming(peers: TwoPeers, message: ChannelMessage, id: bigint): ChannelMessage {
  const channelId = peers.alice.state.durable?.params.channelId;
  const near = 'id' in message ? { id } : {};
  if (channelId === undefined || !('channelId' in message)) return { ...message, ...near };
  return { ...message, channelId, ...near };
}

const hash = fc.constantFrom(hashOf('one'), hashOf('two'), paymentHash('00'.repeat(32)));
const script = fc.oneof(fc.constant(walletScript('alice')), fc.uint8Array({ maxLength: 90 }));
const anyCommand: fc.Arbitrary<ChannelCommand> = fc.oneof(
  fc.record({
    tag: fc.constant('open' as const),
    amount: fc.bigInt({ min: 0n, max: 1n << 40n }).map(sat),
    push: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(msat),
    announce: fc.boolean(),
    zeroConf: fc.boolean(),
    feerate: fc.nat(100_000).map(feeratePerKw),
    shutdownScript: script,
  }),
  fc.record({ tag: fc.constant('accept' as const), shutdownScript: script, minimumDepth: fc.nat(200) }),
  fc.record({ tag: fc.constant('reject' as const), reason: fc.string() }),
  fc.record({ tag: fc.constant('funding-failed' as const), detail: fc.string() }),
  fc.record({
    tag: fc.constant('add-htlc' as const),
    amount: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(msat),
    paymentHash: hash,
    cltvExpiry: fc.oneof(fc.integer({ min: 90, max: 200 }), fc.nat(0xffff_ffff)).map(blockHeight),
    onion: fc.constant(new Uint8Array(1366)),
    origin: fc.record({ paymentId: hash.map((id) => id as string as PaymentId), attempt: fc.nat(3) }),
  }),
  fc.record({
    tag: fc.constant('fulfill-htlc' as const),
    id: smallNumbers,
    preimage: fc.constantFrom(preimageOf('one'), preimageOf('two'), new Uint8Array(32)),
  }),
  fc.record({ tag: fc.constant('fail-htlc' as const), id: smallNumbers, reason: fc.uint8Array() }),
  fc.record({
    tag: fc.constant('fail-malformed-htlc' as const),
    id: smallNumbers,
    onionHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    failureCode: fc.nat(0xffff),
  }),
  fc.record({ tag: fc.constant('update-fee' as const), feerate: fc.nat(0xffff_ffff).map(feeratePerKw) }),
  fc.record({
    tag: fc.constant('update-relay' as const),
    feeBase: fc.bigInt({ min: 0n, max: 1n << 40n }).map(msat),
    feeProportionalMillionths: fc.nat(),
    cltvDelta: fc.nat(100_000).map(blockDelta),
  }),
  fc.record({ tag: fc.constant('close' as const), script, feerate: fc.nat(100_000).map(feeratePerKw) }),
  fc.constant({ tag: 'force-close' as const }),
);

/** What is to happen, as data: a counterexample can be read. The chain's part depends on what is watched by then. */
type Plan =
  | ChannelEvent
  | { readonly tag: 'said'; readonly message: ChannelMessage; readonly id: bigint }
  | { readonly tag: 'seen'; readonly which: number; readonly height: number | null; readonly kind: number };

const anyPlan: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ tag: fc.constant('said' as const), message: anyMessage, id: smallNumbers }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      tag: fc.constant('command' as const),
      id: fc.constant('any' as CommandId),
      command: anyCommand,
    }),
  },
  fc.constantFrom<Plan>(
    { tag: 'disconnected' },
    { tag: 'idle' },
    {
      tag: 'connected',
      remoteInit: { name: 'init', globalFeatures: new Uint8Array(), features: new Uint8Array(3) },
    },
  ),
  fc.record({ tag: fc.constant('settled' as const), id: smallNumbers }),
  fc.record({
    tag: fc.constant('tick' as const),
    height: fc.integer({ min: 90, max: 300 }).map(blockHeight),
    feerates: fc.constant(CALM),
  }),
  fc.record({
    tag: fc.constant('seen' as const),
    which: fc.nat(20),
    height: fc.option(fc.integer({ min: 90, max: 200 })),
    kind: fc.nat(3),
  }),
);

function eventOf(peers: TwoPeers, side: Side, plan: Plan): ChannelEvent {
  if (plan.tag === 'said') return { tag: 'message', message: naming(peers, plan.message, plan.id) };
  return plan.tag === 'seen' ? chainEvent(peers, side, plan) : plan;
}

/** A watched thing happens, by a transaction of one of the two or by one from nowhere. */
function chainEvent(peers: TwoPeers, side: Side, plan: Plan & { readonly tag: 'seen' }): ChannelEvent {
  const { which, height, kind } = plan;
  const known = [...peers.alice.published, ...peers.bob.published].map(({ tx }) => tx);
  const at = height === null ? null : confirmedAt(height);
  const tipHeight = blockHeight(200);
  const watch = side.watches[which % Math.max(1, side.watches.length)];
  if (watch === undefined || kind === 0)
    return { tag: 'chain', event: { tag: 'reorged', txId: txId('00'.repeat(32)), tipHeight } };
  if (watch.tag === 'confirmed') {
    if (kind === 1) return { tag: 'chain', event: { tag: 'reorged', txId: watch.txId, tipHeight } };
    const tx = known[which % (known.length + 1)] ?? nowhere({ txId: watch.txId, index: 0 });
    return {
      tag: 'chain',
      event: { tag: 'confirmed', txId: watch.txId, tx, at: at ?? confirmedAt(101), tipHeight },
    };
  }
  const tx = known[which % (known.length + 1)] ?? nowhere(watch.outPoint);
  return { tag: 'chain', event: { tag: 'spent', outPoint: watch.outPoint, tx, at, tipHeight } };
}

const nowhere = (outPoint: OutPoint): Tx => ({
  version: 2,
  inputs: [{ outPoint, sequence: 0x80123456, scriptSig: new Uint8Array(), witness: [new Uint8Array(32)] }],
  outputs: [{ amount: sat(1), script: walletScript('bob') }],
  lockTime: 0x20123456,
});

/** The laws of one step, whatever the event was. */
function stepWithLaws(side: Side, event: ChannelEvent): void {
  const before = side.state;
  const { next, commit, after } = transition(before, event, side.env);
  const same = transition(before, event, side.env);
  const usesRandom = event.tag === 'command' || (event.tag === 'message' && before.durable === null);
  if (!usesRandom) expect(isDeepStrictEqual(same, { next, commit, after })).toBe(true);
  if (next.durable === before.durable) expect(commit).toEqual([]);
  for (const effect of after)
    if (effect.tag === 'send') {
      const { message } = effect;
      // What signs or revokes is said of a state that this very step, or an earlier one, has put on disk.
      if (message.name === 'revoke_and_ack')
        expect(
          equalBytes(
            message.perCommitmentSecret,
            side.env.signer.releaseSecret((next.durable?.ledger.localNumber ?? 0) - 1),
          ),
        ).toBe(true);
      if (message.name === 'commitment_signed') expect(next.durable?.ledger.unacked).not.toBeNull();
      if (message.name === 'funding_signed') expect(commit.length).toBeGreaterThan(0);
    }
  if (before.durable?.phase === 'data-loss') expect(after.filter(({ tag }) => tag === 'publish')).toEqual([]);
  if (before.durable !== null) {
    expect(next.durable).not.toBeNull();
    const total = before.durable.ledger.local + before.durable.ledger.remote;
    expect((next.durable?.ledger.local ?? 0n) + (next.durable?.ledger.remote ?? 0n)).toBe(total);
  }
  side.apply(event);
  if (side.state.durable !== null) expect(isDeepStrictEqual(side.load(), side.state.durable)).toBe(true);
}

describe.each(Object.entries(SITUATIONS))('%s', (_, situation) => {
  test.each(['alice', 'bob'] as const)('any event is survived by %s', (name) => {
    fc.assert(
      fc.property(fc.array(anyPlan, { minLength: 1, maxLength: 8 }), (plans) => {
        const peers = situation();
        const side = peers[name];
        for (const plan of plans) stepWithLaws(side, eventOf(peers, side, plan));
      }),
      { numRuns: 5 },
    );
  });
});
