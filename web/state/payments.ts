import type { PaymentDetails } from '../../engine/node/api.ts';
import { activity } from '../i18n/en.ts';

/** An invoice of ours that nobody has paid: a request, not yet money. */
export const isUnpaidRequest = (payment: PaymentDetails): boolean =>
  payment.direction === 'incoming' &&
  payment.kind === 'bolt11' &&
  (payment.state === 'pending' || payment.state === 'expired');

/** The half that comes in of money that moves between channels: the half that goes out stands for both. */
export const isOtherHalf = ({ toSelf, kind, direction }: PaymentDetails): boolean =>
  toSelf && kind === 'bolt11' && direction === 'incoming';

export const isOnchain = ({ kind }: PaymentDetails): boolean =>
  kind === 'onchain' || kind === 'channel-open' || kind === 'channel-close';

/** When it became what it is: an invoice may be paid long after it was made. */
export const whenOf = ({ settledAt, createdAt }: PaymentDetails): number => settledAt ?? createdAt;

/** What happened last, the newest first. */
export const latestOf = (payments: readonly PaymentDetails[], count: number): readonly PaymentDetails[] =>
  payments
    .filter((payment) => !isUnpaidRequest(payment) && !isOtherHalf(payment))
    .toSorted((a, b) => whenOf(b) - whenOf(a))
    .slice(0, count);

/** On its way: it will change by itself. */
export const isMoving = (payment: PaymentDetails): boolean =>
  (payment.state === 'pending' || payment.state === 'claimable') && !isUnpaidRequest(payment);

/** What a person calls it: their label, what it was for, or what it is. */
export function titleOf(payment: PaymentDetails): string {
  const { label, description } = payment;
  if (label.trim() !== '') return label;
  if (description.trim() !== '') return description;
  if (payment.toSelf) return isOnchain(payment) ? activity.toSelf.coins : activity.toSelf.channels;
  return activity.kinds[payment.kind][payment.direction];
}

/** From one place of the wallet to another: between channels, or into one and back. */
export const isMove = (payment: PaymentDetails): boolean =>
  (payment.toSelf && !isOnchain(payment)) ||
  (payment.kind === 'channel-open' && payment.direction === 'outgoing') ||
  (payment.kind === 'channel-close' && payment.direction === 'incoming');

/** Which way the money went; null where none came or went. */
export function directionOf(payment: PaymentDetails): PaymentDetails['direction'] | null {
  const isDead = payment.state === 'failed' || payment.state === 'expired';
  return isDead || isMove(payment) || isUnpaidRequest(payment) ? null : payment.direction;
}

/** The word for where it stands. */
export function stateText(payment: PaymentDetails): string {
  if (isUnpaidRequest(payment) && payment.state === 'pending') return activity.notPaidYet;
  if (isOnchain(payment) && payment.state === 'pending') return activity.confirming;
  if (payment.state === 'succeeded') {
    if (payment.toSelf) return isOnchain(payment) ? activity.toSelf.feePaid : activity.moved.between;
    if (payment.kind === 'channel-close')
      return payment.direction === 'incoming' ? activity.moved.toChain : activity.moved.paid;
    if (payment.kind === 'channel-open' && payment.direction === 'outgoing')
      return activity.moved.toLightning;
  }
  if (payment.failure?.code === 'outcome-unknown') return activity.outcomeUnknown;
  return activity.states[payment.state][payment.direction];
}
