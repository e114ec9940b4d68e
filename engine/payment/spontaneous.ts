import { equalBytes, fromHex } from '../base/bytes.ts';
import type { PaymentHash } from '../base/ids.ts';
import { msat } from '../base/units.ts';
import type { IncomingHtlc } from '../channel/htlc.ts';
import { sha256 } from '../crypto/hash.ts';
import type { PaymentEnv } from './env.ts';
import type { Receive } from '../onion/instruction.ts';
import { partFailure } from './incoming-check.ts';
import type { IncomingPayment } from './incoming.ts';
import { spontaneousPayment } from './receive-request.ts';

/** Nobody pays less by intention, and each leaves a row for ever. */
export const LEAST_SPONTANEOUS = msat(1_000);

/** What is less than this is small: whoever sends many of them gives away little. */
export const SMALL_SPONTANEOUS = msat(1_000_000);

/**
 * So many small ones are kept, and loaded at each start. More are given back: from then on only those are taken that cost
 * their payer 1,000 sat each.
 */
export const MOST_SMALL = 20_000;

/** Payments that nobody asked for: their rows are the only ones that strangers write. */
export class Spontaneous {
  readonly #most: number;
  readonly #small = new Set<PaymentHash>();

  constructor(most = MOST_SMALL) {
    this.#most = most;
  }

  /** Its payment, when it is taken, or is refused for what is wrong with its HTLC: it brings its preimage along. */
  accept(htlc: IncomingHtlc, receive: Receive, env: PaymentEnv): IncomingPayment | null {
    const { amount, paymentHash, channelId } = htlc;
    const preimage = receive.keysendPreimage;
    if (preimage === null || !env.config.acceptSpontaneous || amount < LEAST_SPONTANEOUS) return null;
    if (!equalBytes(sha256(preimage), fromHex(paymentHash))) return null;
    const payment = spontaneousPayment(paymentHash, preimage, env);
    if (partFailure(payment, null, htlc, receive, env) !== null) return payment;
    // The allowance last: it is used up by asking.
    if (
      amount < SMALL_SPONTANEOUS &&
      (this.#small.size >= this.#most || env.takesSmall?.(channelId) === false)
    )
      return null;
    return payment;
  }

  /** Of every payment that is kept. */
  count({ kind, paymentHash, status }: IncomingPayment): void {
    if (kind === 'spontaneous' && status.tag === 'received' && status.amount < SMALL_SPONTANEOUS)
      this.#small.add(paymentHash);
  }
}
