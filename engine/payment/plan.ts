import { unreachable } from '../base/assert.ts';
import type { ChannelId, NodeId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockHeight, msat, type Msat, type Scid } from '../base/units.ts';
import { payeeLayers } from './attempt.ts';
import { hintOfTail, placeOfPayee } from './blinded-way.ts';
import type { PaymentEnv } from './env.ts';
import type { ChannelAmount, ToldPolicy } from '../routing/route.ts';
import {
  committedAmount,
  committedFee,
  heldBy,
  heldIn,
  type Attempt,
  type OutgoingPayment,
} from './outgoing.ts';
import type { RouteRefusal } from './payment-refusal.ts';
import { feeOfRoute, type Avoid, type FoundWays, type Route, type RouteQuery } from './route.ts';
import { whyNot } from './why-not.ts';

type Planned = Pick<OutgoingPayment, 'amount' | 'maxFee' | 'recipient' | 'attempts'>;
type PlanEnv = Pick<PaymentEnv, 'config' | 'nodeId' | 'height' | 'channels' | 'findRoutes' | 'heldByOthers'>;

/** What is neither paid nor in flight, and what that may cost. */
const leftOf = (
  payment: Pick<Planned, 'amount' | 'maxFee' | 'attempts'>,
): Pick<FoundWays, 'amount' | 'maxFee'> => ({
  amount: msat(payment.amount - committedAmount(payment)),
  maxFee: msat(payment.maxFee - committedFee(payment)),
});

/** So often it is tried again when nothing on the way is to blame: the payee asks for it, or a node told its policy. */
const MOST_IN_VAIN = 6;
/** So often ways over a channel of ours fail, nobody knows where, until it is gone around. */
const MANY_DOUBTS = 3;

/** What is asked of the finder; null when there is nothing to be tried any more. */
function queryOf(payment: Planned, env: PlanEnv, policies: readonly ToldPolicy[] = []): RouteQuery | null {
  const { attempts, recipient } = payment;
  const { maxAttempts, maxParts } = env.config;
  const underWay = attempts.filter(({ outcome }) => outcome.tag === 'in-flight').length;
  const partsLeft = Math.min(maxParts - underWay, maxAttempts - attempts.length);
  const finalCltvExpiry = env.height + recipient.minFinalCltvExpiryDelta + env.config.expirySlack;
  const maxCltvExpiry = env.height + env.config.maxCltvDelta;
  const isOver = attempts.length >= maxAttempts || timesInVain(payment) >= MOST_IN_VAIN;
  if (isOver || finalCltvExpiry > maxCltvExpiry) return null;
  const { amount, maxFee } = leftOf(payment);
  return {
    ourId: env.nodeId,
    payee: recipient.nodeId,
    amount,
    maxFee,
    finalCltvExpiry: blockHeight(finalCltvExpiry),
    maxCltvExpiry: blockHeight(maxCltvExpiry),
    routeHints: [
      ...recipient.routeHints,
      ...(recipient.blindedTails ?? []).map((tail) => hintOfTail(tail, payment.amount)),
    ],
    layers: payeeLayers(payment),
    maxParts: recipient.multiPart ? Math.max(1, partsLeft) : 1,
    channels: env.channels(),
    avoid: avoidOf(attempts, 'all'),
    inFlight: () => [...heldBy(payment), ...(env.heldByOthers?.() ?? [])],
    policies,
  };
}

/** Parts that were under way together over a channel whose policy was told then are one of them. */
function timesInVain({ attempts, recipient }: Pick<Planned, 'attempts' | 'recipient'>): number {
  const reasons = attempts.flatMap(({ outcome, hops, number }) => {
    if (outcome.tag !== 'failed' || outcome.blame !== 'nothing') return [];
    // A payee that introduces itself has a hop behind it, too.
    const next = outcome.hop === placeOfPayee(recipient, hops) ? null : hops[outcome.hop + 1]?.scid;
    return [next ?? `the payee, of ${number}`];
  });
  return new Set(reasons).size;
}

const nothingLeft = err({ code: 'no-path', reason: 'no-route' } as const);

