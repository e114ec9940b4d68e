import { unreachable } from '../base/assert.ts';
import { equalBytes, fromHex } from '../base/bytes.ts';
import type { ChannelId, CommandId } from '../base/ids.ts';
import { err, ok } from '../base/result.ts';
import { blockHeight, msat } from '../base/units.ts';
import { put, type Write } from '../base/write.ts';
import type { IncomingHtlc } from '../channel/htlc.ts';
import { encode } from '../codec/field.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Failure } from '../onion/failure.ts';
import { unknownPayment } from '../onion/htlc-check.ts';
import type { Receive } from '../onion/instruction.ts';
import type { PaymentEnv } from './env.ts';
import { failPart, fulfillPart } from './htlc-answer.ts';
import {
  arrivedIn,
  earliestExpiry,
  isAllTakenBack,
  isComplete,
  isPart,
  keptParts,
  skimmedIn,
  type HeldPart,
  type HtlcSet,
  type IncomingPayment,
  type PartName,
} from './incoming.ts';
import { partFailure } from './incoming-check.ts';
import { incomingRecord } from './incoming-record.ts';
import { isBlind } from './opening-fee.ts';
import type { PaymentFailure, PaymentRefusal } from './payment-refusal.ts';
import { hasRoom, worth } from './receive-room.ts';
import type { PaymentEffect, Step } from './step.ts';

/** `set` is memory: the HTLCs that wait. */
export type IncomingState = { readonly payment: IncomingPayment; readonly set: HtlcSet | null };

export type IncomingEvent =
  /** An HTLC for this hash, its onion peeled. May come again: after a restart, or while it is held. */
  | { readonly tag: 'offered'; readonly htlc: IncomingHtlc; readonly receive: Receive }
  | { readonly tag: 'claim'; readonly id: CommandId; readonly preimage: Uint8Array }
  | { readonly tag: 'fail'; readonly id: CommandId }
  /** Time went by, or a block came: see `PaymentEnv`. */
  | { readonly tag: 'tick' }
  | { readonly tag: 'label'; readonly label: string }
  /** The payer has this HTLC back for good. May come again. */
  | { readonly tag: 'taken-back'; readonly part: PartName };

type IncomingStep = Step<IncomingState>;

export const writeIncoming = (payment: IncomingPayment): readonly Write[] => [
  put('invoice', payment.paymentHash, encode(incomingRecord, payment)),
];
const same = (next: IncomingState): IncomingStep => ({ next, commit: [], after: [] });

/** Synchronous, total, deterministic. The preimage leaves only for a whole set, in the step that records it as received. */
export function incomingTransition(
  state: IncomingState,
  event: IncomingEvent,
  env: PaymentEnv,
): IncomingStep {
  switch (event.tag) {
    case 'offered':
      return offered(state, event.htlc, event.receive, env);
    case 'claim':
      return claim(state, event.id, event.preimage, env);
    case 'fail':
      return cancel(state, event.id, env);
    case 'tick':
      return tick(state, env);
    case 'label': {
      const payment = { ...state.payment, label: event.label };
      return { next: { ...state, payment }, commit: writeIncoming(payment), after: [] };
    }
    case 'taken-back':
      return takenBack(state, event.part);
    default:
      return unreachable(event);
  }
}

/** What we had answered, and the answer did not get there in time: what is said to be received is what stays. */
function takenBack(state: IncomingState, part: PartName): IncomingStep {
  if (!keptParts(state.payment).some((one) => isPart(one, part))) return same(state);
  const { channelId, id } = part;
  const payment: IncomingPayment = {
    ...state.payment,
    takenBack: [...(state.payment.takenBack ?? []), { channelId, id }],
  };
  const next = { ...state, payment };
  return {
    next,
    commit: writeIncoming(payment),
    after: isAllTakenBack(payment) ? [failed(next, TAKEN_BACK)] : [],
  };
}

