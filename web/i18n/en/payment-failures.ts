import type { PaymentFailure } from '../../../engine/node/refusal.ts';

/** What stands in the way and what to do. The sentence "Not sent" stands above it. */
export type FailureText = { readonly reason: string; readonly next: string; readonly retry: boolean };

export const paymentFailures: { readonly [C in PaymentFailure['code']]: FailureText } = {
  'recipient-rejected': {
    reason: 'The receiver turned the payment down.',
    next: 'Ask the receiver for a new invoice.',
    retry: false,
  },
  'unknown-to-recipient': {
    reason: 'The receiver does not know this invoice, or it was paid already.',
    next: 'Ask the receiver for a new invoice.',
    retry: false,
  },
  'no-route': {
    reason: 'No path to the receiver can carry this amount now.',
    next: 'Try a smaller amount, or try again in a few minutes.',
    retry: true,
  },
  'peer-offline': {
    reason: 'Your channel’s peer is offline.',
    next: 'Leyden keeps trying to reach it. Try again when it is back.',
    retry: true,
  },
  expired: { reason: 'The invoice expired.', next: 'Ask the receiver for a new one.', retry: false },
  'timed-out': {
    reason: 'The receiver did not answer in time.',
    next: 'Try again, or ask whether the receiver is online.',
    retry: true,
  },
  'taken-back': {
    reason: 'This wallet was closed or offline when the payment had to be collected: the payer took it back.',
    next: 'Ask to be paid again, and keep the wallet open until it is done.',
    retry: false,
  },
  'outcome-unknown': {
    reason:
      'What became of it is not known: the newest state of the channel was lost. It may have been paid.',
    next: 'Ask the receiver whether it came. If it did not, pay a new invoice.',
    retry: false,
  },
  'fee-above-limit': {
    reason: 'Every path costs more than the fee you agreed to.',
    next: 'Try again to see the new fee first.',
    retry: true,
  },
  temporary: {
    reason: 'A node on the way could not carry it just now.',
    next: 'Try again in a minute.',
    retry: true,
  },
  'unreadable-error': {
    reason: 'It came back from the way without a readable reason.',
    next: 'Try again in a minute.',
    retry: true,
  },
  cancelled: {
    reason: 'It was cancelled before it was sent.',
    next: 'Send it again when you are ready.',
    retry: true,
  },
};

/** Of a payment that nobody asked for. */
export const unaskedRefused: FailureText = {
  reason: 'The receiver turned the payment down. Many nodes take only what they asked for.',
  next: 'Ask for an invoice, and pay that.',
  retry: false,
};
