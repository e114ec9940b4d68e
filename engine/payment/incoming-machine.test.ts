import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { paymentHash, type PaymentHash } from '../base/ids.ts';
import { ok } from '../base/result.ts';
import { blockHeight, msat, seconds } from '../base/units.ts';
import type { ChannelCommand } from '../channel/command.ts';
import type { Collectable } from '../channel/collectable.ts';
import type { IncomingHtlc, MustFail } from '../channel/htlc.ts';
import { decode } from '../codec/field.ts';
import { sha256 } from '../crypto/hash.ts';
import { ATTRIBUTION_LENGTH, readAttribution } from '../onion/attribution.ts';
import { decodeFailure, FAILURE_CODES } from '../onion/failure.ts';
import { failureLayers, openFailure } from '../onion/failure-onion.ts';
import type { Receive } from '../onion/instruction.ts';
import { DEFAULT_PAYMENT_CONFIG, type PaymentEnv } from './env.ts';
import { commandId, envOf, HEIGHT, NOW, sats, testChannelId, testNode, zeros } from './fixtures/pay-world.ts';
import type { IncomingPayment } from './incoming.ts';
import { incomingTransition, type IncomingEvent, type IncomingState } from './incoming-machine.ts';
import { incomingRecord } from './incoming-record.ts';
import { incomingEntry } from './ledger.ts';
import { newInvoice, spontaneousPayment } from './receive-request.ts';
import type { PaymentEffect } from './step.ts';

const us = testNode(1);
const HOLD_PREIMAGE = new Uint8Array(32).fill(9);
const HOLD_HASH = paymentHash(toHex(sha256(HOLD_PREIMAGE)));
const CLTV = HEIGHT + 40;

