import { describe, expect, it } from 'vitest';
import type { ChannelId } from '../base/ids.ts';
import { err, ok } from '../base/result.ts';
import { blockDelta, msat, type Msat } from '../base/units.ts';
import type { IncomingHtlc } from '../channel/htlc.ts';
import { NETWORKS } from '../base/network.ts';
import { applySnapshot } from '../gossip/apply-snapshot.ts';
import { emptyGraph } from '../gossip/graph.ts';
import { openHtlc } from '../onion/instruction.ts';
import { Scorer } from '../routing/scorer.ts';
import { routeView } from '../routing/view.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { BookNode, command, idOf } from './fixtures/two-books.ts';
import { NOW, payChannel, readInvoice, sats, scidOf, testChannelId, testNode } from './fixtures/pay-world.ts';
import { graphRoutes } from './graph-routes.ts';
import { quoteFee } from './plan.ts';
import { circularDraft, circularRequest, requestOfInvoice } from './send-request.ts';
import type { PaymentEffect } from './step.ts';
import type { Outcome } from './outcome.ts';
import { timestamp } from '../base/units.ts';

const us = testNode(1);
const near = testNode(2);
const far = testNode(3);
const OUT = payChannel(1, near.id);
const IN = payChannel(2, far.id);

/** near – far, for 1,000 msat. */
function mapBetween() {
  const chainHash = NETWORKS.regtest.genesisHash;
  const applied = applySnapshot(
    emptyGraph(chainHash),
    writeSnapshot({
      version: 2,
      chainHash,
      at: NOW,
      channels: [{ scid: 100n, nodeA: near.id, nodeB: far.id, capacity: 1_000_000n }],
      policies: ([0, 1] as const).map((direction) => ({
        scid: 100n,
        direction,
        cltvDelta: 20,
        feeBase: 1_000,
        feeProportionalMillionths: 0,
        htlcMinimum: 1n,
        htlcMaximum: 500_000_000n,
      })),
    }),
  );
  if (!applied.ok) throw new Error(applied.error.code);
  return { view: routeView(applied.value), scorer: new Scorer() };
}

/** One node whose HTLCs go round: what it adds is carried by the nodes between to where the onion says. */
class Circle {
  readonly at = new BookNode(us);
  readonly seen: string[] = [];
  refuses = false;

  constructor() {
    const map = mapBetween();
    this.at.change = {
      channels: [IN, OUT],
      findRoutes: graphRoutes(map, () => timestamp(NOW)),
    };
  }

  run({ commit, after }: Outcome): void {
    for (const write of commit)
      if (write.op === 'put') this.at.disk.set(`${write.table}/${write.key}`, write.value);
    for (const effect of after) this.#effect(effect);
  }

  invoice(amount: Msat) {
    const policy = { feeBase: msat(500), feeProportionalMillionths: 0, cltvExpiryDelta: blockDelta(30) };
    const made = this.at.book.receive(
      { amount, description: { tag: 'text', text: '' } },
      { ...us.source, routeHints: [[{ nodeId: far.id, scid: scidOf(9), ...policy }]] },
      this.at.env,
    );
    if (!made.ok) throw new Error(made.error.code);
    this.run(made.value.outcome);
    return readInvoice(made.value.payment.invoice);
  }

