import type { NodeId, PaymentHash, PaymentId } from '../base/ids.ts';
import { msat, type Msat, type Timestamp } from '../base/units.ts';
import { isAllTakenBack, keptParts, type IncomingPayment } from './incoming.ts';
import { stateOfIncoming, TAKEN_BACK } from './incoming-machine.ts';
import { committedFee, type OutgoingPayment } from './outgoing.ts';
import type { PaymentFailure, PaymentState } from './payment-refusal.ts';

/** A payment for lists. */
export type LedgerEntry = {
  readonly id: PaymentId;
  readonly kind: 'bolt11' | 'spontaneous';
  readonly direction: 'incoming' | 'outgoing';
  readonly state: PaymentState;
  /** Without the fee; what came in when it is paid. Null: an invoice of any amount that is not paid. */
  readonly amount: Msat | null;
  /** What it cost us: on the way out; on the way in, what an LSP kept for the channel that it opened for this. */
  readonly fee: Msat | null;
  /** One half of money that moves in a circle, from a channel of ours to another: the other half has the same hash. */
  readonly isCircle: boolean;
  readonly description: string;
  readonly label: string;
  readonly createdAt: Timestamp;
  readonly settledAt: Timestamp | null;
  readonly expiresAt: Timestamp | null;
  readonly paymentHash: PaymentHash;
  /** Only of what is settled: before, it is a secret. */
  readonly preimage: Uint8Array | null;
  readonly invoice: string | null;
  /** Whom we paid. */
  readonly payee: NodeId | null;
  /** Who was to open a channel for it. */
  readonly lsp: NodeId | null;
  readonly failure: PaymentFailure | null;
  readonly attempts: number;
};

export function outgoingEntry(payment: OutgoingPayment, isCircle: boolean): LedgerEntry {
  const { status } = payment;
  return {
    id: payment.id,
    kind: payment.kind,
    direction: 'outgoing',
    state: status.tag,
    amount: payment.amount,
    fee: status.tag === 'failed' ? null : msat(committedFee(payment)),
    isCircle,
    description: payment.description,
    label: payment.label,
    createdAt: payment.createdAt,
    settledAt: status.tag === 'pending' ? null : status.at,
    expiresAt: null,
    paymentHash: payment.paymentHash,
    preimage: status.tag === 'succeeded' ? status.preimage : null,
    invoice: payment.invoice === '' ? null : payment.invoice,
    payee: payment.recipient.nodeId,
    lsp: null,
    failure: status.tag === 'failed' ? status.failure : null,
    attempts: payment.attempts.length,
  };
}

export function incomingEntry(payment: IncomingPayment, now: Timestamp, isCircle: boolean): LedgerEntry {
  const { status } = payment;
  const isLost = isAllTakenBack(payment);
  return {
    id: payment.id,
    kind: payment.kind === 'spontaneous' ? 'spontaneous' : 'bolt11',
    direction: 'incoming',
    state: stateOfIncoming(payment, { now }),
    amount: amountOf(payment),
    fee: status.tag === 'received' && !isLost && payment.opening !== undefined ? payment.opening.taken : null,
    isCircle,
    description: payment.description,
    label: payment.label,
    createdAt: payment.createdAt,
    settledAt: status.tag === 'received' || status.tag === 'failed' ? status.at : null,
    expiresAt: payment.kind === 'spontaneous' ? null : payment.expiresAt,
    paymentHash: payment.paymentHash,
    preimage: status.tag === 'received' && !isLost ? status.preimage : null,
    invoice: payment.invoice === '' ? null : payment.invoice,
    payee: null,
    lsp: payment.opening?.lsp ?? null,
    failure: isLost ? TAKEN_BACK : status.tag === 'failed' ? status.failure : null,
    attempts: 0,
  };
}

/** What came in and stayed; of what was all taken back, what it would have been. */
function amountOf(payment: IncomingPayment): Msat | null {
  const { status } = payment;
  if (status.tag === 'claimable') return status.amount;
  if (status.tag !== 'received') return payment.amount;
  const kept = keptParts(payment).reduce((sum, { amount }) => sum + amount, 0n);
  return payment.takenBack === undefined || kept === 0n ? status.amount : msat(kept);
}
