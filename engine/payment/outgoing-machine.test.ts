import { describe, expect, it } from 'vitest';
import { Bug } from '../base/assert.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { paymentHash } from '../base/ids.ts';
import { NETWORKS } from '../base/network.ts';
import { ok } from '../base/result.ts';
import { blockDelta, blockHeight, msat, timestamp } from '../base/units.ts';
import type { HtlcResult } from '../channel/htlc.ts';
import { decode } from '../codec/field.ts';
import { sha256 } from '../crypto/hash.ts';
import { encodeFailure, type Failure } from '../onion/failure.ts';
import { buildFailure, wrapFailure } from '../onion/failure-onion.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph } from '../gossip/graph.ts';
import { openHtlc } from '../onion/instruction.ts';
import { session } from '../onion/session.ts';
import { Scorer } from '../routing/scorer.ts';
import { routeView } from '../routing/view.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { PaymentBook } from './book.ts';
import { findDirectRoutes } from './direct-route.ts';
import type { PaymentEnv } from './env.ts';
import {
  commandId,
  envOf,
  HEIGHT,
  NOW,
  payChannel,
  readInvoice,
  sats,
  scidOf,
  testNode,
} from './fixtures/pay-world.ts';
import { graphRoutes, termsOnMap, type RouteMap } from './graph-routes.ts';
import { committedFee, type OutgoingPayment } from './outgoing.ts';
import {
  newOutgoing,
  outgoingTransition,
  type OutgoingEvent,
  type OutgoingState,
  waysAgain,
} from './outgoing-machine.ts';
import { outgoingRecord } from './outgoing-record.ts';
import { quoteFee } from './plan.ts';
import { newInvoice } from './receive-request.ts';
import { outgoingIdOf, requestOfInvoice, spontaneousRequest } from './send-request.ts';
import type { RouteQuery } from './route.ts';
import type { PaymentEffect } from './step.ts';

const { genesisHash } = NETWORKS.regtest;
const us = testNode(1);
const peer = testNode(2);
const payee = testNode(3);
const PREIMAGE = new Uint8Array(32).fill(7);
const OTHER_HASH = paymentHash('55'.repeat(32));

/** An invoice of `payee`, reached by a hint from `peer`, whose preimage is PREIMAGE. */
function invoiceOf(hinted = true, amount: number | null = 1000) {
  const made = newInvoice(
    { amount: amount === null ? null : sats(amount), description: { tag: 'text', text: 'tea' } },
    {
      ...payee.source,
      routeHints: hinted
        ? [
            [
              {
                nodeId: peer.id,
                scid: scidOf(7),
                feeBase: msat(1000),
                feeProportionalMillionths: 100,
                cltvExpiryDelta: blockDelta(34),
              },
            ],
          ]
        : [],
    },
    { ...envOf(payee), random: () => PREIMAGE },
  );
  if (!made.ok) throw new Error(made.error.code);
  return readInvoice(made.value.invoice);
}
function requestOf(invoice = invoiceOf(), options = {}) {
  const request = requestOfInvoice(invoice, options, envOf(us));
  if (!request.ok) throw new Error(request.error.code);
  return request.value;
}

