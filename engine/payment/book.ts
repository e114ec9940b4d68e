import { toHex } from '../base/bytes.ts';
import { paymentHash, type CommandId, type PaymentHash, type PaymentId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { msat, type Msat, type Timestamp } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import type { HtlcOrigin, HtlcResult, IncomingHtlc } from '../channel/htlc.ts';
import type { ChannelRefusal } from '../channel/refusal.ts';
import { sha256 } from '../crypto/hash.ts';
import { unknownPayment } from '../onion/htlc-check.ts';
import { openHtlc, type Receive } from '../onion/instruction.ts';
import { refuse } from '../onion/refusal.ts';
import type { NodeEcdh } from '../onion/session.ts';
import type { ChannelAmount } from '../routing/route.ts';
import type { PaymentEnv } from './env.ts';
import { refuseHtlc, UNREADABLE } from './htlc-answer.ts';
import { firstTimeout, skimmedIn, type IncomingPayment, type PartName } from './incoming.ts';
import {
  incomingTransition,
  stateOfIncoming,
  writeIncoming,
  type IncomingEvent,
  type IncomingState,
} from './incoming-machine.ts';
import { incomingEntry, outgoingEntry, type LedgerEntry } from './ledger.ts';
import { hasInFlight, heldBy, type Attempt, type OutgoingPayment } from './outgoing.ts';
import { owedIn, waitingOpenings, type Opening } from './openings.ts';
import {
  newOutgoing,
  outgoingTransition,
  type OutgoingEvent,
  type OutgoingState,
  type SendRequest,
  waysAgain,
  writeOutgoing,
} from './outgoing-machine.ts';
import { outgoingIdOf } from './send-request.ts';
import { historyOf, receivedBefore, sentBefore, type PaymentHistory } from './payment-history.ts';
import { declined, joined, NOTHING, unknown, type Outcome } from './outcome.ts';
import type { PaymentRefusal } from './payment-refusal.ts';
import { Probes, type ProbeRequest } from './probes.ts';
import { incomingIdOf, newInvoice, type InvoiceSource, type ReceiveDraft } from './receive-request.ts';
import { roomBeside } from './receive-room.ts';
import { isUnderWay, type FoundWays } from './route.ts';
import { Spontaneous } from './spontaneous.ts';
import type { PaymentEffect } from './step.ts';
import { TimeOrder } from './time-order.ts';

/**
 * All payments in memory, each its own machine. What a method returns belongs to the turn that called it. The page of
 * the ledger is what the machines hold: there is no second copy.
 */
export class PaymentBook {
  readonly #outgoing = new Map<PaymentId, OutgoingState>();
  readonly #incoming = new Map<PaymentHash, IncomingState>();
  /** Of outgoing payments, those with HTLCs: all others are history, of which there may be much. */
  readonly #held = new Set<PaymentId>();
  /** What time can change: HTLCs wait, or a claim does. */
  readonly #waiting = new Set<PaymentHash>();
  /** An LSP is to open a channel for them; also of those that have expired. */
  readonly #openings = new Set<PaymentHash>();
  readonly isOwed = owedIn(this.#incoming);
  /** Of money that moves in a circle. */
  readonly #circles = new Set<PaymentHash>();
  readonly #spontaneous: Spontaneous;
  readonly #order = new TimeOrder();
  /** Told of as broken. */
  readonly #broken = new Set<string>();
  readonly probes = new Probes();

  /** As they were on disk. */
  constructor(
    outgoing: Iterable<OutgoingPayment> = [],
    incoming: Iterable<IncomingPayment> = [],
    spontaneous = new Spontaneous(),
  ) {
    this.#spontaneous = spontaneous;
    for (const payment of outgoing) this.#keepOutgoing(payment.id, { payment, replyTo: null });
    for (const payment of incoming) this.#keepIncoming({ payment, set: null });
  }

  /** The answer is a `reply` of this or a later outcome of the same turn. Never pays a hash twice. */
  send(id: CommandId, request: SendRequest, env: PaymentEnv): Outcome {
    // Its preimage is ours to give, or what we wait for: it is paid only by who means to move money in a circle.
    const isCircle = request.recipient.nodeId === env.nodeId && request.over !== undefined;
    if (this.#incoming.has(request.paymentHash) && !isCircle) return declined(id, { code: 'own-invoice' });
    // From before this disk: of its HTLC a backup told, and not of whose it was.
    if (!this.#outgoing.has(request.id) && isUnderWay(request.paymentHash, env.channels()))
      return declined(id, { code: 'duplicate-payment', state: 'pending' });
    return this.#stepOutgoing(request.id, { tag: 'send', id, request }, env);
  }

  /** Sends what is paid to nobody, to learn whether a payment would get through. @returns how many HTLCs. */
  probe(
    request: ProbeRequest,
    env: PaymentEnv,
  ): Result<{ readonly sent: number; readonly outcome: Outcome }, PaymentRefusal> {
    const probed = this.probes.send(request, { ...env, heldByOthers: () => this.held(null) });
    if (!probed.ok) return probed;
    return ok({ sent: probed.value.sent, outcome: { commit: [], after: probed.value.after } });
  }

  /** The good answer to an `add-htlc` of ours; `refused` is the bad one. */
  added({ paymentId, attempt }: HtlcOrigin, env: PaymentEnv): Outcome {
    if (this.probes.has(paymentId)) return NOTHING;
    return this.#on(paymentId, { tag: 'added', attempt }, env);
  }

  refused({ paymentId, attempt }: HtlcOrigin, refusal: ChannelRefusal, env: PaymentEnv): Outcome {
    if (this.probes.has(paymentId)) {
      this.probes.refused(paymentId);
      return NOTHING;
    }
    return this.#on(paymentId, { tag: 'refused', attempt, refusal }, env);
  }

  /** After the effect `retry`. */
  retry(id: PaymentId, env: PaymentEnv): Outcome {
    return this.#on(id, { tag: 'retry' }, env);
  }

  /** What `retry` will take; null when it sends nothing. */
  waysAgain(id: PaymentId, env: PaymentEnv): FoundWays | null {
    return waysAgain(this.#outgoing.get(id) ?? newOutgoing, { ...env, heldByOthers: () => this.held(id) });
  }

  /** A channel's `settle`. Once the outcome is saved the channel may be told `settled`, unless it is broken. */
  settled({ paymentId, attempt }: HtlcOrigin, result: HtlcResult, env: PaymentEnv): Outcome {
    if (this.probes.has(paymentId))
      return this.#apart(paymentId, () => {
        this.probes.settled(paymentId, result, env);
        return NOTHING;
      });
    return this.#on(paymentId, { tag: 'settled', attempt, result }, env);
  }

  /**
   * Once after a start, when all channels are loaded.
   * @param live the origins of every outgoing HTLC that a channel still has, and of those whose end it still keeps.
   * @param underWay those of them that did not end.
   */
  resume(live: Iterable<HtlcOrigin>, env: PaymentEnv, underWay = live): Outcome {
    const attempts = new Map<PaymentId, Set<number>>();
    for (const { paymentId, attempt } of live)
      attempts.set(paymentId, (attempts.get(paymentId) ?? new Set()).add(attempt));
    this.probes.adopt(
      Array.from(underWay, ({ paymentId }) => paymentId).filter((id) => !this.#outgoing.has(id)),
    );
    const pending = [...this.#outgoing].filter(([, { payment }]) => payment?.status.tag === 'pending');
    return joined(
      pending.map(([id]) => this.#on(id, { tag: 'resumed', live: attempts.get(id) ?? new Set() }, env)),
    );
  }

  /** A new invoice, to be shown once the outcome is saved. */
  receive(
    draft: ReceiveDraft,
    source: InvoiceSource,
    env: PaymentEnv,
  ): Result<{ readonly payment: IncomingPayment; readonly outcome: Outcome }, PaymentRefusal> {
    if (draft.paymentHash !== undefined) {
      const known = this.#incoming.get(draft.paymentHash);
      if (known !== undefined)
        return err({ code: 'duplicate-payment', state: stateOfIncoming(known.payment, env) });
      const paid = this.#outgoing.get(incomingIdOf(draft.paymentHash))?.payment;
      if (paid) return err({ code: 'duplicate-payment', state: paid.status.tag });
    }
    const payment = newInvoice(draft, source, env);
    if (!payment.ok) return payment;
    this.#keepIncoming({ payment: payment.value, set: null });
    return ok({ payment: payment.value, outcome: { commit: writeIncoming(payment.value), after: [] } });
  }

  /** A channel's `offer`. */
  offered(htlc: IncomingHtlc, ecdh: NodeEcdh, env: PaymentEnv): Outcome {
    const paid = this.#incoming.get(htlc.paymentHash)?.payment.status.tag === 'received';
    // What cannot be judged is given back, long before its expiry would close the channel; never what was claimed.
    const back: PaymentEffect = {
      tag: 'command',
      channelId: htlc.channelId,
      command: { tag: 'fail-htlc', id: htlc.id, reason: UNREADABLE },
    };
    return this.#apart(
      incomingIdOf(htlc.paymentHash),
      () => this.#judged(htlc, ecdh, env),
      paid ? [] : [back],
    );
  }

  takenBack(hash: PaymentHash, part: PartName, env: PaymentEnv): Outcome {
    const known = this.#incoming.get(hash);
    if (known === undefined) return NOTHING;
    return this.#apart(known.payment.id, () => this.#stepIncoming(known, { tag: 'taken-back', part }, env));
  }

  #judged(htlc: IncomingHtlc, ecdh: NodeEcdh, env: PaymentEnv): Outcome {
    const opened = openHtlc(htlc, ecdh);
    if (!opened.ok) return { commit: [], after: [refuseHtlc(htlc, opened.error)] };
    const instruction = opened.value;
    // A wallet forwards nothing: no channel of ours leads anywhere for others.
    if (instruction.tag === 'forward')
      return { commit: [], after: [refuseHtlc(htlc, refuse(instruction, { name: 'unknown_next_peer' }))] };
    // What nobody asked for leaves no trace; what was asked for knows what it lost.
    if (htlc.mustFail !== undefined && !this.#incoming.has(htlc.paymentHash))
      return {
        commit: [],
        after: [refuseHtlc(htlc, refuse(instruction, { name: 'temporary_node_failure' }))],
      };
    const known = this.#incoming.get(htlc.paymentHash) ?? this.#unasked(htlc, instruction, env);
    // BOLT 4 §Failure Messages: "if the payment hash is unknown: MUST fail the HTLC."
    if (known === null)
      return { commit: [], after: [refuseHtlc(htlc, refuse(instruction, unknownPayment(htlc, env.height)))] };
    return this.#stepIncoming(known, { tag: 'offered', htlc, receive: instruction }, env);
  }

  claim(id: CommandId, preimage: Uint8Array, env: PaymentEnv): Outcome {
    const known = this.#incoming.get(paymentHash(toHex(sha256(preimage))));
    return known === undefined ? unknown(id) : this.#stepIncoming(known, { tag: 'claim', id, preimage }, env);
  }

  fail(id: CommandId, hash: PaymentHash, env: PaymentEnv): Outcome {
    const known = this.#incoming.get(hash);
    return known === undefined ? unknown(id) : this.#stepIncoming(known, { tag: 'fail', id }, env);
  }

  /** After a block, and at `wakeAt`. */
  tick(env: PaymentEnv): Outcome {
    const due = [...this.#waiting].flatMap((hash) => this.#incoming.get(hash) ?? []);
    return joined(
      due.map((state) => {
        const { id, paymentHash: hash } = state.payment;
        const outcome = this.#apart(id, () => this.#stepIncoming(state, { tag: 'tick' }, env));
        // It would throw again at once, and set the alarm clock for a time that is past.
        if (outcome.isBroken === true) this.#waiting.delete(hash);
        return outcome;
      }),
    );
  }

  /** Payments that an LSP is to open a channel for: not paid, and not expired. */
  openings(now: Timestamp): readonly Opening[] {
    return waitingOpenings(this.#incoming, this.#openings, now);
  }

  /** When `tick` has something to do; null when nothing waits. */
  wakeAt({ config }: Pick<PaymentEnv, 'config'>): Timestamp | null {
    const sets = Array.from(this.#waiting, (hash) => this.#incoming.get(hash)?.set ?? null);
    return firstTimeout(sets, config.mppTimeout);
  }

  /** False when there is no such payment. */
  label(id: PaymentId, label: string, env: PaymentEnv): Outcome | null {
    const incoming = this.#incoming.get(id as string as PaymentHash);
    if (incoming !== undefined) return this.#stepIncoming(incoming, { tag: 'label', label }, env);
    return this.#outgoing.has(id) ? this.#stepOutgoing(id, { tag: 'label', label }, env) : null;
  }

  /** The newest that were made. */
  history(most: number): PaymentHistory {
    const outgoing = [...this.#outgoing.values()].flatMap(({ payment }) => payment ?? []);
    const incoming = Array.from(this.#incoming.values(), ({ payment }) => payment);
    return historyOf(outgoing, incoming, most);
  }

  /** Those that were made and are not to be paid again. What failed here, or is under way, is of a disk older than its proof. */
  adopt({ sent, received }: PaymentHistory): readonly Write[] {
    const writes: Write[] = [];
    for (const payment of sent.flatMap((one) => sentBefore(one) ?? [])) {
      const known = this.#outgoing.get(payment.id)?.payment?.status.tag;
      if (known === 'succeeded' || this.#incoming.has(payment.paymentHash)) continue;
      this.#keepOutgoing(payment.id, { payment, replyTo: null });
      writes.push(...writeOutgoing(payment));
    }
    for (const payment of received.flatMap((one) => receivedBefore(one) ?? [])) {
      const known = this.#incoming.get(payment.paymentHash)?.payment.status.tag;
      if (known === 'received' || this.#outgoing.has(payment.id)) continue;
      this.#keepIncoming({ payment, set: null });
      writes.push(...writeIncoming(payment));
    }
    return writes;
  }

  /** The HTLCs of an outgoing payment since it was last begun; null when there is no such payment. */
  attempts(id: PaymentId): readonly Attempt[] | null {
    return this.#outgoing.get(id)?.payment?.attempts ?? null;
  }

  entry(id: PaymentId, now: Timestamp): LedgerEntry | null {
    const incoming = this.#incoming.get(id as string as PaymentHash);
    if (incoming !== undefined)
      return incomingEntry(incoming.payment, now, this.#circles.has(incoming.payment.paymentHash));
    const outgoing = this.#outgoing.get(id)?.payment ?? null;
    return outgoing === null ? null : outgoingEntry(outgoing, this.#circles.has(outgoing.paymentHash));
  }

  /** What our peers kept of the parts of this payment that are here. */
  skimmed(hash: PaymentHash): Msat {
    const set = this.#incoming.get(hash)?.set ?? null;
    return msat(set === null ? 0n : skimmedIn(set));
  }

  /** Newest first. @param after the `next` of the page before; null for the newest. */
  page(
    after: string | null,
    limit: number,
    now: Timestamp,
  ): { readonly entries: readonly LedgerEntry[]; readonly next: string | null } {
    const { ids, next } = this.#order.page(after, limit);
    return { entries: ids.flatMap((id) => this.entry(id as PaymentId, now) ?? []), next };
  }

  /** A hash that we pay ourselves is nobody's to pay us by. */
  #unasked(htlc: IncomingHtlc, receive: Receive, env: PaymentEnv): IncomingState | null {
    if (this.#outgoing.has(incomingIdOf(htlc.paymentHash))) return null;
    const payment = this.#spontaneous.accept(htlc, receive, env);
    return payment && { payment, set: null };
  }

  /** What one payment makes of an event. Machines change nothing before they return: one that throws is as it was. */
  #apart(id: PaymentId, run: () => Outcome, instead: readonly PaymentEffect[] = []): Outcome {
    try {
      return run();
    } catch (error) {
      const isNews = !this.#broken.has(id);
      this.#broken.add(id);
      const told: readonly PaymentEffect[] = isNews ? [{ tag: 'broken', paymentId: id, error }] : [];
      return { commit: [], after: [...instead, ...told], isBroken: true };
    }
  }

  #on(id: PaymentId, event: OutgoingEvent, env: PaymentEnv): Outcome {
    return this.#apart(id, () => this.#stepOutgoing(id, event, env));
  }

  #stepOutgoing(id: PaymentId, event: OutgoingEvent, env: PaymentEnv): Outcome {
    const { next, commit, after } = outgoingTransition(this.#outgoing.get(id) ?? newOutgoing, event, {
      ...env,
      heldByOthers: () => this.held(id),
    });
    this.#keepOutgoing(id, next);
    return { commit, after };
  }

  /** What HTLCs of ours hold in channels beyond our own, without those of one payment. */
  held(beside: PaymentId | null): readonly ChannelAmount[] {
    const others = [...this.#held].filter((other) => other !== beside);
    const payments = others.flatMap((other) => this.#outgoing.get(other)?.payment ?? []);
    return [...payments.flatMap(heldBy), ...this.probes.held()];
  }

  #stepIncoming(state: IncomingState, event: IncomingEvent, env: PaymentEnv): Outcome {
    const { next, commit, after } = incomingTransition(state, event, {
      ...env,
      room: () => this.#roomFor(state.payment.paymentHash, env),
      isOwed: (channel) => env.isOwed?.(channel) !== false && this.isOwed(state.payment.paymentHash, channel),
    });
    // A spontaneous payment that was refused leaves no trace.
    if (commit.length > 0 || this.#incoming.has(next.payment.paymentHash)) this.#keepIncoming(next);
    return { commit, after };
  }

  /** Money that moves in a circle is no more than there was. */
  #roomFor(hash: PaymentHash, { room }: PaymentEnv): Msat | null {
    const most = this.#circles.has(hash) ? null : (room?.() ?? null);
    if (most === null) return null;
    const others = [...this.#waiting].filter((other) => other !== hash && !this.#circles.has(other));
    return roomBeside(
      most,
      others.flatMap((other) => this.#incoming.get(other) ?? []),
    );
  }

  #keepOutgoing(id: PaymentId, state: OutgoingState): void {
    if (state.payment !== null && hasInFlight(state.payment)) this.#held.add(id);
    else this.#held.delete(id);
    if (state.payment === null) {
      if (this.#outgoing.delete(id)) this.#order.delete(id);
      return;
    }
    this.#outgoing.set(id, state);
    // All others have their hash for a name.
    if (id !== outgoingIdOf(state.payment.paymentHash)) this.#circles.add(state.payment.paymentHash);
    this.#order.set(id, state.payment.createdAt);
  }

  #keepIncoming(state: IncomingState): void {
    const { payment, set } = state;
    this.#incoming.set(payment.paymentHash, state);
    this.#spontaneous.count(payment);
    if (payment.opening !== undefined && payment.status.tag === 'open')
      this.#openings.add(payment.paymentHash);
    else this.#openings.delete(payment.paymentHash);
    if (set !== null || payment.status.tag === 'claimable') this.#waiting.add(payment.paymentHash);
    else this.#waiting.delete(payment.paymentHash);
    this.#order.set(payment.id, payment.createdAt);
  }
}
