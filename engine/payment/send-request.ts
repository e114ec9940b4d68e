import { fromHex, toHex } from '../base/bytes.ts';
import { paymentHash, type ChannelId, type NodeId, type PaymentHash, type PaymentId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockDelta, msat, type Msat, type Timestamp } from '../base/units.ts';
import { sha256 } from '../crypto/hash.ts';
import { isPoint } from '../crypto/secp256k1.ts';
import { expiresAt, isExpired, type Bolt11Invoice } from '../invoice/bolt11.ts';
import { supports } from '../wire/features.ts';
import { payeeOf } from './blinded-way.ts';
import type { PaymentEnv } from './env.ts';
import type { Recipient } from './outgoing.ts';
import type { SendRequest } from './outgoing-machine.ts';
import type { PaymentRefusal } from './payment-refusal.ts';

/** An outgoing payment is named by its hash: a hash is paid once. */
export const outgoingIdOf = (hash: PaymentHash): PaymentId => hash as string as PaymentId;

/** 1 % and 50 sat: what is agreed to when nothing was said. */
export const defaultMaxFee = (amount: Msat): Msat => msat(amount / 100n + 50_000n);

/** 21 million bitcoin. */
const MAX_AMOUNT = msat(2_100_000_000_000_000_000n);
/** Ours when nothing is known of the payee (spontaneous payments): more than any node asks for. */
const KEYSEND_DELTA = 144;

export type SendOptions = {
  /** Required for an invoice of any amount, and refused when it is not the invoice's own. */
  readonly amount?: Msat;
  readonly maxFee?: Msat;
};

/** What paying `invoice` means; `description` of an invoice that has but its hash is ''. */
export function requestOfInvoice(
  invoice: Bolt11Invoice,
  options: SendOptions,
  env: { readonly nodeId: NodeId | null; readonly now: Timestamp },
): Result<SendRequest, PaymentRefusal> {
  if (invoice.payee === env.nodeId) return err({ code: 'own-invoice' });
  // BOLT 11 §Payer / Payee Requirements: "after the timestamp plus expiry has passed: SHOULD NOT attempt a payment."
  if (isExpired(invoice, env.now)) return err({ code: 'invoice-expired', expiredAt: expiresAt(invoice) });
  const amount = amountOf(invoice, options.amount);
  if (!amount.ok) return amount;
  return ok({
    id: outgoingIdOf(invoice.paymentHash),
    paymentHash: invoice.paymentHash,
    kind: 'bolt11',
    amount: amount.value,
    maxFee: options.maxFee ?? defaultMaxFee(amount.value),
    recipient: recipientOf(invoice),
    payBefore: expiresAt(invoice),
    invoice: invoice.text,
    description: invoice.description.tag === 'text' ? invoice.description.text : '',
  });
}

function recipientOf(invoice: Bolt11Invoice): Recipient {
  const { paymentSecret, paymentMetadata, routeHints, blindedPaths } = invoice;
  const recipient: Recipient = {
    nodeId: invoice.payee,
    paymentSecret,
    paymentMetadata,
    routeHints,
    minFinalCltvExpiryDelta: invoice.minFinalCltvExpiryDelta,
    multiPart: supports(invoice.features, 'basic_mpp'),
    keysendPreimage: null,
  };
  if (blindedPaths === undefined) return recipient;
  return {
    ...recipient,
    nodeId: payeeOf(blindedPaths[0].tail),
    // bLIP 39 §Requirements: "The existing `c` field (`min_final_cltv_expiry_delta`) is meaningless for an invoice
    // containing the `b` field since this value is expected to be accounted for in each path's accumulated
    // `cltv_expiry_delta`."
    minFinalCltvExpiryDelta: blockDelta(0),
    blindedTails: blindedPaths.map(({ tail }) => tail),
  };
}

/**
 * Paying an invoice of our own: out by one of the channels `over`, and in as its hint says. A payment apart from the
 * one that comes in.
 */
export function circularRequest(
  invoice: Bolt11Invoice,
  over: ReadonlySet<ChannelId>,
  options: Pick<SendOptions, 'maxFee'>,
  env: { readonly now: Timestamp },
): Result<SendRequest, PaymentRefusal> {
  const request = requestOfInvoice(invoice, options, { nodeId: null, now: env.now });
  if (!request.ok) return request;
  const id = toHex(sha256(fromHex(invoice.paymentHash))) as PaymentId;
  return ok({ ...request.value, id, over });
}

/** The same before there is an invoice: to ask what it would cost, never to be sent. */
export function circularDraft(
  circle: {
    readonly amount: Msat;
    readonly maxFee?: Msat;
    readonly over: ReadonlySet<ChannelId>;
    readonly routeHints: Bolt11Invoice['routeHints'];
  },
  env: Pick<PaymentEnv, 'nodeId' | 'config'>,
): SendRequest {
  const { amount, maxFee = defaultMaxFee(amount), over, routeHints } = circle;
  const none = paymentHash('00'.repeat(32));
  return {
    id: outgoingIdOf(none),
    paymentHash: none,
    kind: 'bolt11',
    amount,
    maxFee,
    recipient: {
      nodeId: env.nodeId,
      // As long in the onion as that of the invoice.
      paymentSecret: new Uint8Array(32),
      paymentMetadata: null,
      routeHints,
      minFinalCltvExpiryDelta: env.config.minFinalCltvExpiryDelta,
      multiPart: true,
      keysendPreimage: null,
    },
    payBefore: null,
    invoice: '',
    description: '',
    over,
  };
}

function amountOf(invoice: Bolt11Invoice, asked: Msat | undefined): Result<Msat, PaymentRefusal> {
  if (invoice.amount !== null)
    return asked === undefined || asked === invoice.amount
      ? ok(invoice.amount)
      : err({ code: 'amount-fixed', amount: invoice.amount });
  return asked === undefined ? err({ code: 'amount-required' }) : inRange(asked);
}

function inRange(amount: Msat): Result<Msat, PaymentRefusal> {
  if (amount < 1n) return err({ code: 'amount-too-small', minimum: msat(1) });
  return amount > MAX_AMOUNT ? err({ code: 'amount-too-large', maximum: MAX_AMOUNT }) : ok(amount);
}

/**
 * A payment without an invoice (keysend).
 * @param preimage 32 random bytes.
 */
export function spontaneousRequest(
  payee: NodeId,
  amount: Msat,
  preimage: Uint8Array,
  options: Pick<SendOptions, 'maxFee'>,
  env: { readonly nodeId: NodeId },
): Result<SendRequest, PaymentRefusal> {
  if (payee === env.nodeId) return err({ code: 'own-invoice' });
  if (!isPoint(fromHex(payee)))
    return err({ code: 'invalid-argument', field: 'nodeId', detail: 'not a public key' });
  const checked = inRange(amount);
  if (!checked.ok) return checked;
  const hash = paymentHash(toHex(sha256(preimage)));
  return ok({
    id: outgoingIdOf(hash),
    paymentHash: hash,
    kind: 'spontaneous',
    amount,
    maxFee: options.maxFee ?? defaultMaxFee(amount),
    recipient: {
      nodeId: payee,
      paymentSecret: null,
      paymentMetadata: null,
      routeHints: [],
      minFinalCltvExpiryDelta: blockDelta(KEYSEND_DELTA),
      multiPart: false,
      keysendPreimage: preimage,
    },
    payBefore: null,
    invoice: '',
    description: '',
  });
}
