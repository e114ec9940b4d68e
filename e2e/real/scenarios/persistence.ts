// Payments that go on whatever dies in between. What was begun is looked up before anything is begun again.
import type { PaymentDetails } from '../../../engine/node/api.ts';
import type { Leyden } from '../../world/leyden/leyden.ts';
import type { RealPeer } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';

/** Who says for so long that it is still paying an invoice is given another. */
export const GIVEN_UP_MS = 60_000;
/** One attempt alone may take Electrum two minutes, when somebody dies in the middle of it. */
export const PATIENCE_MS = 240_000;

export type Tally = {
  sent: bigint;
  received: bigint;
  paidOut: number;
  paidIn: number;
  /** Attempts that came to an end without money moving: tried again with another invoice. */
  failedOut: number;
  failedIn: number;
  /** Invoices of ours that the peer did not come to an end with: LND that died may hold its payment as under way for ever. */
  readonly givenUp: { readonly paymentId: string; readonly amountMsat: bigint }[];
  /** Calls that were cut off by the end of a process. */
  cutOff: number;
};
export const newTally = (): Tally => ({
  sent: 0n,
  received: 0n,
  paidOut: 0,
  paidIn: 0,
  failedOut: 0,
  failedIn: 0,
  givenUp: [],
  cutOff: 0,
});

/** Asks until somebody is there to answer. */
export function whenAlive<T>(tally: Tally, what: string, ask: () => Promise<T>): Promise<T> {
  return until(
    () =>
      ask().then(
        (value) => ({ value }),
        () => {
          tally.cutOff++;
          return null;
        },
      ),
    { what, timeoutMs: PATIENCE_MS },
  ).then(({ value }) => value);
}

/** We pay one invoice of the peer's. Resolves when the money is gone for good. */
export async function payOut(
  us: Leyden,
  peer: RealPeer,
  amountMsat: bigint,
  tally: Tally,
): Promise<PaymentDetails> {
  for (;;) {
    const { bolt11, paymentHash } = await whenAlive(tally, 'an invoice', () =>
      peer.createInvoice({ amountMsat }),
    );
    const end = await until(
      async () => {
        const known = await us.api.payment(paymentHash).catch(() => null);
        if (known === null) return null;
        if (known.ok) return known.value.state === 'pending' ? null : known.value;
        // Not begun as far as the disk knows: then nothing has left us.
        await us.api.bolt11.send(bolt11).catch(() => tally.cutOff++);
        return null;
      },
      {
        what: `the payment ${paymentHash}`,
        timeoutMs: PATIENCE_MS,
        describe: async () => [
          await us.api.payment(paymentHash),
          (await us.api.listChannels()).filter(({ peerNodeId }) => peerNodeId === peer.id),
          await (peer.tells?.(paymentHash) ?? peer.channels()).catch(String),
          us.log.slice(-20),
        ],
      },
    );
    if (end.state === 'succeeded') {
      tally.sent += amountMsat + (end.feeMsat ?? 0n);
      tally.paidOut++;
      return end;
    }
    tally.failedOut++;
  }
}

/** The peer pays one invoice of ours, or another where it cannot come to an end with that. Resolves when the money is ours. */
export async function payIn(
  us: Leyden,
  peer: RealPeer,
  amountMsat: bigint,
  tally: Tally,
): Promise<PaymentDetails> {
  for (;;) {
    const { paymentId, invoice, paymentHash } = await whenAlive(tally, 'an invoice of ours', async () => {
      const made = await us.api.bolt11.receive({ amountMsat, description: 'in' });
      if (!made.ok) throw new Error(made.error.code);
      return made.value;
    });
    const giveUpAt = Date.now() + GIVEN_UP_MS;
    let lastReason = '';
    const paid = await until(
      async () => {
        const isPaid = await peer.pay(invoice).then(
          () => true,
          (reason: Error) => {
            lastReason = reason.message;
            return false;
          },
        );
        const received = await paymentOf(us, paymentId, tally);
        if (isPaid && received === null)
          throw new Error('the peer has a proof of payment, and we no payment');
        if (received !== null) return received;
        tally.failedIn++;
        return Date.now() > giveUpAt && isUnderWay(lastReason) ? 'given up' : null;
      },
      {
        what: `to be paid ${paymentHash} by ${peer.alias}`,
        timeoutMs: PATIENCE_MS,
        everyMs: 50,
        describe: async () => [
          lastReason,
          await us.api.listPeers(),
          (await us.api.listChannels()).filter(({ peerNodeId }) => peerNodeId === peer.id),
          await peer.channels().catch(String),
          us.log.slice(-8),
        ],
      },
    );
    if (paid !== 'given up') {
      tally.received += amountMsat;
      tally.paidIn++;
      return paid;
    }
    tally.givenUp.push({ paymentId, amountMsat });
  }
}

/** What LND answers of a payment that it has not ended. */
const isUnderWay = (reason: string): boolean => reason.includes('payment is in transition');

async function paymentOf(us: Leyden, paymentId: string, tally: Tally): Promise<PaymentDetails | null> {
  const known = await whenAlive(tally, 'what we were paid', () => us.api.payment(paymentId));
  if (!known.ok) throw new Error(`an invoice of ours is lost: ${known.error.code}`);
  return known.value.state === 'succeeded' ? known.value : null;
}

/** What was given up may have been paid after all. */
export async function receivedMsat(us: Leyden, tally: Tally): Promise<bigint> {
  let late = 0n;
  for (const { paymentId, amountMsat } of tally.givenUp)
    if ((await paymentOf(us, paymentId, tally)) !== null) late += amountMsat;
  return tally.received + late;
}

/** `count` times one after another, by `workers` at once. */
export async function repeat(
  count: number,
  workers: number,
  work: (i: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (next < count) await work(next++);
    }),
  );
}
