import type { IncomingPayment } from './incoming.ts';
import type { OutgoingPayment } from './outgoing.ts';

/**
 * Payments that were made, for another device of the same words. Not those that failed or were under way: one of them
 * may have been paid since, and to try it again would pay it twice.
 */
export type PaymentHistory = {
  readonly sent: readonly OutgoingPayment[];
  readonly received: readonly IncomingPayment[];
};

/** The newest `most` of both together. */
export function historyOf(
  outgoing: Iterable<OutgoingPayment>,
  incoming: Iterable<IncomingPayment>,
  most: number,
): PaymentHistory {
  const sent = [...outgoing].flatMap((payment) => sentBefore(payment) ?? []);
  const received = [...incoming].flatMap((payment) => receivedBefore(payment) ?? []);
  const [oldest] = [...sent, ...received]
    .map(({ createdAt }) => createdAt)
    .sort((a, b) => b - a)
    .slice(0, most)
    .slice(-1);
  const isNew = ({ createdAt }: { readonly createdAt: number }): boolean =>
    oldest !== undefined && createdAt >= oldest;
  // Of one second there may be more than fit.
  const newest = sent.filter(isNew).slice(0, most);
  return { sent: newest, received: received.filter(isNew).slice(0, most - newest.length) };
}

/** Null for what may not be taken back. What a device of old tried beside it is nobody's concern any more. */
export const sentBefore = (payment: OutgoingPayment): OutgoingPayment | null =>
  payment.status.tag !== 'succeeded'
    ? null
    : { ...payment, attempts: payment.attempts.filter(({ outcome }) => outcome.tag === 'fulfilled') };

export const receivedBefore = (payment: IncomingPayment): IncomingPayment | null =>
  payment.status.tag === 'received' ? payment : null;