function offered(state: IncomingState, htlc: IncomingHtlc, receive: Receive, env: PaymentEnv): IncomingStep {
  const { payment, set } = state;
  const isThis = (part: PartName): boolean => isPart(part, htlc);
  if (set?.parts.some(isThis)) return same(state);
  const part: HeldPart = {
    onion: receive.onion,
    sharedSecret: receive.sharedSecret,
    blinding: receive.blinding,
    isFinal: receive.isFinal,
    channelId: htlc.channelId,
    id: htlc.id,
    amount: htlc.amount,
    intended: receive.amount,
    skimmed: msat(htlc.skimmedFee ?? 0n),
    cltvExpiry: htlc.cltvExpiry,
    since: env.now,
  };
  if (payment.status.tag === 'received' && payment.status.parts.some(isThis))
    return { ...same(state), after: [fulfillPart(part, payment.status.preimage, env.now)] };
  if (htlc.mustFail !== undefined)
    return lost(state, failPart(part, { name: 'temporary_node_failure' }, env.now), UNSAFE, env);
  if (isPastDeadline(payment, env))
    return lost(state, failPart(part, unknownPayment(part, env.height), env.now), LATE, env);

  const failure = partFailure(payment, set, htlc, receive, env);
  if (failure !== null) return { ...same(state), after: [failPart(part, failure, env.now)] };
  // BOLT 4 §Basic Multi-Part Payments: "SHOULD fail the entire HTLC set if total_msat is not the same for all HTLCs in
  // the set."
  if (set !== null && set.total !== receive.total)
    return giveBack({ payment, set: { ...set, parts: [...set.parts, part] } }, env, (one) =>
      unknownPayment(one, env.height),
    );

  const grown: HtlcSet = {
    total: receive.total,
    startedAt: set?.startedAt ?? env.now,
    parts: [...(set?.parts ?? []), part],
  };
  // No timer has run, and no block was heard of, while the machine slept: who has one part back on the chain, or is about to,
  // would have the preimage for the others.
  if (isTooLate(grown, env)) return tooLate({ payment, set: grown }, env);
  // What was held before may be held on: it was let in.
  if (payment.status.tag === 'open' && !hasRoom(grown, env)) return turnAway({ payment, set: grown }, env);
  if (!isComplete(grown)) return same({ payment, set: grown });
  // Since it was let in, another payment may have paid for the channel.
  if (grown.parts.some(({ skimmed, channelId }) => skimmed > 0n && env.isOwed?.(channelId) === false))
    return giveBack({ payment, set: grown }, env, (one) => unknownPayment(one, env.height));
  // bLIP 52 §5: "the client MUST accept the non-standard forward(s), provided they sum to at least `payment_size_msat -
  // opening_fee`."; "Once the client has received payment parts that sum up to at least `payment_size_msat - opening_fee`, it
  // MUST claim at least one payment part." What is held against the LSP's fee was held against each part.
  // What it was worth when it was offered it may not be worth now: the payer tries again once the chain has settled.
  if (payment.preimage !== null && inTheWay(payment, grown, env) !== null)
    return giveBack({ payment, set: grown }, env, () => ({ name: 'temporary_node_failure' }));
  return payment.preimage === null
    ? hold(payment, grown, env)
    : settle(payment, grown, payment.preimage, env, []);
}

/**
 * BOLT 2 §max_dust_htlc_exposure_msat: "SHOULD fail this HTLC once it's committed; SHOULD NOT reveal a preimage for this
 * HTLC". The payer may try a larger part, or wait.
 */
const UNSAFE = { code: 'temporary', detail: 'it could not be held safely any longer' } as const;
export const TAKEN_BACK = {
  code: 'taken-back',
  detail: 'answered too late: the payer took it back on the chain',
} as const;
const LATE = { code: 'timed-out', detail: 'not claimed in time' } as const;

/** A payment that was claimable has lost what it was to be claimed from, when this was offered again after a restart. */
function lost(
  state: IncomingState,
  refused: PaymentEffect,
  failure: PaymentFailure,
  env: PaymentEnv,
): IncomingStep {
  if (state.payment.status.tag !== 'claimable') return { ...same(state), after: [refused] };
  return abandon(state, failure, env, [refused, failed(state, failure)]);
}

const failed = ({ payment }: IncomingState, failure: PaymentFailure): PaymentEffect => ({
  tag: 'notify',
  notice: { tag: 'failed', paymentId: payment.id, failure },
});

