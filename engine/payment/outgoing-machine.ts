import { assert, unreachable } from '../base/assert.ts';
import { equalBytes, fromHex } from '../base/bytes.ts';
import type { ChannelId, CommandId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { msat, timestamp, type Timestamp } from '../base/units.ts';
import { put, remove, type Write } from '../base/write.ts';
import type { ChannelRefusal } from '../channel/refusal.ts';
import type { HtlcResult } from '../channel/htlc.ts';
import { encode } from '../codec/field.ts';
import { sha256 } from '../crypto/hash.ts';
import { htlcOf } from './attempt.ts';
import { holdTimesOfSuccess } from './attributed.ts';
import { outcomeOfRefusal, verdictOf } from './attempt-outcome.ts';
import type { ToldPolicy } from '../routing/route.ts';
import type { PaymentEnv } from './env.ts';
import {
  committedAmount,
  committedFee,
  hasInFlight,
  type Attempt,
  type AttemptOutcome,
  type OutgoingPayment,
} from './outgoing.ts';
import { outgoingRecord } from './outgoing-record.ts';
import { lessonsOfSuccess } from './path-lessons.ts';
import { firstRoutes, foundFor, leavingBy, planRoutes, waysOn } from './plan.ts';
import type { FoundWays, Route } from './route.ts';
import { lastFailure, refusalAfter } from './outgoing-failure.ts';
import type { PaymentFailure, PaymentRefusal, RouteRefusal } from './payment-refusal.ts';
import type { PaymentEffect, Step } from './step.ts';

/** A payment that was not begun is null. `replyTo` waits until a channel took the first HTLC, or none did. */
export type OutgoingState = {
  readonly payment: OutgoingPayment | null;
  readonly replyTo: CommandId | null;
  /** What nodes on the way said that they ask for. Not kept on disk: they say it again. */
  readonly told?: readonly ToldPolicy[];
  /** Of the request. Not kept on disk: a payment to ourselves is not tried again after a restart. */
  readonly over?: ReadonlySet<ChannelId>;
};
export const newOutgoing: OutgoingState = { payment: null, replyTo: null };

/** What is to be paid: see send-request.ts. */
export type SendRequest = Omit<
  OutgoingPayment,
  'createdAt' | 'retryUntil' | 'status' | 'attempts' | 'nextAttempt' | 'label'
> & {
  /** No attempt after this moment; null when there is none. */
  readonly payBefore: Timestamp | null;
  /** The channels of ours that it may leave by; left out: any. */
  readonly over?: ReadonlySet<ChannelId>;
};

export type OutgoingEvent =
  | { readonly tag: 'send'; readonly id: CommandId; readonly request: SendRequest }
  | { readonly tag: 'added'; readonly attempt: number }
  | { readonly tag: 'refused'; readonly attempt: number; readonly refusal: ChannelRefusal }
  | { readonly tag: 'settled'; readonly attempt: number; readonly result: HtlcResult }
  /** After a restart: `live` are the attempts whose HTLC stands in a channel, or whose end a channel still holds. */
  | { readonly tag: 'resumed'; readonly live: ReadonlySet<number> }
  /** After the effect of that name. May come too often, and with ways for what is not the rest any more. */
  | { readonly tag: 'retry' }
  | { readonly tag: 'label'; readonly label: string };

export const writeOutgoing = (payment: OutgoingPayment): readonly Write[] => [
  put('payment', payment.id, encode(outgoingRecord, payment)),
];
const same = (state: OutgoingState): Step<OutgoingState> => ({ next: state, commit: [], after: [] });

/** Synchronous, total, deterministic. Idempotent: what comes twice changes nothing the second time. */
export function outgoingTransition(
  state: OutgoingState,
  event: OutgoingEvent,
  env: PaymentEnv,
): Step<OutgoingState> {
  const { payment } = state;
  if (event.tag === 'send') return begin(state, event.id, event.request, env);
  if (payment === null) return same(state);
  switch (event.tag) {
    case 'added':
      return { ...same({ ...state, replyTo: null }), after: accepted(state) };
    case 'refused':
      return ended(state, payment, event.attempt, outcomeOfRefusal(event.refusal), env);
    case 'settled': {
      // An HTLC that ended was taken by its channel, even if that was never said.
      const isOurs = payment.attempts.some(({ number }) => number === event.attempt);
      const heard = isOurs ? { ...state, replyTo: null } : state;
      const step = settled(heard, payment, event.attempt, event.result, env);
      return isOurs ? { ...step, after: [...accepted(state), ...step.after] } : step;
    }
    case 'resumed':
      return resumed(state, payment, event.live, env);
    case 'retry':
      return isRetried(payment) ? goOn(state, payment, env) : same(state);
    case 'label': {
      const labelled = { ...payment, label: event.label };
      return { next: { ...state, payment: labelled }, commit: writeOutgoing(labelled), after: [] };
    }
    default:
      return unreachable(event);
  }
}

const reply = (
  { replyTo }: OutgoingState,
  result: Extract<PaymentEffect, { tag: 'reply' }>['result'],
): readonly PaymentEffect[] => (replyTo === null ? [] : [{ tag: 'reply', id: replyTo, result }]);
const accepted = (state: OutgoingState): readonly PaymentEffect[] =>
  state.payment === null ? [] : reply(state, ok({ paymentId: state.payment.id }));

function begin(
  state: OutgoingState,
  id: CommandId,
  request: SendRequest,
  env: PaymentEnv,
): Step<OutgoingState> {
  const before = state.payment;
  const refuse = (error: PaymentRefusal): Step<OutgoingState> => ({
    ...same(state),
    after: [{ tag: 'reply', id, result: err(error) }],
  });
  // Nothing is ever paid twice: only what failed, with nothing in flight any more, is begun again.
  if (before !== null && (before.status.tag !== 'failed' || mayBePaid(before)))
    return refuse({ code: 'duplicate-payment', state: before.status.tag });
  const { payBefore, over } = request;
  // It may have waited in line since it was asked for.
  if (payBefore !== null && env.now > payBefore)
    return refuse({ code: 'invoice-expired', expiredAt: payBefore });
  const payment: OutgoingPayment = {
    id: request.id,
    paymentHash: request.paymentHash,
    kind: request.kind,
    amount: request.amount,
    maxFee: request.maxFee,
    recipient: request.recipient,
    invoice: request.invoice,
    description: request.description,
    label: before?.label ?? '',
    createdAt: env.now,
    retryUntil: timestamp(Math.min(env.now + env.config.retryFor, payBefore ?? Infinity)),
    status: { tag: 'pending' },
    nextAttempt: before?.nextAttempt ?? 0,
    attempts: [],
  };
  const routes = foundFor(payment, env) ?? firstRoutes(payment, leavingBy(over, env));
  const launched = launch(payment, env, routes);
  if (!launched.ok) return refuse(launched.error);
  const { next, after } = launched.value;
  const begun: OutgoingState = { payment: next, replyTo: id, ...(over === undefined ? {} : { over }) };
  return { next: begun, commit: writeOutgoing(next), after };
}

const mayBePaid = ({ attempts }: OutgoingPayment): boolean =>
  attempts.some(({ outcome }) => outcome.tag === 'failed' && outcome.failure.code === 'outcome-unknown');

type Launch = { readonly next: OutgoingPayment; readonly after: readonly PaymentEffect[] };

/** New HTLCs for what is neither paid nor in flight. */
function launch(
  payment: OutgoingPayment,
  env: PaymentEnv,
  routes: Result<readonly Route[], RouteRefusal>,
): Result<Launch, RouteRefusal> {
  if (!routes.ok) return routes;
  let next = payment;
  const after: PaymentEffect[] = [];
  for (const { channelId, hops } of routes.value) {
    const attempt: Attempt = {
      number: next.nextAttempt,
      channelId,
      sessionKey: env.random(32),
      hops,
      outcome: { tag: 'in-flight' },
    };
    const command = htlcOf(payment, attempt);
    // Only metadata or hints of an absurd size: no other route has more room.
    if (!command.ok) return err({ code: 'no-path', reason: 'no-route' });
    next = { ...next, nextAttempt: next.nextAttempt + 1, attempts: [...next.attempts, attempt] };
    after.push({ tag: 'command', channelId, command: command.value });
  }
  // BOLT 4 §Basic Multi-Part Payments: "MUST NOT send another HTLC if the total amt_to_forward of the HTLC set is already
  // greater or equal to total_msat."
  assert(committedAmount(next) === next.amount, 'routes for another amount');
  assert(committedFee(next) <= next.maxFee, 'routes above the fee limit');
  return ok({ next, after });
}

function settled(
  state: OutgoingState,
  payment: OutgoingPayment,
  number: number,
  result: HtlcResult,
  env: PaymentEnv,
): Step<OutgoingState> {
  const attempt = payment.attempts.find((one) => one.number === number);
  if (result.tag !== 'fulfilled') {
    if (attempt?.outcome.tag !== 'in-flight') return same(state);
    const told = state.told ?? [];
    const { outcome, lessons, policy, holdTimes } = verdictOf(
      attempt,
      payment.recipient,
      result,
      env.chainHash,
      told,
      env.termsNow,
    );
    env.learn(lessons);
    return ended(
      policy === null ? state : { ...state, told: [...told, policy] },
      payment,
      number,
      outcome,
      env,
      holdTimes,
    );
  }

  // The payee has the money, whatever was believed before.
  const { preimage, attributionData } = result;
  assert(equalBytes(sha256(preimage), fromHex(payment.paymentHash)), 'fulfilled with another preimage');
  const isNews = attempt !== undefined && attempt.outcome.tag !== 'fulfilled';
  if (isNews) env.learn(lessonsOfSuccess(attempt));
  const holdTimes = isNews ? holdTimesOfSuccess(attempt, attributionData) : [];
  const marked = withOutcome(payment, number, { tag: 'fulfilled' }, holdTimes);
  if (payment.status.tag === 'succeeded')
    return isNews
      ? { next: { ...state, payment: marked }, commit: writeOutgoing(marked), after: [] }
      : same(state);
  const paid: OutgoingPayment = { ...marked, status: { tag: 'succeeded', preimage, at: env.now } };
  return {
    next: { ...state, payment: paid },
    commit: writeOutgoing(paid),
    after: [
      {
        tag: 'notify',
        notice: {
          tag: 'sent',
          paymentId: paid.id,
          amount: paid.amount,
          fee: msat(committedFee(paid)),
          preimage,
        },
      },
    ],
  };
}

/** An attempt came to nothing: another one, or the end. */
function ended(
  state: OutgoingState,
  payment: OutgoingPayment,
  number: number,
  outcome: Extract<AttemptOutcome, { tag: 'failed' }>,
  env: PaymentEnv,
  holdTimes: readonly number[] = [],
): Step<OutgoingState> {
  if (!payment.attempts.some((one) => one.number === number && one.outcome.tag === 'in-flight'))
    return same(state);
  return goOn(state, withOutcome(payment, number, outcome, holdTimes), env);
}

function resumed(
  state: OutgoingState,
  payment: OutgoingPayment,
  live: ReadonlySet<number>,
  env: PaymentEnv,
): Step<OutgoingState> {
  if (payment.status.tag !== 'pending') return same(state);
  const isGone = ({ number, outcome }: Attempt): boolean => outcome.tag === 'in-flight' && !live.has(number);
  if (!payment.attempts.some(isGone) && hasInFlight(payment)) return same(state);
  // HTLC and attempt are written in one transaction: what no channel knows was never sent.
  const notSent = outcomeOfRefusal({ code: 'peer-not-connected' });
  const attempts = payment.attempts.map((attempt) =>
    isGone(attempt) ? { ...attempt, outcome: notSent } : attempt,
  );
  return goOn(state, { ...payment, attempts }, env);
}

/** Some of it is neither paid nor under way. After a crash before the retry, `resumed` or the next part's end goes on. */
const isRetried = (payment: OutgoingPayment): boolean =>
  payment.status.tag === 'pending' && committedAmount(payment) < payment.amount;

/** What `retry` will take; null when there is nothing to be sent. */
export const waysAgain = ({ payment, over, told }: OutgoingState, env: PaymentEnv): FoundWays | null =>
  payment !== null && isRetried(payment) ? waysOn(payment, leavingBy(over, env), told) : null;

/** After an attempt ended without paying. */
function goOn(state: OutgoingState, payment: OutgoingPayment, env: PaymentEnv): Step<OutgoingState> {
  const keep = (next: OutgoingPayment, after: readonly PaymentEffect[]): Step<OutgoingState> => ({
    next: { ...state, payment: next },
    commit: writeOutgoing(next),
    after,
  });
  if (payment.status.tag !== 'pending') return keep(payment, []);
  const isRefusedForGood = payment.attempts.some(
    ({ outcome }) => outcome.tag === 'failed' && outcome.isFinal,
  );
  // By which channels it may go is forgotten: by another one it would come back to where it began.
  const isAstray = payment.recipient.nodeId === env.nodeId && state.over === undefined;
  const isOver = isRefusedForGood || isAstray || env.now >= payment.retryUntil;
  const found = foundFor(payment, env);
  if (!isOver && found === null && env.searchesLater === true)
    return keep(payment, [{ tag: 'retry', paymentId: payment.id }]);
  const launched = isOver
    ? null
    : launch(payment, env, found ?? planRoutes(payment, leavingBy(state.over, env), state.told));
  if (launched?.ok === true) return keep(launched.value.next, launched.value.after);
  // The parts that are still under way come back by themselves: the payee has not all of them.
  if (hasInFlight(payment)) return keep(payment, []);

  if (state.replyTo !== null && launched?.ok === false) {
    // No channel took any HTLC, so nothing was begun. What failed before it stays on record.
    const refused = reply(state, err(refusalAfter(payment, launched.error)));
    if (payment.nextAttempt === payment.attempts.length)
      return { next: newOutgoing, commit: [remove('payment', payment.id)], after: refused };
    return fail(payment, lastFailure(payment, launched.error), env, refused);
  }
  const failure = lastFailure(payment, launched?.ok === false ? launched.error : null);
  return fail(payment, failure, env, [
    ...accepted(state),
    { tag: 'notify', notice: { tag: 'failed', paymentId: payment.id, failure } },
  ]);
}

function fail(
  payment: OutgoingPayment,
  failure: PaymentFailure,
  env: PaymentEnv,
  after: readonly PaymentEffect[],
): Step<OutgoingState> {
  const failed: OutgoingPayment = { ...payment, status: { tag: 'failed', failure, at: env.now } };
  return { next: { payment: failed, replyTo: null }, commit: writeOutgoing(failed), after };
}

const withOutcome = (
  payment: OutgoingPayment,
  number: number,
  outcome: AttemptOutcome,
  holdTimes: readonly number[],
): OutgoingPayment => ({
  ...payment,
  attempts: payment.attempts.map((attempt) =>
    attempt.number !== number
      ? attempt
      : { ...attempt, outcome, ...(holdTimes.length === 0 ? {} : { holdTimes }) },
  ),
});
