import { expect } from 'vitest';
import { waitForChannel } from '../../real/scenarios/stage.ts';
import { valueOf } from '../../real/scenarios/values.ts';
import { LSPS_MESSAGE } from '../../../engine/lsp/lsps0.ts';
import type { WireMessage } from '../../../engine/wire/wire-message.ts';
import type { PaidPayment } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import { does } from '../cannot.ts';
import { Line, type End } from '../line.ts';
import type { Us } from '../our-side.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { atRest, FIRST, Shop } from '../shop.ts';

/** When it dies: once the line between us has gone dead where it says, and it has done all that it could do then. */
type Moment = {
  readonly end: End;
  /** What is paid: so much; what the payer chose; or in parts. */
  readonly pays?: 'chosen' | 'parts';
  /** We do not trust it: its channel is used once it is in the chain. */
  readonly wary?: true;
  /** What it does before. */
  readonly after?: 'broadcast' | 'paid';
  /** It has no channel with us when it is back. */
  readonly isLost?: true;
};

const THEIRS = { by: 'them', arrives: true } as const;
const OURS = { by: 'us', arrives: true } as const;
const LOST = { arrives: false } as const;

/** While it makes the channel, the payment in its hands. */
const OPENING: readonly Moment[] = [
  { end: { ...THEIRS, ...LOST, message: 'open_channel' }, isLost: true },
  { end: { ...THEIRS, ...LOST, message: 'open_channel' }, pays: 'parts', isLost: true },
  { end: { ...OURS, message: 'accept_channel' }, pays: 'chosen', isLost: true },
  // We have signed for it, which it never hears.
  { end: { ...THEIRS, message: 'funding_created' }, isLost: true },
];

/** Once the channel is in the mempool, and while the payment goes through it. */
const FORWARDING: readonly Moment[] = [
  { end: { ...OURS, message: 'funding_signed' }, after: 'broadcast' },
  { end: { ...OURS, message: 'funding_signed' }, after: 'broadcast', wary: true },
  { end: { ...OURS, ...LOST, message: 'channel_ready' }, pays: 'chosen' },
  { end: { ...THEIRS, ...LOST, message: 'update_add_htlc' } },
  { end: { ...THEIRS, message: 'commitment_signed' }, pays: 'parts' },
  { end: { ...OURS, ...LOST, message: 'update_fulfill_htlc' }, pays: 'chosen' },
  { end: { ...OURS, message: 'update_fulfill_htlc' }, after: 'paid' },
];

/** So many at once: between them whoever holds a payment gives it back before the payer would have to close. */
const BLOCKS = 6;
/** Longer than any payment here may take. */
const LAST_BLOCK = 1_200;

const isPurchase = (message: WireMessage): boolean =>
  message.name === 'unknown' &&
  message.type === LSPS_MESSAGE &&
  new TextDecoder().decode(message.payload).includes('"lsps2.buy"');

/** How the payer's attempt ends; null: it failed, and said so. */
type Attempt = { readonly end: Promise<PaidPayment | null>; over: boolean };

function attempt(paying: Promise<PaidPayment>): Attempt {
  const one: Attempt = {
    over: false,
    end: paying
      .catch(() => null)
      .finally(() => {
        one.over = true;
      }),
  };
  return one;
}

/** Blocks come until it is over. */
async function expires({ stage }: Shop, one: Attempt): Promise<void> {
  for (let mined = 0; !one.over; mined += BLOCKS) {
    expect(mined).toBeLessThan(LAST_BLOCK);
    await stage.mine(BLOCKS);
  }
  expect(await one.end).toBeNull();
}

/** The first payment, of one who sold and died. @returns what the payer has less, in millisatoshis */
async function first(shop: Shop, line: Line, us: Us, moment: Moment): Promise<bigint> {
  const { lsp, payer, stage, kind } = shop;
  const { end, pays, after, isLost = false, wary = false } = moment;
  const amountMsat = pays === 'parts' ? shop.moreThanOneWay : FIRST;
  const asked = (): Promise<{ readonly invoice: string; readonly paymentId: string }> =>
    shop.invoice(us, pays === 'chosen' ? null : amountMsat);
  const paid = (invoice: string): Promise<PaidPayment> =>
    payer.pay(invoice, pays === 'chosen' ? { amountMsat } : {});

  const whole = await shop.purse();
  const { invoice, paymentId } = await asked();
  line.endsAt(end);
  const one = attempt(paid(invoice));
  await line.ended();
  if (after === 'broadcast') {
    const { fundingTxId } = await waitForChannel(us, (channel) => channel.fundingTxId !== null);
    await stage.inMempool(fundingTxId ?? '');
  }
  if (after === 'paid') expect(await one.end).not.toBeNull();
  await lsp.kill();
  line.mend();
  await shop.back(us);

  if (isLost && !does(kind.name, 'opens-again')) {
    await expires(shop, one);
    // All of it is the payer's again, before anything else is paid.
    await shop.holds(whole);
    expect(valueOf(await us.api.payment(paymentId))).toMatchObject({ state: 'pending' });
    const again = await asked();
    const { feeMsat } = await paid(again.invoice);
    await shop.received(us, again.paymentId, amountMsat);
    return amountMsat + feeMsat;
  }
  if (wary) await stage.mine(3);
  const arrived = await one.end;
  expect(arrived).not.toBeNull();
  await shop.received(us, paymentId, amountMsat);
  return amountMsat + (arrived?.feeMsat ?? 0n);
}