/** Runs events and keeps what came out; what is on disk must always be what is in memory. */
class Run {
  state: OutgoingState = newOutgoing;
  disk: Uint8Array | null = null;
  effects: readonly PaymentEffect[] = [];
  env: PaymentEnv;
  constructor(env: PaymentEnv) {
    this.env = env;
  }
  on(event: OutgoingEvent): this {
    const step = outgoingTransition(this.state, event, this.env);
    this.state = step.next;
    this.effects = step.after;
    for (const write of step.commit) this.disk = write.op === 'put' ? write.value : null;
    return this;
  }
  send(request = requestOf()): this {
    return this.on({ tag: 'send', id: commandId(1), request });
  }
  /** With what was looked for ahead of it. */
  retry(found = waysAgain(this.state, this.env)): this {
    const { env } = this;
    this.env = found === null ? env : { ...env, found };
    this.on({ tag: 'retry' });
    this.env = env;
    return this;
  }
  settle(attempt: number, result: HtlcResult): this {
    return this.on({ tag: 'settled', attempt, result });
  }
  /** What a restart makes of it. */
  restart(live: Iterable<number>): this {
    const stored = this.disk === null ? null : decode(outgoingRecord, this.disk);
    this.state = { payment: stored?.ok === true ? stored.value : null, replyTo: null };
    return this.on({ tag: 'resumed', live: new Set(live) });
  }
  get payment(): OutgoingPayment {
    const { payment } = this.state;
    if (payment === null) throw new Error('no payment');
    if (this.disk === null) throw new Error('not on disk');
    expect(decode(outgoingRecord, this.disk)).toEqual(ok(payment));
    return payment;
  }
  get adds() {
    return this.effects.flatMap((effect) =>
      effect.tag === 'command' && effect.command.tag === 'add-htlc'
        ? [{ channelId: effect.channelId, ...effect.command }]
        : [],
    );
  }
  get replies() {
    return this.effects.flatMap((effect) => (effect.tag === 'reply' ? [effect.result] : []));
  }
  get notices() {
    return this.effects.flatMap((effect) => (effect.tag === 'notify' ? [effect.notice] : []));
  }
  /** `failure` of hop `hop` of an attempt, as our peer hands it over. */
  failedBy(hop: number, failure: Failure, attempt = 0): HtlcResult {
    const { sessionKey, hops } = this.payment.attempts.find(({ number }) => number === attempt) ?? {
      hops: [],
    };
    if (sessionKey === undefined) throw new Error('no attempt');
    const secrets = session(
      sessionKey,
      hops.map(({ nodeId }) => fromHex(nodeId)),
    ).hops.map((one) => one.sharedSecret);
    let reason = buildFailure(secrets[hop] ?? new Uint8Array(), encodeFailure(failure));
    for (let i = hop - 1; i >= 0; i--) reason = wrapFailure(secrets[i] ?? new Uint8Array(), reason);
    return { tag: 'failed', reason };
  }
}

const one = payChannel(1, peer.id);
const two = payChannel(2, peer.id, { sendable: msat(500_000_000) });
const run = (change: Parameters<typeof envOf>[1] = {}) => new Run(envOf(us, { channels: [one], ...change }));
const fulfilled: HtlcResult = { tag: 'fulfilled', preimage: PREIMAGE };
const rejected: Failure = {
  name: 'incorrect_or_unknown_payment_details',
  htlcAmount: sats(1000),
  height: blockHeight(HEIGHT),
};

