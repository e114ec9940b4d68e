import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { paymentHash } from '../base/ids.ts';
import { blockDelta, blockHeight, msat, timestamp, type Msat } from '../base/units.ts';
import type { ChannelCommand } from '../channel/command.ts';
import { sha256 } from '../crypto/hash.ts';
import { attribute } from '../onion/attribution.ts';
import { blindForPayment, type BlindedTail } from '../onion/blinded-tail.ts';
import { encodeFailure, type Failure } from '../onion/failure.ts';
import { buildFailure } from '../onion/failure-onion.ts';
import { forwardFailure } from '../onion/htlc-check.ts';
import { openHtlc, type Forward, type OnionHtlc } from '../onion/instruction.ts';
import type { PathLesson } from '../routing/teach.ts';
import { payeeOf } from './blinded-way.ts';
import { PaymentBook } from './book.ts';
import type { Outcome } from './outcome.ts';
import {
  commandId,
  envOf,
  HEIGHT,
  NOW,
  payChannel,
  scidOf,
  testNode,
  type TestNode,
} from './fixtures/pay-world.ts';
import type { SendRequest } from './outgoing-machine.ts';

const [us, peer, relay, other, payee] = [1, 2, 3, 4, 5].map(testNode) as [
  TestNode,
  TestNode,
  TestNode,
  TestNode,
  TestNode,
];
const PREIMAGE = new Uint8Array(32).fill(7);
const HASH = paymentHash(toHex(sha256(PREIMAGE)));
const PATH_ID = new Uint8Array(32).fill(6);
const AMOUNT = msat(1_000_000);

const policy = (feeBase: number, feeProportionalMillionths: number) => ({
  feeBase: msat(feeBase),
  feeProportionalMillionths,
  cltvExpiryDelta: blockDelta(40),
  htlcMinimum: msat(1_000),
});
/** From `introduction` over `relay` to the payee, or the payee alone. */
const tail = (introduction: TestNode | null, seed: number, htlcMaximum = 100_000_000): BlindedTail =>
  blindForPayment(
    new Uint8Array(32).fill(seed),
    introduction === null
      ? []
      : [introduction, relay].map(({ id }, i) => ({
          nodeId: fromHex(id),
          scid: scidOf(50 + i),
          policy: policy(1_000 + i, 300),
          htlcMaximum: msat(htlcMaximum),
        })),
    { nodeId: fromHex(payee.id), pathId: PATH_ID, minFinalCltvExpiryDelta: blockDelta(18) },
    blockHeight(HEIGHT + 1_000),
  );

const request = (tails: readonly [BlindedTail, ...BlindedTail[]]): SendRequest => ({
  id: HASH as string as SendRequest['id'],
  paymentHash: HASH,
  kind: 'bolt11',
  amount: AMOUNT,
  maxFee: msat(100_000),
  recipient: {
    nodeId: payeeOf(tails[0]),
    paymentSecret: null,
    paymentMetadata: null,
    routeHints: [],
    // A blinded path's delay counts the payee's own.
    minFinalCltvExpiryDelta: blockDelta(0),
    multiPart: true,
    keysendPreimage: null,
    blindedTails: tails,
  },
  payBefore: timestamp(NOW + 3_600),
  invoice: '',
  description: '',
});

type Add = Extract<ChannelCommand, { tag: 'add-htlc' }>;
class Payer {
  readonly book = new PaymentBook();
  readonly lessons: PathLesson[] = [];
  readonly env = envOf(us, {
    channels: [payChannel(1, peer.id), payChannel(2, other.id), payChannel(3, payee.id)],
    learn: (lessons) => void this.lessons.push(...lessons),
  });
  adds(outcome: Outcome): readonly Add[] {
    return outcome.after.flatMap((effect) =>
      effect.tag === 'command' && effect.command.tag === 'add-htlc' ? [effect.command] : [],
    );
  }
  send(...tails: [BlindedTail, ...BlindedTail[]]): Add {
    const [add] = this.adds(this.book.send(commandId(1), request(tails), this.env));
    if (add === undefined) throw new Error('nothing was sent');
    this.book.added(add.origin, this.env);
    return add;
  }
}

/** What a node that forwards makes of an HTLC, by its own policy. */
function forwarded(
  htlc: OnionHtlc,
  node: TestNode,
  own: ReturnType<typeof policy>,
): OnionHtlc & { read: Forward } {
  const opened = openHtlc(htlc, node.ecdh);
  if (!opened.ok || opened.value.tag !== 'forward') throw new Error('not forwarded');
  const read = opened.value;
  expect(forwardFailure(htlc, read, own, blockHeight(HEIGHT))).toBeNull();
  return {
    amount: read.amount,
    cltvExpiry: read.cltvExpiry,
    paymentHash: htlc.paymentHash,
    onion: read.nextOnion,
    ...(read.nextPathKey === null ? {} : { pathKey: read.nextPathKey }),
    read,
  };
}
const received = (htlc: OnionHtlc) => {
  const opened = openHtlc(htlc, payee.ecdh);
  if (!opened.ok || opened.value.tag !== 'receive') throw new Error('not received');
  return opened.value;
};