/** BOLT 4 §Basic Multi-Part Payments: "if it fulfills any HTLCs in the HTLC set: MUST fulfill the entire HTLC set." */
function settle(
  payment: IncomingPayment,
  set: HtlcSet,
  preimage: Uint8Array,
  env: PaymentEnv,
  first: readonly PaymentEffect[],
): IncomingStep {
  const amount = msat(arrivedIn(set));
  const parts = set.parts.map((part) => ({ channelId: part.channelId, id: part.id, amount: part.amount }));
  const received: IncomingPayment = {
    ...payment,
    preimage,
    status: { tag: 'received', preimage, amount, at: env.now, parts },
    ...(payment.opening === undefined
      ? {}
      : { opening: { ...payment.opening, taken: msat(skimmedIn(set)) } }),
  };
  return {
    next: { payment: received, set: null },
    commit: writeIncoming(received),
    after: [
      ...first,
      ...set.parts.map((part) => fulfillPart(part, preimage, env.now)),
      { tag: 'notify', notice: { tag: 'received', paymentId: payment.id, amount } },
    ],
  };
}

/** All is here, and whoever has the preimage is asked. */
function hold(payment: IncomingPayment, set: HtlcSet, env: PaymentEnv): IncomingStep {
  const { id: paymentId, paymentHash } = payment;
  const amount = msat(arrivedIn(set));
  const deadline = blockHeight(Math.max(0, earliestExpiry(set) - env.config.claimBuffer));
  // After a restart the same set comes together again: that is no news.
  if (payment.status.tag === 'claimable' && payment.status.amount === amount) return same({ payment, set });
  const claimable: IncomingPayment = { ...payment, status: { tag: 'claimable', amount, deadline } };
  return {
    next: { payment: claimable, set },
    commit: writeIncoming(claimable),
    after: [{ tag: 'notify', notice: { tag: 'claimable', paymentId, paymentHash, amount, deadline } }],
  };
}

const replied = (state: IncomingState, id: CommandId, error: PaymentRefusal): IncomingStep => ({
  ...same(state),
  after: [{ tag: 'reply', id, result: err(error) }],
});
const done = (payment: IncomingPayment, id: CommandId): PaymentEffect => ({
  tag: 'reply',
  id,
  result: ok({ paymentId: payment.id }),
});

function claim(state: IncomingState, id: CommandId, preimage: Uint8Array, env: PaymentEnv): IncomingStep {
  const { payment, set } = state;
  if (preimage.length !== 32 || !equalBytes(sha256(preimage), fromHex(payment.paymentHash)))
    return replied(state, id, { code: 'wrong-preimage' });
  // Twice is as good as once.
  if (payment.status.tag === 'received') return { ...same(state), after: [done(payment, id)] };
  if (set === null || !isComplete(set) || isTooLate(set, env))
    return replied(state, id, { code: 'not-claimable', state: stateOfIncoming(payment, env) });
  const code = inTheWay(payment, set, env);
  if (code !== null) return replied(state, id, { code });
  return settle(payment, set, preimage, env, [done(payment, id)]);
}

/** The payer may try again, once there is room. */
function turnAway(state: IncomingState & { readonly set: HtlcSet }, env: PaymentEnv): IncomingStep {
  const step = giveBack(state, env, () => ({ name: 'temporary_node_failure' }));
  const { id: paymentId } = state.payment;
  const told: PaymentEffect = {
    tag: 'notify',
    notice: { tag: 'turned-away', paymentId, amount: worth(state.set) },
  };
  return { ...step, after: [...step.after, told] };
}

/**
 * The preimage is given away for what is on the chain, and would be ours, alone; or to whom it was promised before
 * (bLIP 52 §Trust Models). Whoever has it takes the money of all parts: those that we cannot take are lost.
 */
function inTheWay(
  { opening }: IncomingPayment,
  { parts }: HtlcSet,
  env: PaymentEnv,
): 'channel-not-funded' | 'not-safe-to-claim' | null {
  const { collectable } = env;
  if (collectable === undefined) return null;
  const isOfLsp = (id: ChannelId): boolean =>
    opening !== undefined &&
    isBlind(opening) &&
    env.channels().some(({ channelId, peerId }) => channelId === id && peerId === opening.lsp);
  const found = parts.map((part) => collectable(part, isOfLsp(part.channelId)));
  if (found.includes('at-risk')) return 'not-safe-to-claim';
  return found.includes('unfunded') ? 'channel-not-funded' : null;
}

