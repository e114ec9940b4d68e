import { toHex } from '../base/bytes.ts';
import { paymentHash, type ChannelId, type PaymentHash, type PaymentId } from '../base/ids.ts';
import type { NetworkParams } from '../base/network.ts';
import { err, ok, type Result } from '../base/result.ts';
import { blockDelta, msat, seconds, timestamp, type Msat, type Seconds } from '../base/units.ts';
import { sha256 } from '../crypto/hash.ts';
import { DEFAULT_EXPIRY, type Description, type RouteHint } from '../invoice/bolt11.ts';
import { encodeBolt11, type SignInvoice } from '../invoice/bolt11-encode.ts';
import { featuresFor } from '../wire/features.ts';
import type { PaymentEnv } from './env.ts';
import type { IncomingPayment } from './incoming.ts';
import type { ChannelOpening } from './opening-fee.ts';
import type { PaymentRefusal } from './payment-refusal.ts';

export type ReceiveDraft = {
  /** Null: any amount. */
  readonly amount: Msat | null;
  readonly description: Description;
  readonly expiry?: Seconds;
  /** A hold invoice: somebody else has the preimage, and claims or fails by it. */
  readonly paymentHash?: PaymentHash;
  /** An LSP opens a channel for it, which the route hint of the source names. */
  readonly opening?: ChannelOpening;
  /** With `opening`: channels that are there already. */
  readonly channelsBefore?: readonly ChannelId[];
};

/** What goes into an invoice beside what was asked for. */
export type InvoiceSource = {
  readonly network: NetworkParams;
  readonly sign: SignInvoice;
  readonly routeHints: readonly RouteHint[];
  /** scriptPubKeys. */
  readonly fallbacks: readonly Uint8Array[];
};

const ONE_PART = {
  var_onion_optin: 'required',
  payment_secret: 'required',
  option_attribution_data: 'optional',
} as const;
const SINGLE = featuresFor('9', ONE_PART);
const FEATURES = featuresFor('9', { ...ONE_PART, basic_mpp: 'optional' });
/** bLIP 52 §3: "`c` contains a `min_final_cltv_expiry_delta` that is at least +2 higher than its normal setting." */
const OPENING_SLACK = 2;
/** Three confirmations of a channel that we do not use before, and as many again. */
const CONFIRMING = 6;
const LONGEST_EXPIRY = 10 * 365 * 24 * 3600;
/** 21 million bitcoin. */
const MAX_AMOUNT = msat(2_100_000_000_000_000_000n);

export const incomingIdOf = (hash: PaymentHash): PaymentId => hash as string as PaymentId;

/** A new invoice and what we keep of it. */
export function newInvoice(
  draft: ReceiveDraft,
  source: InvoiceSource,
  env: Pick<PaymentEnv, 'config' | 'now' | 'random'>,
): Result<IncomingPayment, PaymentRefusal> {
  const { amount, description } = draft;
  if (amount !== null && amount < 1n) return err({ code: 'amount-too-small', minimum: msat(1) });
  if (amount !== null && amount > MAX_AMOUNT) return err({ code: 'amount-too-large', maximum: MAX_AMOUNT });
  const expiry = draft.expiry ?? seconds(DEFAULT_EXPIRY);
  if (expiry < 1 || expiry > LONGEST_EXPIRY)
    return err({ code: 'invalid-argument', field: 'expiry', detail: 'not between a second and ten years' });

  const preimage = draft.paymentHash === undefined ? env.random(32) : null;
  const hash = draft.paymentHash ?? paymentHash(toHex(sha256(preimage ?? new Uint8Array(0))));
  const paymentSecret = env.random(32);
  const { config } = env;
  const { opening } = draft;
  const asked = preimage === null ? config.holdCltvExpiryDelta : config.minFinalCltvExpiryDelta;
  const invoice = encodeBolt11(
    {
      currency: source.network.invoiceCurrency,
      amount,
      timestamp: env.now,
      paymentHash: hash,
      paymentSecret,
      description,
      expiry,
      // bLIP 52 §3: "If the client intends to wait for confirmation […] it MUST increase the margin to 2 plus the number
      // of confirmations it intends to wait." Blocks may come faster than one waits for.
      minFinalCltvExpiryDelta:
        opening === undefined
          ? asked
          : blockDelta(asked + OPENING_SLACK + (opening.unconfirmed ? 0 : CONFIRMING)),
      fallbacks: source.fallbacks,
      routeHints: source.routeHints,
      // bLIP 52 §3: "If `payment_size_msat` unspecified […] do not specify an invoice amount, and disable the `basic_mpp`
      // feature."; "If `payment_size_msat` specified […] set the invoice amount to `payment_size_msat` and enable the `basic_mpp`
      // feature."
      features: opening !== undefined && amount === null ? SINGLE : FEATURES,
      paymentMetadata: null,
    },
    source.sign,
  );
  if (!invoice.ok) return invoice;
  return ok({
    id: incomingIdOf(hash),
    paymentHash: hash,
    kind: preimage === null ? 'hold' : 'bolt11',
    preimage,
    paymentSecret,
    paymentMetadata: null,
    amount,
    invoice: invoice.value,
    description: description.tag === 'text' ? description.text : '',
    label: '',
    createdAt: env.now,
    expiresAt: timestamp(env.now + expiry),
    // bLIP 52 §3: "The client MUST impose its normal setting on actual received payment."
    minFinalCltvExpiryDelta: blockDelta(asked - config.expirySlack),
    status: { tag: 'open' },
    ...(opening === undefined ? {} : { opening }),
    ...(draft.channelsBefore === undefined || draft.channelsBefore.length === 0
      ? {}
      : { channelsBefore: draft.channelsBefore }),
  });
}

/** What we keep of a payment that comes without an invoice. */
export const spontaneousPayment = (
  hash: PaymentHash,
  preimage: Uint8Array,
  env: Pick<PaymentEnv, 'config' | 'now'>,
): IncomingPayment => ({
  id: incomingIdOf(hash),
  paymentHash: hash,
  kind: 'spontaneous',
  preimage,
  paymentSecret: null,
  paymentMetadata: null,
  amount: null,
  invoice: '',
  description: '',
  label: '',
  createdAt: env.now,
  expiresAt: env.now,
  minFinalCltvExpiryDelta: blockDelta(env.config.minFinalCltvExpiryDelta - env.config.expirySlack),
  status: { tag: 'open' },
});