describe('paying who does not say who it is', () => {
  it('goes to the introduction node and along the path, each node of which finds what it asked for', () => {
    const payer = new Payer();
    const add = payer.send(tail(peer, 1));
    const atRelay = forwarded(add, peer, policy(1_000, 300));
    const atPayee = forwarded(atRelay, relay, policy(1_001, 300));
    expect(atRelay.read.next).toEqual({ by: 'channel', scid: 50n });
    const arrived = received(atPayee);
    expect(arrived).toMatchObject({ amount: AMOUNT, total: AMOUNT, pathId: PATH_ID, paymentSecret: null });
    expect(atPayee.amount).toBeGreaterThanOrEqual(AMOUNT);
    expect(atPayee.cltvExpiry).toBeGreaterThanOrEqual(arrived.cltvExpiry + 18);
    // Twice 0.03 % and 2 sat, rounded up.
    expect(add.amount - AMOUNT).toBeLessThanOrEqual(2_610n);
    payer.book.settled(add.origin, { tag: 'fulfilled', preimage: PREIMAGE }, payer.env);
    expect(payer.book.entry(add.origin.paymentId, payer.env.now)?.state).toBe('succeeded');
  });

  it('goes straight to a payee that introduces itself', () => {
    const add = new Payer().send(tail(null, 2));
    const arrived = received(add);
    expect(arrived).toMatchObject({
      amount: AMOUNT,
      pathId: PATH_ID,
      blinding: 'introduction',
      isFinal: true,
    });
    expect(add.amount).toBe(AMOUNT);
  });

  it('takes another path when the introduction node refuses, and shuns that one alone', () => {
    const payer = new Payer();
    const add = payer.send(tail(peer, 1), tail(other, 3));
    const { read } = forwarded(add, peer, policy(1_000, 300));
    const failure: Failure = { name: 'invalid_onion_blinding', sha256OfOnion: sha256(add.onion) };
    const reason = buildFailure(read.sharedSecret, encodeFailure(failure));
    const [second] = payer.adds(payer.book.settled(add.origin, { tag: 'failed', reason }, payer.env));
    if (second === undefined) throw new Error('not tried again');
    expect(forwarded(second, other, policy(1_000, 300)).read.next).toEqual({ by: 'channel', scid: 50n });
    const [shunned] = payer.lessons;
    expect(payer.lessons).toHaveLength(1);
    if (shunned?.tag !== 'shun' || typeof shunned.what !== 'bigint')
      throw new Error('shunned something else');
    expect(shunned.what >> 63n).toBe(1n);
  });

  it('believes a payee that introduces itself and says no', () => {
    const payer = new Payer();
    const add = payer.send(tail(null, 2), tail(peer, 1));
    const { sharedSecret } = received(add);
    const failure: Failure = {
      name: 'incorrect_or_unknown_payment_details',
      htlcAmount: AMOUNT,
      height: blockHeight(HEIGHT),
    };
    const reason = buildFailure(sharedSecret, encodeFailure(failure));
    expect(payer.adds(payer.book.settled(add.origin, { tag: 'failed', reason }, payer.env))).toEqual([]);
    expect(payer.book.entry(add.origin.paymentId, payer.env.now)).toMatchObject({ state: 'failed' });
    expect(payer.lessons).toEqual([]);
  });

  it('asks a payee that introduces itself, and cannot now, as often as one that says who it is', () => {
    const payer = new Payer();
    let add: Add | undefined = payer.send(tail(null, 2));
    let asked = 0;
    while (add !== undefined) {
      asked++;
      const failure = encodeFailure({ name: 'temporary_node_failure' });
      const reason = buildFailure(received(add).sharedSecret, failure);
      const outcome = payer.book.settled(add.origin, { tag: 'failed', reason }, payer.env);
      [add] = payer.adds(outcome);
      if (add !== undefined) payer.book.added(add.origin, payer.env);
    }
    expect(asked).toBe(6);
  });

  it('sends no more along a path than it lets through, nor less', () => {
    const payer = new Payer();
    const small = tail(peer, 1, 999_999);
    const wide = tail(other, 3);
    expect(forwarded(payer.send(small, wide), other, policy(1_000, 300)).read.next).toMatchObject({
      scid: 50n,
    });
    const none = new Payer();
    expect(none.adds(none.book.send(commandId(1), request([small]), none.env))).toEqual([]);
  });

  it('learns of our peer alone how long it was held: behind it nobody tells', () => {
    const payer = new Payer();
    const add = payer.send(tail(peer, 1));
    const { read } = forwarded(add, peer, policy(1_000, 300));
    const attributionData = attribute(read.sharedSecret, new Uint8Array(0), 4, null);
    payer.book.settled(add.origin, { tag: 'fulfilled', preimage: PREIMAGE, attributionData }, payer.env);
    expect(payer.book.attempts(add.origin.paymentId)?.[0]?.holdTimes).toEqual([4]);
  });
});

const limit = (amount: number): Msat => msat(amount);
it('amounts are bounded below as well', () => {
  const payer = new Payer();
  const [only] = [tail(peer, 1)];
  const tiny = { ...request([only]), amount: limit(999) };
  expect(payer.adds(payer.book.send(commandId(1), tiny, payer.env))).toEqual([]);
});