/** Routes for what is neither paid nor in flight, around what failed. */
export function planRoutes(
  payment: Planned,
  env: PlanEnv,
  policies: readonly ToldPolicy[] = [],
): Result<readonly Route[], RouteRefusal> {
  const query = queryOf(payment, env, policies);
  if (query === null) return nothingLeft;
  const { attempts } = payment;
  const doubts = mostDoubts(attempts);
  if (doubts === 0) return env.findRoutes(query);
  // One of the doubted channels failed, not all of them: that which leads to the payee may be its only one, and by
  // another channel of ours they may be tried once more. Where a few came back by the same one of ours, that is next:
  // our peer may spoil whatever goes over it.
  const [first, ...others] =
    doubts < MANY_DOUBTS
      ? (['all', 'before-last', 'ours'] as const)
      : (['ours', 'all', 'before-last'] as const);
  const by = (avoided: Doubts) => env.findRoutes({ ...query, avoid: avoidOf(attempts, avoided) });
  return others.reduce((found, avoided) => (found.ok ? found : by(avoided)), by(first));
}

/** Of tries where any channel of the way may be to blame: how many left by the same one of ours, at the most. */
function mostDoubts(attempts: readonly Attempt[]): number {
  const counts = new Map<ChannelId, number>();
  for (const { channelId, outcome } of attempts)
    if (outcome.tag === 'failed' && outcome.blame === 'route')
      counts.set(channelId, (counts.get(channelId) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/** Routes for what was not begun: a refusal says what stands in the way. */
export function firstRoutes(payment: Planned, env: PlanEnv): Result<readonly Route[], RouteRefusal> {
  const query = queryOf(payment, env);
  if (query === null) return nothingLeft;
  const found = env.findRoutes(query);
  return found.ok ? found : err(whyNot(query, found.error, env.findRoutes));
}

/** What was found for just that. */
export function foundFor(payment: Planned, { found }: Pick<PaymentEnv, 'found'>): FoundWays['routes'] | null {
  const { amount, maxFee } = leftOf(payment);
  return found?.amount === amount && found.maxFee === maxFee ? found.routes : null;
}

/** What a turn that goes on with the payment will take. */
export const waysOn = (payment: Planned, env: PlanEnv, policies?: readonly ToldPolicy[]): FoundWays => ({
  ...leftOf(payment),
  routes: planRoutes(payment, env, policies),
});

type Asked = Omit<Planned, 'attempts'> & { readonly over?: ReadonlySet<ChannelId> };

/** What a turn that begins it will take. */
export function firstWays({ over, ...asked }: Asked, env: PlanEnv): FoundWays {
  const payment = { ...asked, attempts: [] };
  return { ...leftOf(payment), routes: firstRoutes(payment, leavingBy(over, env)) };
}

/** Where only some of our channels may be used. */
export const leavingBy = <E extends PlanEnv>(over: ReadonlySet<ChannelId> | undefined, env: E): E =>
  over === undefined
    ? env
    : { ...env, channels: () => env.channels().filter(({ channelId }) => over.has(channelId)) };

/** What paying would cost now, without paying. */
export function quoteFee(request: Asked, env: PlanEnv): Result<Msat, RouteRefusal> {
  const { routes } = firstWays(request, env);
  return routes.ok ? ok(msat(routes.value.reduce((sum, route) => sum + feeOfRoute(route), 0n))) : routes;
}

/** Which channels of a way count as to blame, where any of them may be. */
type Doubts = 'all' | 'before-last' | 'ours';

function avoidOf(attempts: readonly Attempt[], doubts: Doubts): Avoid {
  const channels = new Set<Attempt['channelId']>();
  const scids = new Set<Scid>();
  const nodes = new Set<NodeId>();
  const amounts: ChannelAmount[] = [];
  for (const [i, { channelId, hops, outcome }] of attempts.entries()) {
    if (outcome.tag !== 'failed') continue;
    const from = (hops[outcome.hop] ?? hops[0]).nodeId;
    const next = hops[outcome.hop + 1];
    switch (outcome.blame) {
      case 'nothing':
        break;
      case 'channel':
        channels.add(channelId);
        break;
      case 'next-channel':
        if (next?.scid != null) scids.add(next.scid);
        break;
      case 'amount':
        // A little less, by another way's fees, would hardly get through; and it was refused beside parts sent before it.
        if (next?.scid != null) {
          const { scid, amount } = next;
          const beside = heldIn(heldBy({ attempts: attempts.slice(0, i) }), { scid, from });
          amounts.push({ scid, from, amountMsat: msat(amount - amount / 20n + beside) });
        }
        break;
      case 'node':
        nodes.add(from);
        break;
      case 'route':
        if (doubts === 'ours') channels.add(channelId);
        else {
          // A way without others before the last would be tried again as it was.
          const isSpared = doubts === 'before-last' && hops.length > 2;
          for (const { scid } of isSpared ? hops.slice(0, -1) : hops) if (scid !== null) scids.add(scid);
        }
        break;
      default:
        unreachable(outcome.blame);
    }
  }
  return { channels, scids, nodes, amounts };
}
