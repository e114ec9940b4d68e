// What goes on beside plain payments, whoever dies in between: what was begun is looked up before anything is begun again.
import type { PaymentDetails } from '../../../engine/node/api.ts';
import { GIVEN_UP_MS, PATIENCE_MS, whenAlive, type Tally } from '../../real/scenarios/persistence.ts';
import { newSecret, valueOf } from '../../real/scenarios/values.ts';
import type { Leyden } from '../../world/leyden/leyden.ts';
import type { RealPeer } from '../../world/real-peer.ts';
import { until } from '../../world/until.ts';

/** One of a peer's with us. Resolves when it has come to an end, and is counted. */
export type Action = (us: Leyden, peer: RealPeer, amountMsat: bigint, tally: Tally) => Promise<void>;

const known = (us: Leyden, paymentId: string): Promise<PaymentDetails | null> =>
  us.api.payment(paymentId).then(
    (payment) => (payment.ok ? payment.value : null),
    () => null,
  );

function countSent(tally: Tally, { state, feeMsat }: PaymentDetails, amountMsat: bigint): void {
  if (state !== 'succeeded') return;
  tally.sent += amountMsat + (feeMsat ?? 0n);
  tally.paidOut++;
}

/** They hold a payment of ours, and claim it or give it back. */
export const heldByThem =
  (claims: boolean): Action =>
  async (us, peer, amountMsat, tally) => {
    const { bolt11, paymentHash, preimage } = await whenAlive(tally, 'an invoice to hold', async () => {
      const secret = newSecret();
      return { ...secret, ...(await peer.createInvoice({ amountMsat, paymentHash: secret.paymentHash })) };
    });
    const end = await until(
      async () => {
        const payment = await us.api.payment(paymentHash).catch(() => null);
        if (payment === null) return null;
        // Not begun as far as the disk knows: then nothing has left us.
        if (!payment.ok) await us.api.bolt11.send(bolt11).catch(() => tally.cutOff++);
        else if (payment.value.state !== 'pending') return payment.value;
        // Before it is there, and while nobody is, too.
        else await (claims ? peer.claim(preimage) : peer.fail(paymentHash)).catch(() => null);
        return null;
      },
      {
        what: `the end of ${paymentHash}, held by ${peer.alias}`,
        timeoutMs: PATIENCE_MS,
        everyMs: 100,
        describe: async () => [await us.api.payment(paymentHash), await peer.channels().catch(String)],
      },
    );
    // What was given back was paid by nobody; what was claimed may have failed on its way.
    if (!claims && end.state === 'succeeded') throw new Error(`${peer.alias} gave back what we paid`);
    countSent(tally, end, amountMsat);
  };

/** We hold a payment of theirs, and claim it or give it back; also what does not come in time. */
export const heldByUs =
  (claims: boolean): Action =>
  async (us, peer, amountMsat, tally) => {
    const { paymentId, invoice, preimage, paymentHash } = await whenAlive(
      tally,
      'an invoice of ours to hold',
      async () => {
        const secret = newSecret();
        const request = { amountMsat, description: 'held', paymentHash: secret.paymentHash };
        return { ...secret, ...valueOf(await us.api.bolt11.receiveForHash(request)) };
      },
    );
    const giveUpAt = Date.now() + GIVEN_UP_MS;
    let isPaying = false;
    const end = await until(
      async () => {
        const payment = await known(us, paymentId);
        if (payment === null) return null;
        const { state } = payment;
        if (state === 'claimable')
          await (claims ? us.api.bolt11.claim(preimage) : us.api.bolt11.fail(paymentHash)).catch(() => null);
        else if (state !== 'pending') return payment;
        else if (Date.now() > giveUpAt) await us.api.bolt11.fail(paymentHash).catch(() => null);
        else if (!isPaying) {
          isPaying = true;
          void peer
            .pay(invoice)
            .catch(() => tally.failedIn++)
            .finally(() => (isPaying = false));
        }
        return null;
      },
      {
        what: `the end of ${paymentHash}, held by us`,
        timeoutMs: PATIENCE_MS,
        everyMs: 100,
        describe: async () => [await us.api.payment(paymentId), await peer.channels().catch(String)],
      },
    );
    if (end.state !== 'succeeded') return;
    tally.received += amountMsat;
    tally.paidIn++;
  };

/** @param undisturbed whoever wants to kill us waits for it: of a payment without an invoice only the answer has a name */
export const keysend =
  (undisturbed: <T>(work: Promise<T>) => Promise<T>): Action =>
  async (us, peer, amountMsat, tally) => {
    const begun = await undisturbed(us.api.spontaneous.send(peer.id, amountMsat).catch(() => null));
    if (begun?.ok !== true) return;
    const end = await until(
      async () => {
        const payment = await known(us, begun.value.paymentId);
        return payment === null || payment.state === 'pending' ? null : payment;
      },
      { what: `the end of a payment without an invoice to ${peer.alias}`, timeoutMs: PATIENCE_MS },
    );
    countSent(tally, end, amountMsat);
  };
