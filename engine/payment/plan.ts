import type { NodeId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockHeight, msat, type Msat, type Scid } from '../base/units.ts';
import type { PaymentEnv } from './env.ts';
import { committedAmount, committedFee, type Attempt, type OutgoingPayment } from './outgoing.ts';
import type { RouteRefusal } from './payment-refusal.ts';
import { feeOfRoute, type Avoid, type Route } from './route.ts';

type Planned = Pick<OutgoingPayment, 'amount' | 'maxFee' | 'recipient' | 'attempts'>;

/** Routes for what is neither paid nor in flight, around what failed. */
export function planRoutes(
  payment: Planned,
  env: Omit<PaymentEnv, 'random' | 'now'>,
): Result<readonly Route[], RouteRefusal> {
  const { attempts, recipient } = payment;
  const finalCltvExpiry = env.height + recipient.minFinalCltvExpiryDelta + env.config.expirySlack;
  const maxCltvExpiry = env.height + env.config.maxCltvDelta;
  if (attempts.length >= env.config.maxAttempts || finalCltvExpiry > maxCltvExpiry)
    return err({ code: 'no-path', reason: 'no-route' });
  return env.findRoutes({
    ourId: env.nodeId,
    payee: recipient.nodeId,
    amount: msat(payment.amount - committedAmount(payment)),
    maxFee: msat(payment.maxFee - committedFee(payment)),
    finalCltvExpiry: blockHeight(finalCltvExpiry),
    maxCltvExpiry: blockHeight(maxCltvExpiry),
    routeHints: recipient.routeHints,
    multiPart: recipient.multiPart,
    channels: env.channels(),
    avoid: avoidOf(attempts),
  });
}

/** What paying would cost now, without paying. */
export function quoteFee(
  request: Omit<Planned, 'attempts'>,
  env: Omit<PaymentEnv, 'random' | 'now'>,
): Result<Msat, RouteRefusal> {
  const routes = planRoutes({ ...request, attempts: [] }, env);
  return routes.ok ? ok(msat(routes.value.reduce((sum, route) => sum + feeOfRoute(route), 0n))) : routes;
}

function avoidOf(attempts: readonly Attempt[]): Avoid {
  const channels = new Set<Attempt['channelId']>();
  const scids = new Set<Scid>();
  const nodes = new Set<NodeId>();
  for (const { channelId, hops, outcome } of attempts) {
    if (outcome.tag !== 'failed') continue;
    const scid = hops[outcome.hop + 1]?.scid;
    if (outcome.blame === 'channel') channels.add(channelId);
    else if (outcome.blame === 'next-channel' && scid !== undefined && scid !== null) scids.add(scid);
    else if (outcome.blame === 'node') nodes.add((hops[outcome.hop] ?? hops[0]).nodeId);
  }
  return { channels, scids, nodes };
}