describe('outgoing -- send', () => {
  it('offers one HTLC with fee and expiry of the hint, and an onion that payee and peer can read', () => {
    const sent = run().send();
    const [add] = sent.adds;
    if (add === undefined) throw new Error('nothing sent');
    expect(add).toMatchObject({
      channelId: one.channelId,
      amount: 1_001_100n,
      cltvExpiry: HEIGHT + 40 + 3 + 34,
      origin: { paymentId: sent.payment.id, attempt: 0 },
    });
    const atPeer = openHtlc(add, peer.ecdh);
    if (!atPeer.ok || atPeer.value.tag !== 'forward') throw new Error('peer cannot read it');
    expect(atPeer.value).toMatchObject({ amount: 1_000_000n, cltvExpiry: HEIGHT + 43, next: { scid: 7n } });
    const atPayee = openHtlc(
      {
        ...add,
        amount: atPeer.value.amount,
        cltvExpiry: atPeer.value.cltvExpiry,
        onion: atPeer.value.nextOnion,
      },
      payee.ecdh,
    );
    expect(atPayee).toMatchObject({
      value: {
        tag: 'receive',
        amount: 1_000_000n,
        total: 1_000_000n,
        paymentSecret: invoiceOf().paymentSecret,
      },
    });
    expect(sent.payment.status.tag).toBe('pending');
    expect(sent.replies).toEqual([]);
  });

  it('answers once the channel took it', () => {
    const sent = run().send().on({ tag: 'added', attempt: 0 });
    expect(sent.replies).toEqual([ok({ paymentId: sent.payment.id })]);
    expect(sent.on({ tag: 'added', attempt: 0 }).effects).toEqual([]);
  });

  it('pays a peer directly, without fee', () => {
    const sent = run({ channels: [payChannel(5, payee.id)] }).send(requestOf(invoiceOf(false)));
    expect(sent.adds).toMatchObject([{ amount: 1_000_000n, cltvExpiry: HEIGHT + 43 }]);
  });

  it('sends its preimage along when there is no invoice', () => {
    const request = spontaneousRequest(payee.id, sats(5), PREIMAGE, {}, envOf(us));
    if (!request.ok) throw new Error(request.error.code);
    const [add] = run({ channels: [payChannel(5, payee.id)] }).send(request.value).adds;
    if (add === undefined) throw new Error('nothing sent');
    expect(openHtlc(add, payee.ecdh)).toMatchObject({
      value: { keysendPreimage: PREIMAGE, paymentSecret: null },
    });
    expect(add.paymentHash).toBe(toHex(sha256(PREIMAGE)));
  });

  it.each([
    ['no channel at all', { channels: [] }, { code: 'no-path', reason: 'no-channel' }],
    [
      'no channel that leads there',
      { channels: [payChannel(9, us.id)] },
      { code: 'no-path', reason: 'no-route' },
    ],
    [
      'the peer is offline',
      { channels: [{ ...one, isUsable: false }] },
      { code: 'no-path', reason: 'peer-offline' },
    ],
    [
      'too little',
      { channels: [{ ...one, sendable: msat(1_001_099) }] },
      { code: 'insufficient-balance', sendable: 999_999n },
    ],
    [
      'below the channel’s minimum',
      { channels: [{ ...one, remoteHtlcMinimum: sats(2000) }] },
      { code: 'amount-too-small', minimum: 2_000_000n },
    ],
  ] as const)('refuses with %s, and keeps nothing', (_, change, error) => {
    const refused = run(change).send();
    expect(refused.replies).toEqual([{ ok: false, error }]);
    expect(refused.adds).toEqual([]);
    expect(refused.disk).toBeNull();
  });

  it('refuses a fee above the limit', () => {
    const refused = run().send(requestOf(invoiceOf(), { maxFee: msat(1099) }));
    expect(refused.replies).toEqual([
      { ok: false, error: { code: 'fee-above-limit', fee: 1100n, limit: 1099n } },
    ]);
    expect(run().send(requestOf(invoiceOf(), { maxFee: msat(1100) })).adds.length).toBe(1);
  });

  it('tells the fee beforehand', () => {
    expect(quoteFee(requestOf(), envOf(us, { channels: [one] }))).toEqual(ok(1100n));
    expect(quoteFee(requestOf(), envOf(us))).toMatchObject({
      error: { code: 'no-path', reason: 'no-channel' },
    });
  });

  it('refuses an expiry that holds money too long', () => {
    const absurd = {
      ...requestOf(),
      recipient: { ...requestOf().recipient, minFinalCltvExpiryDelta: blockDelta(0xffff_ffff) },
    };
    expect(run().send(absurd).replies).toEqual([
      { ok: false, error: { code: 'no-path', reason: 'no-route' } },
    ]);
  });

  it('refuses metadata that fits in no onion', () => {
    const large = {
      ...requestOf(),
      recipient: { ...requestOf().recipient, paymentMetadata: new Uint8Array(1300) },
    };
    expect(run().send(large).replies).toEqual([
      { ok: false, error: { code: 'no-path', reason: 'no-route' } },
    ]);
  });
});

it('an invoice that expired while its payment waited in line is not paid, and nothing is kept', () => {
  const at = (now: number) => run({ now }).send({ ...requestOf(), payBefore: timestamp(NOW + 30) });
  expect(at(NOW + 30).adds).toHaveLength(1);
  const late = at(NOW + 31);
  expect(late.adds).toEqual([]);
  expect(late.replies).toEqual([
    { ok: false, error: { code: 'invoice-expired', expiredAt: timestamp(NOW + 30) } },
  ]);
  expect(late.state).toEqual(newOutgoing);
});

