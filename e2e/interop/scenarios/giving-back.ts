import { expect } from 'vitest';
import { newSecret, valueOf } from '../../real/scenarios/values.ts';
import type { PeerInvoice } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';
import { EXCHANGES } from '../exchanges.ts';
import type { Play } from '../play.ts';
import type { Scenarios } from '../scenario.ts';
import { cutEach, Line } from './cut-line.ts';

const AMOUNT = 2_000_000n;
/** More than it has messages to be cut at, twice. */
const MOST_WALKS = 64;

/** Payments out and in that are given back: `update_fail_htlc`, and the commitments after it. Nobody is poorer. */
async function refusals(play: Play): Promise<void> {
  const { us } = play;
  const channel = await play.channel();
  // Before anything is cut: Electrum makes none while no channel of its own could carry it.
  const invoices: PeerInvoice[] = [];
  for (let i = 0; i < MOST_WALKS; i++) {
    const { paymentHash } = newSecret();
    invoices.push(await play.peer.createInvoice({ amountMsat: AMOUNT, paymentHash }));
  }
  await Line.through(play, async (line) => {
    await play.stage.usable(us, play.peer, channel.channelId);
    await cutEach(EXCHANGES['cuts-refused'], (cut) =>
      line.cut([cut], async () => {
        const invoice = invoices.pop();
        if (invoice === undefined) throw new Error('more messages than invoices');
        await refusedByThem(play, invoice);
        await refusedByUs(play);
        // The last of it is said after both know that it is over.
        await play.settled(channel.channelId);
      }),
    );
    await line.connected();
    expect((await play.settled(channel.channelId)).localMsat).toBe(channel.localMsat);
    await play.quiet();
  });
  await play.together(channel.channelId);
}

async function refusedByThem({ us, peer }: Play, { bolt11, paymentHash }: PeerInvoice): Promise<void> {
  const state = await until(
    async () => {
      const known = await us.api.payment(paymentHash);
      if (!known.ok) await us.api.bolt11.send(bolt11);
      else if (known.value.state !== 'pending') return known.value.state;
      // Before it is there, too: what comes then is refused at once.
      else await peer.fail(paymentHash).catch(() => null);
      return null;
    },
    {
      what: 'the end of a payment that is given back',
      everyMs: 50,
      describe: () => us.api.payment(paymentHash),
    },
  );
  expect(state).toBe('failed');
}

async function refusedByUs({ us, peer }: Play): Promise<void> {
  const { paymentHash } = newSecret();
  const request = { amountMsat: AMOUNT, description: 'to be given back', paymentHash };
  const { invoice, paymentId } = valueOf(await us.api.bolt11.receiveForHash(request));
  let end: 'paid' | 'refused' | null = null;
  const paying = peer.pay(invoice).then(
    () => (end = 'paid'),
    () => (end = 'refused'),
  );
  await until(
    async () => {
      if (valueOf(await us.api.payment(paymentId)).state === 'claimable')
        await us.api.bolt11.fail(paymentHash);
      return end !== null;
    },
    { what: 'the end of a payment that we give back', everyMs: 50, timeoutMs: 120_000 },
  );
  expect(await paying).toBe('refused');
}

export const GIVING_BACK = { 'cuts-refused': refusals } satisfies Scenarios;
