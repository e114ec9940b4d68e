import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paymentHash as hashOf } from '../../engine/base/ids.ts';
import { msat, seconds } from '../../engine/base/units.ts';
import type { ChannelDetails, NodeEvent } from '../../engine/node/api.ts';
import type { Leyden } from '../world/leyden/leyden.ts';
import { until } from '../world/until.ts';
import { expectSameBalances } from './scenarios/accounts.ts';
import { forged } from './scenarios/forge.ts';
import { PEER_KINDS, type PeerUnderTest } from './scenarios/peer-kinds.ts';
import { DEEP, pay, Stage, waitForPayment } from './scenarios/stage.ts';
import { codeOf, newSecret, valueOf } from './scenarios/values.ts';

const CAPACITY = 2_000_000n;
const FORWARD_FEE = 1_000n;

describe.each(PEER_KINDS)('$name', (kind) => {
  let stage: Stage;
  let us: Leyden;
  let peer: PeerUnderTest;
  let channel: ChannelDetails;
  /** What is ours in the channel by our own count. */
  let local: bigint;

  beforeAll(async () => {
    stage = await Stage.start(kind);
    us = await stage.local(20_000_000n);
    peer = await stage.peer({ alias: 'peer' }, 50_000_000n);
    channel = await stage.open(us, peer, { by: 'us', capacitySat: CAPACITY, pushMsat: 800_000_000n });
    local = channel.localMsat;
  });
  afterAll(() => stage.stop());

  async function expectLocal(): Promise<void> {
    const { ours, theirs } = await stage.settled(us, peer, channel.channelId);
    expect(ours.localMsat).toBe(local);
    expectSameBalances(ours, theirs);
  }

  /** The next event of this kind; those before it are acknowledged and gone. */
  function nextEvent<T extends NodeEvent['tag']>(tag: T): Promise<NodeEvent & { readonly tag: T }> {
    return until(
      async () => {
        const queued = await us.api.nextEvent();
        if (queued === null) return null;
        valueOf(await us.api.eventHandled(queued.cursor));
        return queued.event.tag === tag ? (queued.event as NodeEvent & { readonly tag: T }) : null;
      },
      { what: `the event ${tag}`, everyMs: 5 },
    );
  }

  test('fixed and chosen amounts, both ways', async () => {
    const fixed = await peer.createInvoice({ amountMsat: 21_000_001n, description: 'fixed' });
    const sent = await pay(us, fixed.bolt11);
    expect(sent).toMatchObject({ state: 'succeeded', description: 'fixed', paymentHash: fixed.paymentHash });
    const { preimage } = await nextEvent('payment-sent');
    expect(preimage).toBe(sent.preimage);
    const chosen = await peer.createInvoice({});
    expect(codeOf(await us.api.bolt11.send(chosen.bolt11))).toBe('amount-required');
    expect((await pay(us, chosen.bolt11, { amountMsat: 3_333n })).state).toBe('succeeded');
    local -= 21_000_001n + 3_333n;
    await expectLocal();

    const request = valueOf(await us.api.bolt11.receive({ amountMsat: 5_000_999n, description: 'fünf' }));
    const paid = await peer.pay(request.invoice);
    expect(await waitForPayment(us, request.paymentId)).toMatchObject({
      state: 'succeeded',
      amountMsat: 5_000_999n,
      description: 'fünf',
      preimage: paid.preimage,
    });
    expect(await nextEvent('payment-received')).toMatchObject({ amountMsat: 5_000_999n });
    const open = valueOf(await us.api.bolt11.receiveVariableAmount({ description: '' }));
    await peer.pay(open.invoice, { amountMsat: 1_234_567n });
    expect((await waitForPayment(us, open.paymentId)).amountMsat).toBe(1_234_567n);
    local += 5_000_999n + 1_234_567n;
    await expectLocal();
  });

  test('without invoice, both ways', async () => {
    const { paymentId } = valueOf(await us.api.spontaneous.send(peer.id, 4_000_000n));
    expect((await waitForPayment(us, paymentId)).state).toBe('succeeded');
    await peer.waitForEvent('payment-received', (event) => event.isSpontaneous);
    const paid = await peer.paySpontaneously(us.id, 2_500_000n);
    const [received] = (await us.api.listPayments()).payments.filter(
      ({ direction, kind: how }) => direction === 'incoming' && how === 'spontaneous',
    );
    expect(received).toMatchObject({ state: 'succeeded', amountMsat: 2_500_000n, preimage: paid.preimage });
    local += 2_500_000n - 4_000_000n;
    await expectLocal();
  });

  test('the same invoice is paid once', async () => {
    const { bolt11 } = await peer.createInvoice({ amountMsat: 1_000_000n });
    const answers = await Promise.all(Array.from({ length: 5 }, () => us.api.bolt11.send(bolt11)));
    const begun = answers.filter(({ ok }) => ok);
    expect(begun).toHaveLength(1);
    expect((await waitForPayment(us, valueOf(begun[0]!).paymentId)).state).toBe('succeeded');
    expect(codeOf(await us.api.bolt11.send(bolt11))).toBe('duplicate-payment');
    local -= 1_000_000n;
    await expectLocal();
  });

  test('held by us: claimed, and given back', async () => {
    const claimed = newSecret();
    const request = { amountMsat: 6_000_000n, description: 'held' };
    const first = valueOf(
      await us.api.bolt11.receiveForHash({ ...request, paymentHash: claimed.paymentHash }),
    );
    const paying = peer.pay(first.invoice);
    expect(await nextEvent('payment-claimable')).toMatchObject({ amountMsat: 6_000_000n });
    expect(codeOf(await us.api.bolt11.claim(newSecret().preimage))).toBe('unknown-payment');
    valueOf(await us.api.bolt11.claim(claimed.preimage));
    expect((await paying).preimage).toBe(claimed.preimage);
    local += 6_000_000n;
    await expectLocal();

    const returned = newSecret();
    const second = valueOf(
      await us.api.bolt11.receiveForHash({ ...request, paymentHash: returned.paymentHash }),
    );
    const refused = expect(peer.pay(second.invoice)).rejects.toThrow('RecipientRejected');
    await nextEvent('payment-claimable');
    valueOf(await us.api.bolt11.fail(returned.paymentHash));
    await refused;
    expect((await us.api.payment(second.paymentId)).ok).toBe(true);
    expect(codeOf(await us.api.bolt11.claim(returned.preimage))).toBe('not-claimable');
    await expectLocal();
  });

  test('held by them: claimed, and given back', async () => {
    const claimed = newSecret();
    const first = await peer.createInvoice({ amountMsat: 7_000_000n, paymentHash: claimed.paymentHash });
    const { paymentId } = valueOf(await us.api.bolt11.send(first.bolt11));
    await peer.waitForEvent('payment-held', (event) => event.paymentHash === claimed.paymentHash);
    expect((await us.api.listBalances()).lightning.inFlightMsat).toBe(7_000_000n);
    await peer.claim(claimed.preimage);
    expect(await waitForPayment(us, paymentId)).toMatchObject({
      state: 'succeeded',
      preimage: claimed.preimage,
    });
    local -= 7_000_000n;
    await expectLocal();

    const returned = newSecret();
    const second = await peer.createInvoice({ amountMsat: 7_000_000n, paymentHash: returned.paymentHash });
    const sent = valueOf(await us.api.bolt11.send(second.bolt11));
    await peer.waitForEvent('payment-held', (event) => event.paymentHash === returned.paymentHash);
    await peer.fail(returned.paymentHash);
    expect(await waitForPayment(us, sent.paymentId)).toMatchObject({
      state: 'failed',
      preimage: null,
      failure: { code: 'unknown-to-recipient' },
    });
    await expectLocal();
  });

  test('who pays us too little, too much, an unknown hash, with another secret or too late is refused', async () => {
    const ask = async (expirySeconds = 3_600) =>
      valueOf(await us.api.bolt11.receive({ amountMsat: 10_000_000n, description: 'exact', expirySeconds }));
    const request = await ask();
    const cheats = {
      'too little': { amount: msat(9_999_999) },
      'more than twice': { amount: msat(20_000_001) },
      'another hash': { paymentHash: hashOf(newSecret().paymentHash) },
      'another secret': { paymentSecret: new Uint8Array(32).fill(7) },
    };
    for (const [name, change] of Object.entries(cheats))
      await expect(peer.pay(await forged(request.invoice, change)), name).rejects.toThrow(
        'RecipientRejected',
      );
    expect(valueOf(await us.api.payment(request.paymentId)).state).toBe('pending');

    const brief = await ask(1);
    await until(async () => valueOf(await us.api.payment(brief.paymentId)).state === 'expired', {
      what: 'the invoice to expire',
    });
    const prolonged = await forged(brief.invoice, { expiry: seconds(3_600) });
    await expect(peer.pay(prolonged)).rejects.toThrow('RecipientRejected');
    expect(valueOf(await us.api.payment(brief.paymentId)).state).toBe('expired');

    // Up to twice is a tip; the same invoice a second time is not.
    const generous = await forged(request.invoice, { amount: msat(12_000_000) });
    await peer.pay(generous);
    local += 12_000_000n;
    await expect(
      peer.pay(await forged(request.invoice, { amount: msat(11_000_000) })),
      'paid twice',
    ).rejects.toThrow();
    await expectLocal();
  });

  test('what we will not even try', async () => {
    const { bolt11 } = await peer.createInvoice({ amountMsat: 1_000_000n, expirySeconds: 1 });
    await until(async () => codeOf(await us.api.bolt11.quote(bolt11)) === 'invoice-expired', {
      what: 'the invoice to expire',
    });
    expect(codeOf(await us.api.bolt11.send(bolt11))).toBe('invoice-expired');
    const fixed = await peer.createInvoice({ amountMsat: 1_000_000n });
    expect(codeOf(await us.api.bolt11.send(fixed.bolt11, { amountMsat: 999_999n }))).toBe('amount-fixed');
    const huge = await peer.createInvoice({ amountMsat: CAPACITY * 1_000n });
    expect(codeOf(await us.api.bolt11.send(huge.bolt11))).toBe('insufficient-balance');
    const own = valueOf(await us.api.bolt11.receive({ amountMsat: 1_000n, description: 'own' }));
    expect(codeOf(await us.api.bolt11.send(own.invoice))).toBe('own-invoice');
    await expectLocal();
  });

  test('all that can be sent, and not a msat more; then all of it back', async () => {
    const { sendableMsat } = (await us.api.listChannels())[0]!;
    const { bolt11 } = await peer.createInvoice({});
    expect(codeOf(await us.api.bolt11.send(bolt11, { amountMsat: sendableMsat + 1n }))).toBe(
      'insufficient-balance',
    );
    expect(await pay(us, bolt11, { amountMsat: sendableMsat })).toMatchObject({ state: 'succeeded' });
    local -= sendableMsat;
    await expectLocal();
    const { receivableMsat } = (await us.api.listChannels())[0]!;
    const request = valueOf(await us.api.bolt11.receive({ amountMsat: receivableMsat, description: 'all' }));
    expect(request.receivableMsat).toBe(receivableMsat);
    await peer.pay(request.invoice);
    local += receivableMsat;
    await expectLocal();
  });

  test('in several parts, over two channels', async () => {
    // Neither channel has room for the whole.
    await pay(us, (await peer.createInvoice({ amountMsat: 900_000_000n })).bolt11);
    local -= 900_000_000n;
    await expectLocal();
    const second = await stage.open(us, peer, { by: 'them', capacitySat: CAPACITY });
    const amountMsat = 2_200_000_000n;
    const request = valueOf(await us.api.bolt11.receive({ amountMsat, description: 'parts' }));
    await peer.pay(request.invoice);
    expect(await waitForPayment(us, request.paymentId)).toMatchObject({ state: 'succeeded', amountMsat });
    const after = await stage.settled(us, peer, second.channelId);
    const first = await stage.settled(us, peer, channel.channelId);
    expect(after.ours.localMsat).toBeGreaterThan(0n);
    expect(first.ours.localMsat - local + after.ours.localMsat).toBe(amountMsat);
    local = first.ours.localMsat;
    expectSameBalances(after.ours, after.theirs);
    await expectLocal();
  });

  test('to and from a node behind the peer, along route hints', async () => {
    const behind = await stage.peer({ alias: 'behind' }, 5_000_000n);
    await peer.connect(behind.id, behind.address);
    const opened = await peer.openChannel({
      nodeId: behind.id,
      capacitySat: 1_000_000n,
      pushMsat: 400_000_000n,
    });
    await stage.mine(DEEP);
    for (const node of [peer, behind])
      await node.waitForChannel(
        ({ channelId, isUsable }) => channelId === opened.channelId && isUsable,
        'a usable channel',
      );
    const invoice = await behind.createInvoice({ amountMsat: 30_000_000n });
    expect(valueOf(await us.api.bolt11.quote(invoice.bolt11)).feeMsat).toBe(FORWARD_FEE);
    expect(codeOf(await us.api.bolt11.send(invoice.bolt11, { maxFeeMsat: FORWARD_FEE - 1n }))).toBe(
      'fee-above-limit',
    );
    const sent = await pay(us, invoice.bolt11, { maxFeeMsat: FORWARD_FEE });
    expect(sent).toMatchObject({ state: 'succeeded', feeMsat: FORWARD_FEE, amountMsat: 30_000_000n });
    const request = valueOf(await us.api.bolt11.receive({ amountMsat: 20_000_000n, description: 'hint' }));
    const paid = await behind.pay(request.invoice);
    expect(paid.feeMsat).toBe(FORWARD_FEE);
    expect(await waitForPayment(us, request.paymentId)).toMatchObject({
      state: 'succeeded',
      amountMsat: 20_000_000n,
    });
    const total = async (): Promise<bigint> => {
      for (const { channelId } of await us.api.listChannels()) await stage.settled(us, peer, channelId);
      return (await us.api.listBalances()).lightning.localMsat;
    };
    const held = newSecret();
    const before = await total();
    const later = await behind.createInvoice({ amountMsat: 9_000_000n, paymentHash: held.paymentHash });
    const { paymentId } = valueOf(await us.api.bolt11.send(later.bolt11));
    await behind.waitForEvent('payment-held', (event) => event.paymentHash === held.paymentHash);
    await behind.fail(held.paymentHash);
    expect(await waitForPayment(us, paymentId)).toMatchObject({
      state: 'failed',
      failure: { code: 'unknown-to-recipient', hop: 1 },
    });
    expect(await total()).toBe(before);
  });
});