describe('outgoing -- a channel refuses', () => {
  const full = { tag: 'refused', refusal: { code: 'too-many-htlcs', maximum: 483 } } as const;

  it('tries the next channel in the same turn', () => {
    const sent = run({ channels: [two, one] }).send();
    expect(sent.adds).toMatchObject([{ channelId: one.channelId }]);
    sent.on({ ...full, attempt: 0 });
    expect(sent.adds).toMatchObject([{ channelId: two.channelId, origin: { attempt: 1 } }]);
    expect(sent.replies).toEqual([]);
  });

  it('refuses the payment when none takes it, and leaves no trace', () => {
    const sent = run()
      .send()
      .on({ ...full, attempt: 0 });
    expect(sent.replies).toEqual([{ ok: false, error: { code: 'no-path', reason: 'channels-full' } }]);
    expect(sent.state).toEqual(newOutgoing);
    expect(sent.disk).toBeNull();
    const poor = run()
      .send()
      .on({ tag: 'refused', attempt: 0, refusal: { code: 'dust-exposure', maximum: msat(1) } });
    expect(poor.replies).toMatchObject([{ error: { code: 'no-path', reason: 'liquidity' } }]);
    const offline = run()
      .send()
      .on({ tag: 'refused', attempt: 0, refusal: { code: 'peer-not-connected' } });
    expect(offline.replies).toMatchObject([{ error: { code: 'no-path', reason: 'peer-offline' } }]);
  });

  it('hears the same refusal twice', () => {
    const sent = run({ channels: [two, one] })
      .send()
      .on({ ...full, attempt: 0 })
      .on({ ...full, attempt: 0 });
    expect(sent.effects).toEqual([]);
  });
});

describe('outgoing -- the next way is looked for later', () => {
  const lost: HtlcResult = { tag: 'abandoned', cause: 'not-sent' };
  const later = () =>
    run({ channels: [one, two], searchesLater: true })
      .send()
      .on({ tag: 'added', attempt: 0 })
      .settle(0, lost);

  it('keeps what was refused, and goes on when it is told to, once', () => {
    const sent = later();
    const paymentId = sent.payment.id;
    expect(sent.effects).toEqual([{ tag: 'retry', paymentId }]);
    expect(sent.payment).toMatchObject({
      status: { tag: 'pending' },
      attempts: [{ outcome: { tag: 'failed' } }],
    });
    sent.retry();
    expect(sent.adds).toMatchObject([{ channelId: two.channelId, origin: { attempt: 1 } }]);
    expect(sent.retry().effects).toEqual([]);
    expect(sent.settle(1, fulfilled).payment.status.tag).toBe('succeeded');
    expect(sent.retry().effects).toEqual([]);
  });

  it('takes no way in a turn that has none, or one for another rest: it asks for them again, and sends nothing', () => {
    const sent = later();
    const again = [{ tag: 'retry', paymentId: sent.payment.id }];
    expect(sent.on({ tag: 'retry' }).effects).toEqual(again);
    const found = waysAgain(sent.state, sent.env);
    if (found === null) throw new Error('nothing is left to be sent');
    expect(sent.retry({ ...found, amount: msat(found.amount - 1n) }).effects).toEqual(again);
    expect(sent.retry({ ...found, maxFee: msat(found.maxFee + 1n) }).effects).toEqual(again);
    expect(sent.payment.attempts).toHaveLength(1);
    expect(sent.retry(found).adds).toMatchObject([{ channelId: two.channelId }]);
    expect(sent.retry(found).effects).toEqual([]);
  });

  it('goes on after a restart in between', () => {
    const sent = later().restart([]);
    expect(sent.effects).toEqual([{ tag: 'retry', paymentId: sent.payment.id }]);
    expect(sent.retry().adds).toMatchObject([{ channelId: two.channelId }]);
  });

  it('ends where nothing is left to be tried, or no time', () => {
    const sent = later().retry().settle(1, lost);
    expect(sent.payment.status.tag).toBe('pending');
    expect(sent.retry().notices).toMatchObject([{ tag: 'failed', failure: { code: 'peer-offline' } }]);
    const late = later();
    late.env = envOf(us, { channels: [one, two], searchesLater: true, now: NOW + 61 });
    expect(late.retry().payment.status.tag).toBe('failed');
  });

  it('answers whoever waits when no channel takes it', () => {
    const refusal = { code: 'too-many-htlcs', maximum: 483 } as const;
    const sent = run({ searchesLater: true }).send().on({ tag: 'refused', attempt: 0, refusal });
    expect(sent.replies).toEqual([]);
    expect(sent.retry().replies).toEqual([
      { ok: false, error: { code: 'no-path', reason: 'channels-full' } },
    ]);
    expect(sent.disk).toBeNull();
  });
});

