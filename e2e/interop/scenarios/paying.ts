import { expect } from 'vitest';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import { pay, waitForPayment } from '../../real/scenarios/stage.ts';
import { codeOf, newSecret, valueOf } from '../../real/scenarios/values.ts';
import { until } from '../../world/until.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

async function amounts(play: Play): Promise<void> {
  const { us, peer } = play;
  const before = await play.channel();
  await play.payOut(21_000_000n);
  const chosen = await peer.createInvoice({});
  expect(codeOf(await us.api.bolt11.send(chosen.bolt11))).toBe('amount-required');
  expect((await pay(us, chosen.bolt11, { amountMsat: 3_333_000n })).state).toBe('succeeded');
  await play.settled(before.channelId);
  await play.payIn(5_000_000n);
  const after = await play.settled(before.channelId);
  expect(after.localMsat).toBe(before.localMsat - 21_000_000n - 3_333_000n + 5_000_000n);
}

async function chosenByThem(play: Play): Promise<void> {
  const { us, peer } = play;
  const before = await play.channel();
  const open = valueOf(await us.api.bolt11.receiveVariableAmount({ description: '' }));
  await peer.pay(open.invoice, { amountMsat: 1_234_000n });
  expect((await waitForPayment(us, open.paymentId)).amountMsat).toBe(1_234_000n);
  expect((await play.settled(before.channelId)).localMsat).toBe(before.localMsat + 1_234_000n);
}

/** More than either channel has room for, each way. */
async function inParts(play: Play): Promise<void> {
  const { us } = play;
  const first = await play.channel();
  const second = await play.oneMore({ by: 'them' });
  const both = async (): Promise<readonly ChannelDetails[]> => [
    await play.settled(first.channelId),
    await play.settled(second.channelId),
  ];
  const most = async (way: 'sendableMsat' | 'receivableMsat'): Promise<bigint> => {
    const each = (await both()).map((one) => one[way]);
    const whole = (each.reduce((sum, one) => sum + one, 0n) * 9n) / 10n;
    expect(
      each.every((one) => one < whole),
      each.join(' '),
    ).toBe(true);
    return whole - (whole % 1000n);
  };
  const before = (await us.api.listBalances()).lightning.localMsat;
  const out = await most('sendableMsat');
  await play.payOut(out);
  await both();
  const back = await most('receivableMsat');
  await play.payIn(back);
  await both();
  expect((await us.api.listBalances()).lightning.localMsat).toBe(before - out + back);
  await play.closeTogether(await play.settled(second.channelId), 'us');
}

async function keysend(play: Play): Promise<void> {
  const { us, peer } = play;
  if (peer.paySpontaneously === undefined) throw new Error(`${peer.alias} sends no keysend`);
  const before = await play.channel();
  const { paymentId } = valueOf(await us.api.spontaneous.send(peer.id, 4_000_000n));
  expect((await waitForPayment(us, paymentId)).state).toBe('succeeded');
  await play.settled(before.channelId);
  const paid = await peer.paySpontaneously(us.id, 2_500_000n);
  const received = await us.api.payment(paid.paymentHash);
  expect(valueOf(received)).toMatchObject({
    kind: 'spontaneous',
    direction: 'incoming',
    preimage: paid.preimage,
  });
  const after = await play.settled(before.channelId);
  expect(after.localMsat).toBe(before.localMsat - 1_500_000n);
}

async function heldByThem(play: Play): Promise<void> {
  const { us, peer } = play;
  const before = await play.channel();
  for (const isClaimed of [true, false]) {
    const { paymentHash, preimage } = newSecret();
    const { bolt11 } = await peer.createInvoice({ amountMsat: 7_000_000n, paymentHash });
    const { paymentId } = valueOf(await us.api.bolt11.send(bolt11));
    await peer.waitForHeld(paymentHash);
    expect(valueOf(await us.api.payment(paymentId)).state).toBe('pending');
    await (isClaimed ? peer.claim(preimage) : peer.fail(paymentHash));
    expect(await waitForPayment(us, paymentId)).toMatchObject(
      isClaimed
        ? { state: 'succeeded', preimage }
        : { state: 'failed', preimage: null, failure: { code: 'unknown-to-recipient' } },
    );
  }
  expect((await play.settled(before.channelId)).localMsat).toBe(before.localMsat - 7_000_000n);
}

async function heldByUs(play: Play): Promise<void> {
  const { us, peer } = play;
  const before = await play.channel();
  for (const isClaimed of [true, false]) {
    const { paymentHash, preimage } = newSecret();
    const request = { amountMsat: 6_000_000n, description: 'held', paymentHash };
    const { invoice, paymentId } = valueOf(await us.api.bolt11.receiveForHash(request));
    const paying = peer.pay(invoice).then(
      (paid) => paid.preimage,
      () => null,
    );
    await until(async () => valueOf(await us.api.payment(paymentId)).state === 'claimable', {
      what: 'the payment to us to be held',
    });
    valueOf(await (isClaimed ? us.api.bolt11.claim(preimage) : us.api.bolt11.fail(paymentHash)));
    expect(await paying).toBe(isClaimed ? preimage : null);
  }
  expect((await play.settled(before.channelId)).localMsat).toBe(before.localMsat + 6_000_000n);
}

export const PAYING = {
  'pay-amounts': amounts,
  'pay-chosen-in': chosenByThem,
  'in-parts': inParts,
  keysend: keysend,
  'held-by-them': heldByThem,
  'held-by-us': heldByUs,
} satisfies Scenarios;