function cancel(state: IncomingState, id: CommandId, env: PaymentEnv): IncomingStep {
  const { payment } = state;
  if (payment.status.tag === 'received')
    return replied(state, id, { code: 'not-claimable', state: 'succeeded' });
  if (payment.status.tag === 'failed') return { ...same(state), after: [done(payment, id)] };
  const failure = { code: 'cancelled', detail: 'given back on request' } as const;
  return abandon(state, failure, env, [done(payment, id)]);
}

function tick(state: IncomingState, env: PaymentEnv): IncomingStep {
  const { payment, set } = state;
  const late = set === null ? isPastDeadline(payment, env) : isTooLate(set, env);
  // BOLT 4 §Basic Multi-Part Payments: "MUST fail all HTLCs in the HTLC set after some reasonable timeout. SHOULD wait
  // for at least 60 seconds after the initial HTLC."
  const stalled = set !== null && !isComplete(set) && env.now >= set.startedAt + env.config.mppTimeout;
  // A clock that was set back: the wait begins anew, lest it last until the clock is there again.
  if (!late && set !== null && env.now < set.startedAt)
    return same({ payment, set: { ...set, startedAt: env.now } });
  if (!late && !stalled) return same(state);
  // Also when a part was lost (to the chain) while it was held: the rest alone is not what was asked.
  if (late || payment.status.tag === 'claimable') return tooLate(state, env);
  // "SHOULD use mpp_timeout for the failure message."
  return giveBack(state, env, () => ({ name: 'mpp_timeout' }));
}

const tooLate = (state: IncomingState, env: PaymentEnv): IncomingStep =>
  state.payment.status.tag === 'claimable'
    ? abandon(state, LATE, env, [failed(state, LATE)])
    : giveBack(state, env, (part) => unknownPayment(part, env.height));

// BOLT 2 §cltv_expiry_delta: "MUST fail (and not forward) an HTLC whose fulfillment deadline is already past."
const isPastDeadline = ({ status }: IncomingPayment, env: PaymentEnv): boolean =>
  status.tag === 'claimable' && env.height >= status.deadline;

// BOLT 2 §Forwarding HTLCs: "once the `cltv_expiry` of an incoming HTLC has been reached […]: MUST fail that incoming
// HTLC (`update_fail_htlc`)." Some blocks before, while the peer can still take the answer.
const isTooLate = (set: HtlcSet, env: PaymentEnv): boolean =>
  env.height >= earliestExpiry(set) - env.config.claimBuffer;

/** Fails every part; the invoice stays as it was. */
const giveBack = (
  state: IncomingState,
  { now }: PaymentEnv,
  failureOf: (part: HeldPart) => Failure,
): IncomingStep => ({
  next: { ...state, set: null },
  commit: [],
  after: (state.set?.parts ?? []).map((part) => failPart(part, failureOf(part), now)),
});

/** Fails every part and the payment itself. */
function abandon(
  state: IncomingState,
  failure: PaymentFailure,
  env: PaymentEnv,
  more: readonly PaymentEffect[],
): IncomingStep {
  const failed: IncomingPayment = { ...state.payment, status: { tag: 'failed', failure, at: env.now } };
  const { after } = giveBack(state, env, (part) => unknownPayment(part, env.height));
  return { next: { payment: failed, set: null }, commit: writeIncoming(failed), after: [...after, ...more] };
}

/** As the ledger shows it. */
export function stateOfIncoming(
  payment: IncomingPayment,
  { now }: Pick<PaymentEnv, 'now'>,
): Extract<PaymentRefusal, { code: 'not-claimable' }>['state'] {
  const { status, expiresAt } = payment;
  switch (status.tag) {
    case 'open':
      return now > expiresAt ? 'expired' : 'pending';
    case 'claimable':
      return 'claimable';
    case 'received':
      return isAllTakenBack(payment) ? 'failed' : 'succeeded';
    case 'failed':
      return 'failed';
    default:
      return unreachable(status);
  }
}