function invoice(
  change: { amount?: number | null; hash?: PaymentHash; expiry?: number } = {},
): IncomingPayment {
  const made = newInvoice(
    {
      amount: change.amount === null ? null : sats(change.amount ?? 1000),
      description: { tag: 'text', text: 'tea' },
      ...(change.hash === undefined ? {} : { paymentHash: change.hash }),
      ...(change.expiry === undefined ? {} : { expiry: seconds(change.expiry) }),
    },
    us.source,
    envOf(us),
  );
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

type Part = Partial<{
  channel: number;
  id: number;
  amount: number;
  intended: number;
  total: number;
  cltv: number;
  said: number;
  mustFail: MustFail;
}> & {
  secret?: Uint8Array | null;
  metadata?: Uint8Array;
  keysend?: Uint8Array;
  blinding?: Receive['blinding'];
};

/** Runs events and keeps what came out; what is on disk must always be what is in memory. */
class Run {
  state: IncomingState;
  env: PaymentEnv = envOf(us);
  disk: Uint8Array | null = null;
  effects: readonly PaymentEffect[] = [];
  constructor(payment: IncomingPayment) {
    this.state = { payment, set: null };
  }
  on(event: IncomingEvent): this {
    const step = incomingTransition(this.state, event, this.env);
    this.state = step.next;
    this.effects = step.after;
    for (const write of step.commit) this.disk = write.op === 'put' ? write.value : null;
    if (this.disk !== null) expect(decode(incomingRecord, this.disk)).toEqual(ok(this.state.payment));
    return this;
  }
  offer(part: Part = {}): this {
    const amount = sats(part.amount ?? 1000);
    const htlc: IncomingHtlc = {
      channelId: testChannelId(part.channel ?? 1),
      id: BigInt(part.id ?? 0),
      amount,
      paymentHash: this.state.payment.paymentHash,
      cltvExpiry: blockHeight(part.cltv ?? CLTV),
      onion: new Uint8Array(1366),
      ...(part.mustFail === undefined ? {} : { mustFail: part.mustFail }),
    };
    const receive: Receive = {
      tag: 'receive',
      onion: htlc.onion,
      sharedSecret: secretOf(htlc.id),
      blinding: part.blinding ?? 'none',
      isFinal: true,
      amount: part.intended === undefined ? amount : sats(part.intended),
      total: sats(part.total ?? 1000),
      cltvExpiry: blockHeight(part.said ?? part.cltv ?? CLTV),
      paymentSecret: part.secret === undefined ? this.state.payment.paymentSecret : part.secret,
      paymentMetadata: part.metadata ?? null,
      keysendPreimage: part.keysend ?? null,
      pathId: null,
      custom: [],
    };
    return this.on({ tag: 'offered', htlc, receive });
  }
  at(change: Parameters<typeof envOf>[1]): this {
    this.env = envOf(us, change);
    return this;
  }
  tick(change: Parameters<typeof envOf>[1]): this {
    return this.at(change).on({ tag: 'tick' });
  }
  claim(preimage = HOLD_PREIMAGE): this {
    return this.on({ tag: 'claim', id: commandId(1), preimage });
  }
  /** Memory is lost; what was on disk comes back. */
  restart(): this {
    this.state = { ...this.state, set: null };
    return this;
  }
  get commands(): readonly ChannelCommand[] {
    return this.effects.flatMap((effect) => (effect.tag === 'command' ? [effect.command] : []));
  }
  /** What each command does to its HTLC, in words. */
  get answers(): readonly string[] {
    return this.commands.map((command) => {
      if (command.tag === 'fulfill-htlc') return `${command.id} fulfilled`;
      if (command.tag !== 'fail-htlc') return command.tag;
      const opened = openFailure([secretOf(command.id)], command.reason);
      return `${command.id} ${decodeFailure(opened?.message ?? new Uint8Array()).name}`;
    });
  }
  get notices() {
    return this.effects.flatMap((effect) => (effect.tag === 'notify' ? [effect.notice] : []));
  }
  get replies() {
    return this.effects.flatMap((effect) => (effect.tag === 'reply' ? [effect.result] : []));
  }
  get status() {
    return this.state.payment.status;
  }
}
const secretOf = (id: bigint) => new Uint8Array(32).fill(Number(id) + 1);
const unknown = '0 incorrect_or_unknown_payment_details';

describe('incoming -- one HTLC', () => {
  it('is fulfilled and recorded in one step', () => {
    const payment = invoice();
    const paid = new Run(payment).offer();
    expect(paid.commands).toMatchObject([{ tag: 'fulfill-htlc', id: 0n, preimage: payment.preimage }]);
    expect(paid.status).toEqual({
      tag: 'received',
      preimage: payment.preimage,
      amount: 1_000_000n,
      at: NOW,
      parts: [{ channelId: testChannelId(1), id: 0n, amount: 1_000_000n }],
    });
    expect(paid.notices).toEqual([{ tag: 'received', paymentId: payment.id, amount: 1_000_000n }]);
    expect(paid.disk).not.toBeNull();
  });

  it('is fulfilled again when it is offered again, and tells nobody', () => {
    const paid = new Run(invoice()).offer().restart().offer();
    expect(paid.answers).toEqual(['0 fulfilled']);
    expect(paid.notices).toEqual([]);
  });

  it('is fulfilled when it was received, whatever fees have done since', () => {
    const paid = new Run(invoice()).offer().restart().offer({ mustFail: 'dust-exposure' });
    expect(paid.answers).toEqual(['0 fulfilled']);
  });

  it('is given back when it may not be held, and may be tried again', () => {
    const run = new Run(invoice()).offer({ mustFail: 'dust-exposure' });
    expect(run.answers).toEqual(['0 temporary_node_failure']);
    expect(run.offer({ id: 1 }).answers).toEqual(['1 fulfilled']);
  });

  it('is given back when the invoice is paid already', () => {
    expect(new Run(invoice()).offer().offer({ id: 1 }).answers).toEqual([
      '1 incorrect_or_unknown_payment_details',
    ]);
  });

  it.each<[string, Part, string]>([
    ['the payment secret is another', { secret: new Uint8Array(32) }, unknown],
    ['there is no payment secret', { secret: null }, unknown],
    ['it pays too little', { amount: 999, total: 999 }, unknown],
    ['it pays more than twice', { amount: 2001, total: 2001 }, unknown],
    ['it brings less than the onion says', { amount: 999, intended: 1000 }, '0 final_incorrect_htlc_amount'],
    ['it expires before the onion says', { said: CLTV + 1 }, '0 final_incorrect_cltv_expiry'],
    ['it expires too soon', { cltv: HEIGHT + 36 }, unknown],
  ])('is given back when %s', (_, part, answer) => {
    const offered = new Run(invoice()).offer(part);
    expect(offered.answers).toEqual([answer]);
    expect(offered.status.tag).toBe('open');
    expect(offered.state.set).toBeNull();
  });

  it('is accepted up to twice the amount, and with three blocks less than asked', () => {
    expect(new Run(invoice()).offer({ amount: 2000, total: 2000 }).status).toMatchObject({
      amount: 2_000_000n,
    });
    expect(new Run(invoice()).offer({ cltv: HEIGHT + 37 }).status.tag).toBe('received');
    expect(new Run(invoice()).offer({ amount: 1001, intended: 1000 }).status).toMatchObject({
      amount: 1_001_000n,
    });
  });

  it('may bring any amount when none was asked, but not nothing', () => {
    expect(new Run(invoice({ amount: null })).offer({ amount: 7, total: 7 }).status).toMatchObject({
      amount: 7000n,
    });
    expect(new Run(invoice({ amount: null })).offer({ amount: 0, total: 0 }).answers).toEqual([unknown]);
  });

  it('is given back after the expiry', () => {
    const run = new Run(invoice({ expiry: 60 }));
    expect(run.at({ now: NOW + 61 }).offer().answers).toEqual([unknown]);
    expect(run.at({ now: NOW + 60 }).offer({ id: 1 }).answers).toEqual(['1 fulfilled']);
  });

  it('must bring the metadata of the invoice', () => {
    const payment = { ...invoice(), paymentMetadata: fromHex('0102') };
    expect(new Run(payment).offer().answers).toEqual([unknown]);
    expect(new Run(payment).offer({ metadata: fromHex('0103') }).answers).toEqual([unknown]);
    expect(new Run(payment).offer({ metadata: fromHex('0102') }).answers).toEqual(['0 fulfilled']);
  });
});

describe('incoming -- a set', () => {
  it('reveals nothing until all of it is here, then claims all', () => {
    const run = new Run(invoice()).offer({ amount: 400 });
    expect(run.effects).toEqual([]);
    run.offer({ channel: 2, id: 0, amount: 300 });
    expect(run.effects).toEqual([]);
    run.offer({ id: 1, amount: 300 });
    expect(run.answers).toEqual(['0 fulfilled', '0 fulfilled', '1 fulfilled']);
    expect(run.status).toMatchObject({ tag: 'received', amount: 1_000_000n });
  });

  it('counts a part once, however often it is offered', () => {
    const run = new Run(invoice()).offer({ amount: 500 }).offer({ amount: 500 });
    expect(run.effects).toEqual([]);
    expect(run.state.set?.parts.length).toBe(1);
  });

  it('is failed as a whole when the totals differ', () => {
    const run = new Run(invoice()).offer({ amount: 400 }).offer({ id: 1, amount: 400, total: 1100 });
    expect(run.answers).toEqual([unknown, '1 incorrect_or_unknown_payment_details']);
    expect(run.status.tag).toBe('open');
  });

  it('is failed after 60 seconds of any clock: one that was set back begins anew', () => {
    const run = new Run(invoice()).offer({ amount: 400 });
    expect(run.tick({ now: NOW - 100_000_000 }).effects).toEqual([]);
    expect(run.tick({ now: NOW - 100_000_000 + 59 }).effects).toEqual([]);
    expect(run.tick({ now: NOW - 100_000_000 + 60 }).answers).toEqual(['0 mpp_timeout']);
  });

  it('is failed after 60 seconds, with mpp_timeout, and can be paid after that', () => {
    const run = new Run(invoice())
      .offer({ amount: 400 })
      .at({ now: NOW + 30 })
      .offer({ id: 1, amount: 300 });
    expect(run.tick({ now: NOW + 59 }).effects).toEqual([]);
    expect(run.tick({ now: NOW + 60 }).answers).toEqual(['0 mpp_timeout', '1 mpp_timeout']);
    expect(run.tick({ now: NOW + 61 }).effects).toEqual([]);
    expect(run.offer({ id: 2 }).answers).toEqual(['2 fulfilled']);
  });

  it('lets the rest in after the expiry', () => {
    const run = new Run(invoice({ expiry: 60 })).at({ now: NOW + 59 }).offer({ amount: 400 });
    expect(run.at({ now: NOW + 70 }).offer({ id: 1, amount: 600 }).answers).toEqual([
      '0 fulfilled',
      '1 fulfilled',
    ]);
  });

  it('comes together again after a restart', () => {
    const run = new Run(invoice()).offer({ amount: 400 }).restart().offer({ amount: 400 });
    expect(run.offer({ id: 1, amount: 600 }).answers).toEqual(['0 fulfilled', '1 fulfilled']);
  });

  // BOLT 2 §Forwarding HTLCs: "once the `cltv_expiry` of an incoming HTLC has been reached"
  it('is given back when it comes too near to its expiry', () => {
    const run = new Run(invoice()).offer({ amount: 400 });
    expect(run.tick({ height: CLTV - 25 }).effects).toEqual([]);
    expect(run.tick({ height: CLTV - 24 }).answers).toEqual([unknown]);
  });
});

describe('incoming -- a set of which one part is too near to its expiry when the last one comes', () => {
  // A machine that slept: no timer ran, and no block was heard of.
  const asleep = (run: Run, cltv: number): Run =>
    run
      .offer({ amount: 990, cltv })
      .at({ height: cltv + 20 })
      .offer({ id: 1, amount: 10, cltv: cltv + 200 });
  const both = [unknown, unknown.replace('0', '1')];

  it('is given back whole: the preimage is not given away for the last part alone', () => {
    const run = asleep(new Run(invoice()), CLTV);
    expect(run.answers).toEqual(both);
    expect(run.status).toEqual({ tag: 'open' });
  });

  it('is not offered to be claimed', () => {
    const run = asleep(new Run(invoice({ hash: HOLD_HASH })), HEIGHT + 144);
    expect(run.answers).toEqual(both);
    expect(run.notices).toEqual([]);
    expect(run.status).toEqual({ tag: 'open' });
  });

  it('is settled where there is time enough', () => {
    const run = new Run(invoice()).offer({ amount: 990 }).at({ height: CLTV - 25 });
    expect(run.offer({ id: 1, amount: 10, cltv: CLTV + 160 }).answers).toEqual([
      '0 fulfilled',
      '1 fulfilled',
    ]);
  });
});

describe('incoming -- hold invoice', () => {
  const hold = () => new Run(invoice({ hash: HOLD_HASH }));
  const far = { cltv: HEIGHT + 144 };

  it('asks, once, and says until when', () => {
    const run = hold().offer({ ...far, amount: 400 });
    expect(run.effects).toEqual([]);
    run.offer({ ...far, cltv: HEIGHT + 150, id: 1, amount: 600 });
    expect(run.notices).toEqual([
      {
        tag: 'claimable',
        paymentId: run.state.payment.id,
        paymentHash: HOLD_HASH,
        amount: 1_000_000n,
        deadline: HEIGHT + 120,
      },
    ]);
    expect(run.commands).toEqual([]);
  });

  it('is claimed with the preimage', () => {
    const run = hold().offer(far).claim();
    expect(run.commands).toMatchObject([{ tag: 'fulfill-htlc', id: 0n, preimage: HOLD_PREIMAGE }]);
    expect(run.replies).toEqual([ok({ paymentId: run.state.payment.id })]);
    expect(run.status).toMatchObject({ tag: 'received', preimage: HOLD_PREIMAGE });
    expect(run.claim().effects).toEqual([
      { tag: 'reply', id: commandId(1), result: ok({ paymentId: run.state.payment.id }) },
    ]);
  });

  it('is not claimed by another preimage, or before all is here', () => {
    const run = hold().offer({ ...far, amount: 400 });
    expect(run.claim(new Uint8Array(32)).replies).toEqual([{ ok: false, error: { code: 'wrong-preimage' } }]);
    expect(run.claim(new Uint8Array(31)).replies).toEqual([{ ok: false, error: { code: 'wrong-preimage' } }]);
    expect(run.claim().replies).toEqual([{ ok: false, error: { code: 'not-claimable', state: 'pending' } }]);
    expect(run.commands).toEqual([]);
  });

  it('takes no part beyond the whole', () => {
    expect(
      hold()
        .offer(far)
        .offer({ ...far, id: 1 }).answers,
    ).toEqual(['1 incorrect_or_unknown_payment_details']);
  });

  it('is given back on request, and its hash is unknown from then on', () => {
    const run = hold()
      .offer(far)
      .on({ tag: 'fail', id: commandId(2) });
    expect(run.answers).toEqual([unknown]);
    expect(run.status).toMatchObject({ tag: 'failed', failure: { code: 'cancelled' } });
    expect(run.offer({ ...far, id: 1 }).answers).toEqual(['1 incorrect_or_unknown_payment_details']);
    expect(run.claim().replies).toEqual([{ ok: false, error: { code: 'not-claimable', state: 'failed' } }]);
    expect(run.on({ tag: 'fail', id: commandId(3) }).replies).toMatchObject([{ ok: true }]);
  });

  // BOLT 2 §cltv_expiry_delta: "MUST fail (and not forward) an HTLC whose fulfillment deadline is already past."
  it('is given back when nobody claims it in time', () => {
    const run = hold().offer(far);
    expect(run.tick({ height: HEIGHT + 119 }).effects).toEqual([]);
    expect(run.at({ height: HEIGHT + 120 }).claim().replies).toMatchObject([
      { error: { code: 'not-claimable' } },
    ]);
    run.tick({ height: HEIGHT + 120 });
    expect(run.answers).toEqual([unknown]);
    expect(run.notices).toMatchObject([{ tag: 'failed', failure: { code: 'timed-out' } }]);
  });

  it('is still claimable after a restart, long after its expiry, and is not announced again', () => {
    const run = hold()
      .offer(far)
      .restart()
      .at({ now: NOW + 100_000, height: HEIGHT + 100 })
      .offer(far);
    expect(run.effects).toEqual([]);
    expect(run.claim().answers).toEqual(['0 fulfilled']);
  });

  it('ends when it is made whole again by what is too near to its expiry', () => {
    const run = hold()
      .offer({ ...far, amount: 400 })
      .offer({ ...far, id: 1, amount: 600 })
      .restart()
      .at({ height: far.cltv - 30 })
      .offer({ ...far, amount: 400 })
      .offer({ id: 2, amount: 600, cltv: far.cltv - 6 });
    expect(run.answers).toHaveLength(2);
    expect(run.status).toMatchObject({ tag: 'failed', failure: { code: 'timed-out' } });
    expect(run.notices).toMatchObject([{ tag: 'failed' }]);
  });

  it('ends when one of its HTLCs may not be held any more after a restart', () => {
    const run = hold()
      .offer({ ...far, amount: 400 })
      .offer({ ...far, id: 1, amount: 600 })
      .restart()
      .offer({ ...far, amount: 400 })
      .offer({ ...far, id: 1, amount: 600, mustFail: 'slow-commitment' });
    expect(run.answers).toEqual([unknown, '1 temporary_node_failure']);
    expect(run.status).toMatchObject({ tag: 'failed', failure: { code: 'temporary' } });
    expect(run.notices).toMatchObject([{ tag: 'failed', failure: { code: 'temporary' } }]);
    expect(run.claim().replies).toEqual([{ ok: false, error: { code: 'not-claimable', state: 'failed' } }]);
  });

  it('ends when its HTLCs come back too late to be claimed', () => {
    const run = hold()
      .offer(far)
      .restart()
      .at({ height: HEIGHT + 120 })
      .offer(far);
    expect(run.answers).toEqual([unknown]);
    expect(run.status).toMatchObject({ tag: 'failed', failure: { code: 'timed-out' } });
    expect(run.notices).toMatchObject([{ tag: 'failed', failure: { code: 'timed-out' } }]);
  });

  it('is given up when its HTLCs never come back, or not all of them', () => {
    const lost = hold()
      .offer(far)
      .restart()
      .tick({ height: HEIGHT + 119 });
    expect(lost.status.tag).toBe('claimable');
    expect(lost.tick({ height: HEIGHT + 120 }).status).toMatchObject({
      tag: 'failed',
      failure: { code: 'timed-out' },
    });
    const half = hold()
      .offer({ ...far, amount: 400 })
      .offer({ ...far, id: 1, amount: 600 })
      .restart();
    half.offer({ ...far, amount: 400 }).tick({ now: NOW + 60 });
    expect(half.answers).toEqual([unknown]);
    expect(half.status.tag).toBe('failed');
  });

  it('cannot be failed once it was claimed', () => {
    expect(
      hold()
        .offer(far)
        .claim()
        .on({ tag: 'fail', id: commandId(2) }).replies,
    ).toEqual([{ ok: false, error: { code: 'not-claimable', state: 'succeeded' } }]);
  });
});

describe('incoming -- spontaneous', () => {
  const run = () => new Run(spontaneousPayment(HOLD_HASH, HOLD_PREIMAGE, envOf(us)));

  it('is received whole', () => {
    expect(run().offer({ amount: 5, total: 5, keysend: HOLD_PREIMAGE }).status).toMatchObject({
      tag: 'received',
      amount: msat(5000),
    });
  });

  it('is not received in parts', () => {
    expect(run().offer({ amount: 5, total: 10, keysend: HOLD_PREIMAGE }).answers).toEqual([unknown]);
  });
});

describe('incoming -- at the end of a blinded path', () => {
  // BOLT 2 §Removing an HTLC: "If `path_key` is set in the incoming `update_add_htlc`: MUST send an
  // `update_fail_malformed_htlc` error using the `invalid_onion_blinding` failure code"
  it.each<readonly [string, (run: Run, part: Part) => Run]>([
    ['it is refused at once', (run, part) => run.offer({ ...part, secret: null })],
    [
      'the rest of it does not come',
      (run, part) =>
        run.offer({ ...part, amount: 400 }).tick({ now: NOW + DEFAULT_PAYMENT_CONFIG.mppTimeout }),
    ],
    [
      'it comes too near to its expiry',
      (run, part) => run.offer({ ...part, amount: 400 }).tick({ height: CLTV }),
    ],
  ])('tells nobody why, when %s', (_, go) => {
    const run = go(new Run(invoice()), { blinding: 'inside' });
    expect(run.commands).toEqual([
      {
        tag: 'fail-malformed-htlc',
        id: 0n,
        onionHash: sha256(new Uint8Array(1366)),
        failureCode: FAILURE_CODES.invalid_onion_blinding,
      },
    ]);
  });
});

describe('incoming -- attribution data', () => {
  const payment = invoice();
  const last = (run: Run) => {
    const command = run.commands.at(-1);
    if (command?.tag !== 'fulfill-htlc' && command?.tag !== 'fail-htlc') throw new Error('no answer');
    return command;
  };

  // BOLT 2 §Removing an HTLC: "MUST initialize attribution_data and include it in update_fail_htlc and
  // update_fulfill_htlc."
  it('a claim tells the payer how long each part was held', () => {
    const run = new Run(payment)
      .offer({ id: 0, amount: 400 })
      .at({ now: NOW + 7 })
      .offer({ id: 1, amount: 600 });
    const times = run.commands.flatMap((command) =>
      command.tag === 'fulfill-htlc'
        ? [readAttribution([secretOf(command.id)], [new Uint8Array(0)], command.attributionData ?? zeros)]
        : [],
    );
    expect(times).toEqual([
      { holdTimes: [70], brokenAt: null },
      { holdTimes: [0], brokenAt: null },
    ]);
  });

  // BOLT 2 §Removing an HTLC: "MUST initialize attribution_data and include it in update_fail_htlc and
  // update_fulfill_htlc."
  it('a refusal as well, also where the clock was set back', () => {
    const held = last(
      new Run(payment).offer({ id: 0, amount: 400 }).tick({ now: NOW + DEFAULT_PAYMENT_CONFIG.mppTimeout }),
    );
    const secrets = [secretOf(0n)];
    if (held.tag !== 'fail-htlc') throw new Error(held.tag);
    const layers = failureLayers(secrets, held.reason);
    expect(readAttribution(secrets, layers, held.attributionData ?? zeros).holdTimes).toEqual([600]);

    const back = last(
      new Run(payment)
        .offer({ amount: 400 })
        .at({ now: NOW - 50 })
        .offer({ id: 1, total: 1 }),
    );
    expect(back.attributionData).toHaveLength(ATTRIBUTION_LENGTH);
  });
});

describe('a part that the payer took back on the chain, because the answer came too late', () => {
  const part = (id: number) => ({ channelId: testChannelId(1), id: BigInt(id) });
  const back = (run: Run, id: number): Run => run.on({ tag: 'taken-back', part: part(id) });

  it('is not received: the payment failed, told once', () => {
    const run = back(new Run(invoice()).offer(), 0);
    expect(run.notices).toMatchObject([{ tag: 'failed', failure: { code: 'taken-back' } }]);
    expect(incomingEntry(run.state.payment, run.env.now, false)).toMatchObject({
      state: 'failed',
      amount: 1_000_000n,
      preimage: null,
      failure: { code: 'taken-back' },
    });
    expect(back(run, 0).effects).toEqual([]);
    // Who asks is told so, and the hash stays unknown.
    expect(run.on({ tag: 'fail', id: commandId(2) }).replies).toMatchObject([{ ok: false }]);
    expect(run.offer({ id: 9 }).answers).toEqual(['9 incorrect_or_unknown_payment_details']);
  });

  it('of several is missing from what was received', () => {
    const run = new Run(invoice()).offer({ amount: 400 }).offer({ id: 1, amount: 600 });
    expect(back(run, 1).effects).toEqual([]);
    expect(incomingEntry(run.state.payment, run.env.now, false)).toMatchObject({
      state: 'succeeded',
      amount: 400_000n,
    });
    expect(back(run, 0).notices).toMatchObject([{ tag: 'failed' }]);
  });

  it('that was never answered, or is of another channel, changes nothing', () => {
    const open = new Run(invoice()).offer({ amount: 400 });
    expect(back(open, 0).status).toEqual({ tag: 'open' });
    expect(open.disk).toBeNull();
    const paid = new Run(invoice()).offer();
    paid.on({ tag: 'taken-back', part: { channelId: testChannelId(2), id: 0n } });
    expect(paid.effects).toEqual([]);
    expect(incomingEntry(paid.state.payment, paid.env.now, false).state).toBe('succeeded');
  });
});

describe('incoming -- what could not be collected any more', () => {
  /** Of channel 1 alone. */
  const without = (run: Run, found: Collectable): Run => {
    run.env = {
      ...run.env,
      collectable: ({ channelId }) => (channelId === testChannelId(1) ? found : 'yes'),
    };
    return run;
  };

  it.each(['unfunded', 'at-risk'] as const)(
    'gives the whole set back, whatever completes it (%s)',
    (found) => {
      const first = new Run(invoice()).offer({ amount: 400 });
      const run = without(first, found).offer({ channel: 2, id: 1, amount: 600 });
      expect(run.answers).toEqual(['0 temporary_node_failure', '1 temporary_node_failure']);
      expect(run.status).toEqual({ tag: 'open' });
      expect(without(run, 'yes').offer({ id: 2 }).answers).toEqual(['2 fulfilled']);
    },
  );

  it('is not claimed, and may be once it can be collected', () => {
    const held = new Run(invoice({ hash: HOLD_HASH })).offer({ cltv: HEIGHT + 144 });
    expect(without(held, 'at-risk').claim().replies).toEqual([
      { ok: false, error: { code: 'not-safe-to-claim' } },
    ]);
    expect(held.commands).toEqual([]);
    expect(without(held, 'unfunded').claim().replies).toEqual([
      { ok: false, error: { code: 'channel-not-funded' } },
    ]);
    expect(without(held, 'yes').claim().answers).toEqual(['0 fulfilled']);
  });
});
