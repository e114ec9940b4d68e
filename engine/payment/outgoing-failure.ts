import type { ChannelRefusal } from '../channel/refusal.ts';
import type { OutgoingPayment } from './outgoing.ts';
import type { PaymentFailure, PaymentRefusal, RouteRefusal } from './payment-refusal.ts';

const FULL: ChannelRefusal['code'] = 'too-many-htlcs';

const failuresOf = ({ attempts }: OutgoingPayment): readonly PaymentFailure[] =>
  attempts.flatMap(({ outcome }) => (outcome.tag === 'failed' ? [outcome.failure] : []));

/** What the user is told: what the payee said, else what keeps us from trying again, else the last that went wrong. */
export function lastFailure(payment: OutgoingPayment, refusal: RouteRefusal | null): PaymentFailure {
  const final = payment.attempts.find(({ outcome }) => outcome.tag === 'failed' && outcome.isFinal)?.outcome;
  if (final?.tag === 'failed') return final.failure;
  if (refusal?.code === 'fee-above-limit')
    return { code: 'fee-above-limit', detail: `the next way costs ${refusal.fee} msat` };
  return failuresOf(payment).at(-1) ?? { code: 'no-route', detail: 'no way to the recipient is left' };
}

/** The same, when no channel of ours took the HTLC: the refusal of what was asked. */
export function refusalAfter(payment: OutgoingPayment, refusal: RouteRefusal): PaymentRefusal {
  if (refusal.code !== 'no-path') return refusal;
  // Every channel that could lead there was tried, which is why no route is left.
  const failures = failuresOf(payment);
  const isOffline = failures.some(({ code }) => code === 'peer-offline');
  const isFull = failures.some(({ detail }) => detail === FULL);
  return { code: 'no-path', reason: isOffline ? 'peer-offline' : isFull ? 'channels-full' : 'liquidity' };
}
