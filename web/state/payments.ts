import type { PaymentDetails } from '../../engine/node/api.ts';
import { activity } from '../i18n/en.ts';

/** An invoice of ours that nobody has paid: a request, not yet money. */
export const isUnpaidRequest = (payment: PaymentDetails): boolean =>
  payment.direction === 'incoming' &&
  payment.kind === 'bolt11' &&
  (payment.state === 'pending' || payment.state === 'expired');

export const isOnchain = ({ kind }: PaymentDetails): boolean =>
  kind === 'onchain' || kind === 'channel-open' || kind === 'channel-close';

/** On its way: it will change by itself. */
export const isMoving = (payment: PaymentDetails): boolean =>
  (payment.state === 'pending' || payment.state === 'claimable') && !isUnpaidRequest(payment);

/** What a person calls it: their label, what it was for, or what it is. */
export function titleOf({ label, description, kind, direction }: PaymentDetails): string {
  if (label.trim() !== '') return label;
  if (description.trim() !== '') return description;
  return activity.kinds[kind][direction];
}

/** The word for where it stands. */
export function stateText(payment: PaymentDetails): string {
  if (isUnpaidRequest(payment) && payment.state === 'pending') return activity.notPaidYet;
  if (isOnchain(payment) && payment.state === 'pending') return activity.confirming;
  if (payment.state === 'succeeded') {
    if (payment.kind === 'channel-close')
      return payment.direction === 'incoming' ? activity.moved.toChain : activity.moved.paid;
    if (payment.kind === 'channel-open' && payment.direction === 'outgoing')
      return activity.moved.toLightning;
  }
  return activity.states[payment.state][payment.direction];
}