describe('outgoing -- settled', () => {
  it('counts as taken even if the channel never said so', () => {
    const sent = run().send().settle(0, { tag: 'abandoned', cause: 'not-sent' });
    expect(sent.replies).toEqual([ok({ paymentId: sent.payment.id })]);
    expect(sent.payment.status.tag).toBe('failed');
  });

  it('succeeds with preimage and fee, once', () => {
    const sent = run().send().on({ tag: 'added', attempt: 0 }).settle(0, fulfilled);
    expect(sent.payment.status).toEqual({ tag: 'succeeded', preimage: PREIMAGE, at: NOW });
    expect(sent.notices).toEqual([
      { tag: 'sent', paymentId: sent.payment.id, amount: 1_000_000n, fee: 1100n, preimage: PREIMAGE },
    ]);
    expect(sent.settle(0, fulfilled).effects).toEqual([]);
    expect(sent.settle(0, { tag: 'failed', reason: new Uint8Array(292) }).effects).toEqual([]);
    expect(sent.payment.status.tag).toBe('succeeded');
  });

  it('is a bug when the preimage is another', () => {
    expect(() =>
      run()
        .send()
        .settle(0, { tag: 'fulfilled', preimage: new Uint8Array(32) }),
    ).toThrow(Bug);
  });

  it.each<[string, number, Failure, string]>([
    ['the payee does not know it', 1, rejected, 'unknown-to-recipient'],
    ['the payee refuses for good', 1, { name: 'permanent_node_failure' }, 'recipient-rejected'],
    ['the next node is offline', 0, { name: 'unknown_next_peer' }, 'peer-offline'],
    [
      'the next channel has no room',
      0,
      { name: 'temporary_channel_failure', channelUpdate: new Uint8Array() },
      'temporary',
    ],
    ['the peer fails as a whole', 0, { name: 'temporary_node_failure' }, 'temporary'],
    ['a code is unknown', 0, { name: 'unknown', code: 0x1fff, data: new Uint8Array() }, 'temporary'],
  ])('fails when %s', (_, hop, failure, code) => {
    const sent = run().send().on({ tag: 'added', attempt: 0 });
    sent.settle(0, sent.failedBy(hop, failure));
    expect(sent.payment.status).toMatchObject({ tag: 'failed', failure: { code, hop } });
    expect(sent.notices).toMatchObject([{ tag: 'failed', failure: { code } }]);
    expect(sent.adds).toEqual([]);
  });

  it.each<[string, HtlcResult, string]>([
    ['nobody signed the error', { tag: 'failed', reason: new Uint8Array(292) }, 'unreadable-error'],
    [
      'the peer could not read the onion',
      { tag: 'malformed', failureCode: 0xc005, onionHash: new Uint8Array(32) },
      'unreadable-error',
    ],
    ['the connection was lost', { tag: 'abandoned', cause: 'not-sent' }, 'peer-offline'],
    ['it was taken back on chain', { tag: 'abandoned', cause: 'timed-out-on-chain' }, 'timed-out'],
    ['the channel was closed', { tag: 'abandoned', cause: 'channel-closed' }, 'timed-out'],
  ])('goes over another channel when %s, and fails when there is none', (_, result, code) => {
    const sent = run({ channels: [one, two] })
      .send()
      .on({ tag: 'added', attempt: 0 })
      .settle(0, result);
    expect(sent.adds).toMatchObject([{ channelId: two.channelId, origin: { attempt: 1 } }]);
    expect(sent.payment.status.tag).toBe('pending');
    sent.settle(1, result);
    expect(sent.payment.status).toMatchObject({ tag: 'failed', failure: { code } });
  });

  it('does not go on after the payee’s no', () => {
    const sent = run({ channels: [one, two] }).send();
    sent.settle(0, sent.failedBy(1, rejected));
    expect(sent.adds).toEqual([]);
    expect(sent.payment.status.tag).toBe('failed');
  });

  it('tries again with a new expiry when blocks came faster than the payment', () => {
    const sent = run().send();
    sent.env = envOf(us, { channels: [one], height: HEIGHT + 4 });
    sent.settle(0, sent.failedBy(1, { ...rejected, height: blockHeight(HEIGHT + 4) }));
    expect(sent.adds).toMatchObject([{ cltvExpiry: HEIGHT + 4 + 43 + 34 }]);
  });

  it('takes another way around a node that changed the HTLC', () => {
    const other = testNode(4);
    const hop = {
      scid: scidOf(8),
      feeBase: msat(2000),
      feeProportionalMillionths: 0,
      cltvExpiryDelta: blockDelta(10),
    };
    const invoice = invoiceOf();
    const request = requestOf({
      ...invoice,
      routeHints: [...invoice.routeHints, [{ nodeId: other.id, ...hop }]],
    });
    const sent = run({ channels: [one, payChannel(4, other.id)] }).send(request);
    sent.settle(0, sent.failedBy(1, { name: 'final_incorrect_htlc_amount', incomingHtlcAmount: msat(1) }));
    expect(sent.adds).toMatchObject([{ channelId: payChannel(4, other.id).channelId, amount: 1_002_000n }]);
  });

  it('teaches, before it looks for the next way', () => {
    const order: string[] = [];
    const learn: PaymentEnv['learn'] = (lessons) =>
      order.push(...lessons.map((lesson) => (lesson.tag === 'channel' ? lesson.outcome : lesson.tag)));
    const findRoutes: PaymentEnv['findRoutes'] = (query) => {
      order.push(`look ${query.avoid.amounts.length}`);
      return findDirectRoutes(query);
    };
    const sent = run({ channels: [one, two], learn, findRoutes }).send();
    sent.settle(0, sent.failedBy(0, { name: 'temporary_channel_failure', channelUpdate: new Uint8Array() }));
    expect(order).toEqual(['look 0', 'refused', 'look 1']);
    // There is but this hint.
    expect(sent.payment.status.tag).toBe('failed');
    expect(run({ learn }).send().settle(0, fulfilled).settle(0, fulfilled).payment.status.tag).toBe(
      'succeeded',
    );
    expect(order.slice(3)).toEqual(['kept']);
  });

  /** The channel that `invoiceOf` hints at. */
  const mapAt = (feeBase: number): RouteMap => {
    const channel = { scid: 7n, nodeA: peer.id, nodeB: payee.id, capacity: 10_000_000n };
    const terms = {
      cltvDelta: 34,
      feeProportionalMillionths: 0,
      htlcMinimum: 1n,
      htlcMaximum: 9_000_000_000n,
    };
    const told = { version: 2, chainHash: genesisHash, at: NOW, channels: [channel] } as const;
    const policies = ([0, 1] as const).map((direction) => ({ scid: 7n, direction, feeBase, ...terms }));
    const graph = applySnapshot(emptyGraph(genesisHash), writeSnapshot({ ...told, policies }));
    if (!graph.ok) throw new Error(graph.error.code);
    return { view: routeView(graph.value), scorer: new Scorer() };
  };

  it.each([
    [2_000, 'pending'],
    [1_999, 'failed'],
  ] as const)(
    'tries a channel again whose fee rose, by what the map has meanwhile: at most %s msat',
    (most, tag) => {
      let map = mapAt(1_000);
      const sent = run({ findRoutes: (query) => graphRoutes(map, () => timestamp(NOW))(query) });
      sent.env = { ...sent.env, termsNow: (...channel) => termsOnMap(map)(...channel) };
      sent.send({ ...requestOf(invoiceOf(false)), maxFee: msat(most) });
      expect(sent.adds).toMatchObject([{ amount: 1_001_000n }]);
      map = mapAt(2_000);
      // LDK sends none with it.
      const silent = { htlcAmount: sats(1_000), channelUpdate: new Uint8Array() };
      sent.settle(0, sent.failedBy(0, { name: 'fee_insufficient', ...silent }));
      expect(sent.payment.status.tag).toBe(tag);
      expect(sent.adds.map(({ amount }) => amount)).toEqual(tag === 'pending' ? [1_002_000n] : []);
    },
  );

  it('tries a channel again of which a hint said too little, by what the map has', () => {
    const map = mapAt(2_000);
    const sent = run({ findRoutes: graphRoutes(map, () => timestamp(NOW)) });
    sent.env = { ...sent.env, termsNow: termsOnMap(map) };
    sent.send();
    expect(sent.adds).toMatchObject([{ amount: 1_001_100n }]);
    const silent = { htlcAmount: sats(1_000), channelUpdate: new Uint8Array() };
    const failure = { name: 'fee_insufficient', ...silent } as const;
    sent.settle(0, sent.failedBy(0, failure));
    expect(sent.adds).toMatchObject([{ amount: 1_002_000n }]);
    // Who wants more than that is not asked again.
    sent.settle(1, sent.failedBy(0, failure, 1));
    expect(sent.payment.status.tag).toBe('failed');
    expect(sent.payment.attempts).toHaveLength(2);
  });

  it('counts what is under way, of this payment and of others, as used', () => {
    const asked: ReturnType<RouteQuery['inFlight']>[] = [];
    const findRoutes: PaymentEnv['findRoutes'] = (query) => {
      asked.push(query.inFlight());
      return findDirectRoutes(query);
    };
    const book = new PaymentBook();
    const env = envOf(us, { channels: [one], findRoutes });
    book.send(commandId(1), requestOf(), env);
    const other = requestOf(invoiceOf(true, 2_000));
    book.send(commandId(2), { ...other, id: outgoingIdOf(OTHER_HASH), paymentHash: OTHER_HASH }, env);
    expect(asked).toEqual([[], [{ scid: 7n, from: peer.id, amountMsat: 1_000_000n }]]);
  });

  it('gives up after so many attempts', () => {
    const sent = run().send();
    for (let attempt = 0; attempt < 6; attempt++)
      sent.settle(attempt, sent.failedBy(1, { name: 'mpp_timeout' }, attempt));
    expect(sent.payment.attempts.length).toBe(6);
    expect(sent.payment.status).toMatchObject({ tag: 'failed', failure: { code: 'timed-out' } });
  });

  it.each([
    ['a minute has gone', NOW + 60, {}],
    ['the invoice has expired', NOW + 30, { payBefore: timestamp(NOW + 30) }],
  ])('does not try again when %s', (_, now, change) => {
    const sent = run().send({ ...requestOf(), ...change });
    sent.env = envOf(us, { channels: [one, two], now: now - 1 });
    sent.settle(0, { tag: 'abandoned', cause: 'not-sent' });
    expect(sent.adds.length).toBe(1);
    sent.env = envOf(us, { channels: [one, two, payChannel(3, peer.id)], now });
    sent.settle(1, { tag: 'abandoned', cause: 'not-sent' });
    expect(sent.adds).toEqual([]);
    expect(sent.payment.status).toMatchObject({ tag: 'failed', failure: { code: 'peer-offline' } });
  });

  it('believes a late preimage', () => {
    const sent = run().send().settle(0, { tag: 'abandoned', cause: 'not-sent' });
    expect(sent.payment.status.tag).toBe('failed');
    sent.settle(0, fulfilled);
    expect(sent.payment.status.tag).toBe('succeeded');
    expect(sent.notices).toMatchObject([{ tag: 'sent' }]);
  });
});

