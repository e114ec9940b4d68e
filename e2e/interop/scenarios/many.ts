import { expect } from 'vitest';
import { waitForChannel, waitForPayment } from '../../real/scenarios/stage.ts';
import { newSecret, valueOf } from '../../real/scenarios/values.ts';
import { until } from '../../world/until.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';

/** BOLT 2 §open_channel: "MUST fail the channel if: `max_accepted_htlcs` is greater than 483": nobody takes more. */
const MOST_AT_ONCE = 483;
const LEAST_AT_ONCE = 10;
/** No dust, and 483 of them leave what the commitment costs. */
const AMOUNT = 400_000n;
/** No dust to Electrum either, which has it from 546 sat on: of dust we let only so much in. */
const THEIR_AMOUNT = 600_000n;

/** All sent before any is held: we stop where they would refuse, and all that is there comes to its end. */
async function manyAtOnce(play: Play): Promise<void> {
  const { us, peer } = play;
  const before = await play.open({ by: 'us' });
  const asked: { readonly bolt11: string; readonly paymentHash: string; readonly preimage: string }[] = [];
  for (let i = 0; i < MOST_AT_ONCE; i++) {
    const { paymentHash, preimage } = newSecret();
    const { bolt11 } = await peer.createInvoice({ amountMsat: AMOUNT, paymentHash });
    asked.push({ bolt11, paymentHash, preimage });
  }
  const held: { readonly paymentHash: string; readonly preimage: string; readonly paymentId: string }[] = [];
  for (const { bolt11, ...secret } of asked) {
    const sent = await us.api.bolt11.send(bolt11);
    if (!sent.ok) break;
    held.push({ ...secret, paymentId: sent.value.paymentId });
  }
  expect(held.length).toBeGreaterThanOrEqual(LEAST_AT_ONCE);
  for (const { paymentHash } of held) await peer.waitForHeld(paymentHash);
  for (const { preimage } of held) await peer.claim(preimage);
  for (const { paymentId } of held) expect((await waitForPayment(us, paymentId)).state).toBe('succeeded');
  const after = await play.settled(before.channelId);
  expect(after.localMsat).toBe(before.localMsat - AMOUNT * BigInt(held.length));
}

/** Offered to us together: the others wait behind whoever is refused. */
const BATCH = 21;
/** One who gives up only after a while, on a busy machine. */
const PATIENCE_MS = 120_000;

/** A payment of theirs that is here and waits for us. */
type Offered = { readonly paymentId: string; readonly preimage: string };

/** @returns null where they refuse to pay: they have no room for it */
async function offered({ us, peer }: Play): Promise<Offered | null> {
  const { paymentHash, preimage } = newSecret();
  const request = { amountMsat: THEIR_AMOUNT, description: 'one of many', paymentHash };
  const { invoice, paymentId } = valueOf(await us.api.bolt11.receiveForHash(request));
  let isRefused = false;
  // Some wait for its end only for a while: once it is here, ours is to say.
  peer.pay(invoice).catch(() => (isRefused = true));
  const isHere = async (): Promise<boolean> => valueOf(await us.api.payment(paymentId)).state === 'claimable';
  await until(async () => isRefused || (await isHere()), {
    what: 'a payment of theirs to be here, or refused',
    everyMs: 50,
    timeoutMs: PATIENCE_MS,
  });
  return isRefused ? null : { paymentId, preimage };
}

/** As many as they offer: what is here is claimed, all of it. */
async function manyByThem(play: Play): Promise<void> {
  const { us } = play;
  const before = await play.open({ by: 'us' });
  const held: Offered[] = [];
  for (let isFull = false; !isFull && held.length < MOST_AT_ONCE;) {
    const size = Math.min(BATCH, MOST_AT_ONCE - held.length);
    const batch = await Promise.all(Array.from({ length: size }, () => offered(play)));
    for (const one of batch) {
      if (one === null) isFull = true;
      else held.push(one);
    }
  }
  expect(held.length).toBeGreaterThanOrEqual(LEAST_AT_ONCE);
  await waitForChannel(us, (one) => one.channelId === before.channelId && one.pendingHtlcs === held.length);
  for (const { preimage } of held) valueOf(await us.api.bolt11.claim(preimage));
  for (const { paymentId } of held) expect((await waitForPayment(us, paymentId)).state).toBe('succeeded');
  const after = await play.settled(before.channelId);
  expect(after.localMsat).toBe(before.localMsat + THEIR_AMOUNT * BigInt(held.length));
}

export const MANY = { 'many-at-once': manyAtOnce, 'many-at-once-by-them': manyByThem } satisfies Scenarios;