  #effect(effect: PaymentEffect): void {
    const { book, env } = this.at;
    if (effect.tag === 'notify') this.at.notices.push(effect.notice);
    else if (effect.tag === 'reply') this.at.replies.push(effect.result);
    else if (effect.tag === 'broken') throw effect.error;
    else if (effect.tag === 'retry') this.run(book.retry(effect.paymentId, env));
    else if (effect.command.tag === 'add-htlc') {
      const { command: add, channelId } = effect;
      this.seen.push(`out by ${Number(channelId)}: ${add.amount}`);
      this.run(book.added(add.origin, env));
      this.#carried = add.origin;
      const first = openHtlc(add, near.ecdh);
      if (!first.ok || first.value.tag !== 'forward') throw new Error('near cannot read it');
      const { amount, cltvExpiry, nextOnion } = first.value;
      const second = openHtlc({ ...add, amount, cltvExpiry, onion: nextOnion }, far.ecdh);
      if (!second.ok || second.value.tag !== 'forward') throw new Error('far cannot read it');
      expect(second.value.next).toEqual({ by: 'channel', scid: scidOf(9) });
      const back: IncomingHtlc = {
        channelId: testChannelId(2),
        id: 0n,
        amount: second.value.amount,
        paymentHash: add.paymentHash,
        cltvExpiry: second.value.cltvExpiry,
        onion: second.value.nextOnion,
      };
      if (this.refuses) return;
      this.seen.push(`in by 2: ${back.amount}`);
      this.run(book.offered(back, us.ecdh, env));
    } else if (effect.command.tag === 'fulfill-htlc') {
      if (this.#carried === null) throw new Error('nothing under way');
      const { preimage } = effect.command;
      this.run(book.settled(this.#carried, { tag: 'fulfilled', preimage }, env));
    } else throw new Error(effect.command.tag);
  }
  #carried: Parameters<Circle['at']['book']['settled']>[0] | null = null;
}

describe('a payment to ourselves', () => {
  it('goes out by one channel and comes in by another, for the fees of those between', () => {
    const circle = new Circle();
    const { book, env } = circle.at;
    const invoice = circle.invoice(sats(50_000));
    const request = circularRequest(invoice, new Set([OUT.channelId]), {}, env);
    if (!request.ok) throw new Error(request.error.code);
    circle.run(book.send(command(1), request.value, env));
    expect(circle.seen).toEqual(['out by 1: 50001500', 'in by 2: 50000000']);
    expect(circle.at.notices.map(({ tag }) => tag).sort()).toEqual(['received', 'sent']);
    const { id } = request.value;
    expect(id).not.toBe(idOf(invoice.paymentHash));
    expect(book.entry(id, env.now)).toMatchObject({
      direction: 'outgoing',
      state: 'succeeded',
      fee: 1_500n,
      isCircle: true,
    });
    expect(book.entry(idOf(invoice.paymentHash), env.now)).toMatchObject({
      direction: 'incoming',
      state: 'succeeded',
      amount: 50_000_000n,
      isCircle: true,
    });
    circle.run(book.send(command(2), request.value, env));
    expect(circle.at.replies.at(-1)).toEqual(err({ code: 'duplicate-payment', state: 'succeeded' }));
  });

  it('is priced by the channel that it is to leave by, before there is an invoice', () => {
    const { env } = new Circle().at;
    const policy = { feeBase: msat(500), feeProportionalMillionths: 0, cltvExpiryDelta: blockDelta(30) };
    const routeHints = [[{ nodeId: far.id, scid: scidOf(9), ...policy }]];
    const priced = (over: ReadonlySet<ChannelId>) =>
      quoteFee(circularDraft({ amount: sats(50_000), over, routeHints }, env), env);
    expect(priced(new Set([OUT.channelId]))).toEqual(ok(1_500n));
    // Out and in by the same node.
    expect(priced(new Set([IN.channelId]))).toEqual(ok(500n));
    expect(priced(new Set())).toMatchObject({ ok: false, error: { code: 'no-path' } });
  });

  it('is refused unless a circle is meant, and where none leads back', () => {
    const circle = new Circle();
    const { book, env } = circle.at;
    const invoice = circle.invoice(sats(50_000));
    expect(requestOfInvoice(invoice, {}, env)).toEqual(err({ code: 'own-invoice' }));
    const request = circularRequest(invoice, new Set([IN.channelId]), {}, env);
    if (!request.ok) throw new Error(request.error.code);
    const { over, ...plain } = request.value;
    circle.run(book.send(command(1), plain, env));
    expect(circle.at.replies).toEqual([err({ code: 'own-invoice' })]);
    expect(over).toEqual(new Set([IN.channelId]));
    circle.run(book.send(command(2), { ...request.value, over: new Set() }, env));
    expect(circle.at.replies[1]).toEqual(err({ code: 'no-path', reason: 'no-channel' }));
    expect(circle.seen).toEqual([]);
  });

  it('is not tried again after a restart, which forgets by which channels it may go', () => {
    const circle = new Circle();
    circle.refuses = true;
    const invoice = circle.invoice(sats(50_000));
    const request = circularRequest(invoice, new Set([OUT.channelId]), {}, circle.at.env);
    if (!request.ok) throw new Error(request.error.code);
    circle.run(circle.at.book.send(command(1), request.value, circle.at.env));
    expect(circle.seen.length).toBe(1);
    circle.at.restart();
    circle.run(circle.at.book.resume([], circle.at.env));
    expect(circle.seen.length).toBe(1);
    expect(circle.at.notices).toMatchObject([{ tag: 'failed' }]);
  });
});