describe('outgoing -- never twice', () => {
  it('refuses a second send while it is pending and when it is paid', () => {
    const sent = run().send();
    expect(sent.send().replies).toEqual([
      { ok: false, error: { code: 'duplicate-payment', state: 'pending' } },
    ]);
    sent.settle(0, fulfilled);
    expect(sent.send().replies).toEqual([
      { ok: false, error: { code: 'duplicate-payment', state: 'succeeded' } },
    ]);
    expect(sent.adds).toEqual([]);
  });

  it('begins a failed payment again, with origins of its own', () => {
    const sent = run().send();
    sent.settle(0, sent.failedBy(1, rejected));
    sent.send();
    expect(sent.adds).toMatchObject([{ origin: { attempt: 1 } }]);
    expect(sent.payment.status.tag).toBe('pending');
    // The old end is told again: it is not this attempt's.
    expect(sent.settle(0, { tag: 'failed', reason: new Uint8Array(292) }).effects).toEqual([]);
    expect(sent.payment.status.tag).toBe('pending');
  });

  it('keeps the record of a failed payment when it cannot begin again', () => {
    const sent = run().send();
    sent.settle(0, sent.failedBy(1, rejected));
    sent.send().on({ tag: 'refused', attempt: 1, refusal: { code: 'peer-not-connected' } });
    expect(sent.replies).toMatchObject([{ error: { code: 'no-path', reason: 'peer-offline' } }]);
    expect(sent.payment.status.tag).toBe('failed');
    sent.env = envOf(us, { channels: [] });
    expect(sent.send().replies).toMatchObject([{ error: { code: 'no-path', reason: 'no-channel' } }]);
    expect(sent.payment.status.tag).toBe('failed');
  });
});

