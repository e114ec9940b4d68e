import { expect } from 'vitest';
import type { ChannelDetails } from '../../../engine/node/api.ts';
import { pay, waitForChannel, waitForPayment } from '../../real/scenarios/stage.ts';
import { newSecret, valueOf } from '../../real/scenarios/values.ts';
import { until } from '../../world/until.ts';
import type { ImplementationName } from '../implementation.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { Wiretap, type Said } from '../wiretap.ts';

/** No dust to anybody, which Electrum has from 546 sat on; and 483 of them leave what the commitment costs. */
const AMOUNT = 600_000n;

/** What a side said of HTLCs towards it, when the channel was opened. */
type Limits = { readonly maxAcceptedHtlcs: number; readonly maxHtlcValueInFlight: bigint };

/**
 * How many there may be towards who said so.
 * BOLT 2 §update_add_htlc: "MUST NOT add an HTLC" where it "would be offering more than the remote's `max_accepted_htlcs`
 * HTLCs", or "the total value of offered HTLCs would exceed the remote's `max_htlc_value_in_flight_msat`".
 */
const mostTowards = ({ maxAcceptedHtlcs, maxHtlcValueInFlight }: Limits): number =>
  Math.min(maxAcceptedHtlcs, Number(maxHtlcValueInFlight / AMOUNT));

/** A channel of ours, and what each said of it. */
async function opened(play: Play): Promise<{
  readonly channel: ChannelDetails;
  readonly towardsThem: number;
  readonly towardsUs: number;
}> {
  const terms: Said['message'][] = [];
  const tap = new Wiretap(({ message }) => {
    terms.push(message);
    return 'passes';
  });
  try {
    const channel = await play.open({ by: 'us' });
    const ours = terms.findLast(({ name }) => name === 'open_channel');
    const theirs = terms.findLast(({ name }) => name === 'accept_channel');
    if (ours?.name !== 'open_channel' || theirs?.name !== 'accept_channel') throw new Error('opened unheard');
    return { channel, towardsThem: mostTowards(theirs), towardsUs: mostTowards(ours) };
  } finally {
    tap.stop();
  }
}

/** All sent before any is held: as many as they take, and not one more; all that is there comes to its end. */
async function manyAtOnce(play: Play): Promise<void> {
  const { us, peer } = play;
  const { channel, towardsThem } = await opened(play);
  const asked: { readonly bolt11: string; readonly paymentHash: string; readonly preimage: string }[] = [];
  for (let i = 0; i < towardsThem; i++) {
    const { paymentHash, preimage } = newSecret();
    const { bolt11 } = await peer.createInvoice({ amountMsat: AMOUNT, paymentHash });
    asked.push({ bolt11, paymentHash, preimage });
  }
  const oneMore = (await peer.createInvoice({ amountMsat: AMOUNT })).bolt11;
  const sent: string[] = [];
  for (const { bolt11 } of asked) sent.push(valueOf(await us.api.bolt11.send(bolt11)).paymentId);
  // A node of an earlier scenario that is away could have carried it too.
  const hasAway = (await us.api.listChannels()).some(({ state }) => state === 'offline');
  const isFull = hasAway
    ? { code: 'insufficient-balance', sendableMsat: 0n, awayMsat: expect.any(BigInt) as bigint }
    : { code: 'no-path', reason: 'channels-full' };
  expect(await us.api.bolt11.send(oneMore)).toEqual({ ok: false, error: isFull });
  for (const { paymentHash } of asked) await peer.waitForHeld(paymentHash);
  expect(await us.api.bolt11.send(oneMore)).toEqual({ ok: false, error: isFull });
  await waitForChannel(us, (one) => one.channelId === channel.channelId && one.pendingHtlcs === towardsThem);
  for (const { preimage } of asked) await peer.claim(preimage);
  for (const paymentId of sent) expect((await waitForPayment(us, paymentId)).state).toBe('succeeded');
  await play.settled(channel.channelId);
  expect((await pay(us, oneMore)).state).toBe('succeeded');
  const after = await play.settled(channel.channelId);
  expect(after.localMsat).toBe(channel.localMsat - AMOUNT * BigInt(towardsThem + 1));
}

/** Offered to us together: the others wait behind whoever is refused. */
const BATCH = 21;
/** One who gives up only after a while, on a busy machine. */
const PATIENCE_MS = 120_000;

/** What each says of a payment that its channel has no room for. */
const NO_ROOM: Readonly<Record<ImplementationName, RegExp>> = {
  'ldk-wasm': /route/,
  leyden: /no-path/,
  lnd: /INSUFFICIENT_BALANCE/,
  'ldk-node': /PaymentSendingFailed/,
  // Without an attempt: it found no way.
  electrum: /not paid: \[\]/,
};

/** A payment of theirs that is here and waits for us. */
type Offered = { readonly paymentId: string; readonly preimage: string };

/** @returns what they say where they refuse to pay: they have no room for it */
async function offered({ us, peer }: Play): Promise<Offered | Error> {
  const { paymentHash, preimage } = newSecret();
  const request = { amountMsat: AMOUNT, description: 'one of many', paymentHash };
  const { invoice, paymentId } = valueOf(await us.api.bolt11.receiveForHash(request));
  let refused: Error | null = null;
  // Some wait for its end only for a while: once it is here, ours is to say.
  peer.pay(invoice).catch((error: unknown) => (refused = error as Error));
  const isHere = async (): Promise<boolean> => valueOf(await us.api.payment(paymentId)).state === 'claimable';
  await until(async () => refused !== null || (await isHere()), {
    what: 'a payment of theirs to be here, or refused',
    everyMs: 50,
    timeoutMs: PATIENCE_MS,
  });
  return refused ?? { paymentId, preimage };
}

/** As many as we take, or they offer, and not one more: what is here is claimed, all of it. */
async function manyByThem(play: Play): Promise<void> {
  const { us, kind } = play;
  const { channel, towardsUs, towardsThem } = await opened(play);
  const most = kind.offersAsItTakes === true ? Math.min(towardsUs, towardsThem) : towardsUs;
  const held: Offered[] = [];
  const refused: Error[] = [];
  while (refused.length === 0 && held.length <= most) {
    const size = Math.max(1, Math.min(BATCH, most - held.length));
    const batch = await Promise.all(Array.from({ length: size }, () => offered(play)));
    for (const one of batch) {
      if (one instanceof Error) refused.push(one);
      else held.push(one);
    }
  }
  expect(held.length).toBe(most);
  expect(refused.map(({ message }) => message)).toEqual([expect.stringMatching(NO_ROOM[kind.name])]);
  await waitForChannel(us, (one) => one.channelId === channel.channelId && one.pendingHtlcs === held.length);
  for (const { preimage } of held) valueOf(await us.api.bolt11.claim(preimage));
  for (const { paymentId } of held) expect((await waitForPayment(us, paymentId)).state).toBe('succeeded');
  const after = await play.settled(channel.channelId);
  expect(after.localMsat).toBe(channel.localMsat + AMOUNT * BigInt(held.length));
}

export const MANY = { 'many-at-once': manyAtOnce, 'many-at-once-by-them': manyByThem } satisfies Scenarios;