/** It dies and is back; all is where it belongs to the millisatoshi, nobody closed anything, and it goes on. @returns what the payer has left */
async function dies(shop: Shop, line: Line, moment: Moment, purse: bigint): Promise<bigint> {
  const { stage } = shop;
  const us = await shop.emptyWallet(moment.wary !== true);
  const spent = await first(shop, line, us, moment);
  await shop.holds(purse - spent);
  const { localMsat, fundingTxId, fundingIndex } = await atRest(us);
  const { lightning, totalMsat } = await us.api.listBalances();
  expect([lightning.localMsat, totalMsat]).toEqual([localMsat, localMsat]);
  const { payments } = await us.api.listPayments();
  const got = payments.filter(({ state }) => state === 'succeeded');
  expect(got.map((payment) => payment.amountMsat)).toEqual([localMsat]);
  // Of what the LSP forgot with its end nothing lingers, and nothing was published.
  const channels = await us.api.listChannels();
  expect(channels.filter(({ state }) => state !== 'closed')).toHaveLength(1);
  expect(channels.map(({ closing }) => closing)).toEqual(channels.map(() => null));
  await stage.inMempool(fundingTxId ?? '');
  expect(await stage.chain.rpc.call('gettxout', fundingTxId, fundingIndex, true)).not.toBeNull();

  const more = await shop.payMore(us);
  const left = await shop.holds(purse - spent - more);
  expect((await us.api.status()).alarms).toEqual([]);
  await us.stop();
  // What the channel left over of the LSP's coins is good for the next.
  await stage.mine(1);
  return moment.pays === 'parts' ? shop.refill(left, (shop.moreThanOneWay * 9n) / 10n) : left;
}

/** It has named a price; it is asked to sell, and has not answered; it has sold; and nobody has paid. */
async function diesSelling(shop: Shop, line: Line): Promise<void> {
  const { lsp } = shop;
  const us = await shop.emptyWallet();
  const purse = await shop.purse();
  const request = { description: 'first', maxFeeMsat: 40_000_000n };
  const { quoteId } = await shop.quote(us, FIRST);
  await lsp.kill();
  await until(async () => (await us.api.listPeers()).every(({ state }) => state !== 'connected'), {
    what: 'us to have seen its end',
  });
  expect(await us.api.lsp.quote(FIRST)).toMatchObject({ error: { code: 'peer-unreachable' } });
  await shop.back(us);
  // What it promised it holds, or says that it does not.
  line.endsAt({ by: 'us', arrives: true, message: isPurchase });
  const bought = us.api.lsp.receive({ ...request, quoteId });
  await line.ended();
  await lsp.kill();
  line.mend();
  expect(await bought).toMatchObject({ error: { code: 'lsp-failed', reason: 'disconnected' } });
  await shop.back(us);
  const sold = await us.api.lsp.receive({ ...request, quoteId });
  if (!sold.ok) expect(sold.error).toEqual({ code: 'lsp-failed', reason: 'terms-changed' });
  const { invoice, paymentId } = sold.ok ? sold.value : await shop.invoice(us, FIRST);
  await lsp.kill();
  await shop.back(us);
  const { feeMsat } = await shop.payer.pay(invoice);
  await shop.received(us, paymentId, FIRST);
  const more = await shop.payMore(us);
  await shop.holds(purse - FIRST - feeMsat - more);
  expect((await us.api.status()).alarms).toEqual([]);
  await us.stop();
  await shop.stage.mine(1);
}

const throughALine = (play: Play, run: (shop: Shop, line: Line) => Promise<void>): Promise<void> =>
  Shop.with(play, async (shop) => {
    const line = new Line();
    try {
      await run(shop, line);
    } finally {
      line.stop();
    }
  });

async function diesAtEach(shop: Shop, line: Line, moments: readonly Moment[]): Promise<void> {
  let purse = await shop.purse();
  for (const moment of moments) {
    try {
      purse = await dies(shop, line, moment, purse);
    } catch (cause) {
      throw new Error(`killed at ${JSON.stringify(moment)}`, { cause });
    }
  }
}

export const BUYING_OF_THE_DYING = {
  'channel-bought-killed': (play) =>
    throughALine(play, async (shop, line) => {
      await diesSelling(shop, line);
      await diesAtEach(shop, line, OPENING);
    }),
  'channel-bought-killed-paying': (play) =>
    throughALine(play, (shop, line) => diesAtEach(shop, line, FORWARDING)),
} satisfies Scenarios;