describe('outgoing -- restart', () => {
  it('waits for what a channel still has', () => {
    const sent = run().send().restart([0]);
    expect(sent.effects).toEqual([]);
    expect(sent.settle(0, fulfilled).payment.status.tag).toBe('succeeded');
  });

  it('knows that what no channel has was never sent', () => {
    const sent = run({ channels: [{ ...one, isUsable: false }] });
    sent.env = envOf(us, { channels: [one] });
    sent.send();
    sent.env = envOf(us, { channels: [{ ...one, isUsable: false }] });
    sent.restart([]);
    expect(sent.payment.status).toMatchObject({ tag: 'failed', failure: { code: 'peer-offline' } });
    expect(sent.notices.length).toBe(1);
  });

  it('reads failures of attempts from before', () => {
    const sent = run().send().restart([0]);
    sent.settle(0, sent.failedBy(1, rejected));
    expect(sent.payment.status).toMatchObject({ failure: { code: 'unknown-to-recipient', hop: 1 } });
  });

  it('changes nothing of what is done', () => {
    const sent = run().send().settle(0, fulfilled).restart([]);
    expect(sent.effects).toEqual([]);
    expect(sent.payment.status.tag).toBe('succeeded');
  });
});

describe('outgoing -- several parts', () => {
  const halves: PaymentEnv['findRoutes'] = (query) => {
    const hop = (amount: bigint) =>
      [{ nodeId: query.payee, scid: null, amount: msat(amount), cltvExpiry: query.finalCltvExpiry }] as const;
    const open = query.channels.filter(({ channelId }) => !query.avoid.channels.has(channelId));
    const half = query.amount / 2n;
    const [a, b] = open;
    if (a === undefined) return { ok: false, error: { code: 'no-path', reason: 'no-route' } };
    if (b === undefined || query.amount < 600_000n)
      return ok([{ channelId: a.channelId, hops: hop(query.amount) }]);
    return ok([
      { channelId: a.channelId, hops: hop(half) },
      { channelId: b.channelId, hops: hop(query.amount - half) },
    ]);
  };
  const split = () => run({ channels: [one, two], findRoutes: halves }).send();

  it('adds up to the amount, with one total', () => {
    const { adds } = split();
    expect(adds.map(({ amount }) => amount)).toEqual([500_000n, 500_000n]);
    for (const add of adds) expect(openHtlc(add, payee.ecdh)).toMatchObject({ value: { total: 1_000_000n } });
  });

  it('sends again only what came back', () => {
    const sent = split().settle(1, { tag: 'abandoned', cause: 'not-sent' });
    expect(sent.adds).toMatchObject([{ amount: 500_000n, channelId: one.channelId, origin: { attempt: 2 } }]);
  });

  it('waits for the other parts before it has failed', () => {
    const sent = split();
    sent.settle(0, sent.failedBy(0, rejected));
    expect(sent.payment.status.tag).toBe('pending');
    expect(sent.adds).toEqual([]);
    sent.settle(1, sent.failedBy(0, rejected, 1));
    expect(sent.payment.status).toMatchObject({ tag: 'failed', failure: { code: 'unknown-to-recipient' } });
  });

  it('has succeeded with the first preimage', () => {
    const sent = split().settle(0, fulfilled);
    expect(sent.payment.status.tag).toBe('succeeded');
    sent.settle(1, fulfilled);
    expect(sent.effects).toEqual([]);
    expect(committedFee(sent.payment)).toBe(0n);
    expect(sent.payment.attempts.map(({ outcome }) => outcome.tag)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('is a bug when routes carry another amount', () => {
    const wrong: PaymentEnv['findRoutes'] = (query) => {
      const routes = halves(query);
      return routes.ok ? ok(routes.value.slice(0, 1)) : routes;
    };
    expect(() => run({ channels: [one, two], findRoutes: wrong }).send()).toThrow(Bug);
  });
});
