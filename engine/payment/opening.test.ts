import { describe, expect, it } from 'vitest';
import { assert } from '../base/assert.ts';
import { blockHeight, msat, sat, timestamp, type Msat } from '../base/units.ts';
import type { IncomingHtlc } from '../channel/htlc.ts';
import type { Receive } from '../onion/instruction.ts';
import {
  envOf,
  HEIGHT,
  NOW,
  payChannel,
  scidOf,
  sats,
  testChannelId,
  testNode,
} from './fixtures/pay-world.ts';
import { PaymentBook } from './book.ts';
import { partFailure } from './incoming-check.ts';
import type { IncomingPayment } from './incoming.ts';
import { newInvoice } from './receive-request.ts';

const us = testNode(1);
const lsp = testNode(2);
const other = testNode(3);
const env = envOf(us, { channels: [payChannel(1, lsp.id), payChannel(2, other.id)] });

function ordered(amount: number | null = 1_000, mostFee = sats(20)): IncomingPayment {
  const made = newInvoice(
    {
      amount: amount === null ? null : sats(amount),
      description: { tag: 'text', text: '' },
      opening: {
        lsp: lsp.id,
        minFee: sats(10),
        proportional: 20_000n,
        scid: scidOf(9),
        unconfirmed: true,
        blind: false,
        mostFee,
        taken: msat(0),
      },
    },
    us.source,
    env,
  );
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

/** Why an HTLC of which `kept` sat were kept does not join the payment. */
function failure(
  payment: IncomingPayment,
  part: { kept?: number; amount?: number; total?: number; channel?: number; cltv?: number },
  around = env,
): string | null {
  const { kept = 20, amount = 1_000, channel = 1, cltv = HEIGHT + 40 } = part;
  const total = part.total ?? amount;
  const htlc: IncomingHtlc = {
    channelId: testChannelId(channel),
    id: 0n,
    amount: sats(amount - kept),
    paymentHash: payment.paymentHash,
    cltvExpiry: blockHeight(cltv),
    onion: new Uint8Array(1366),
    ...(kept === 0 ? {} : { skimmedFee: sats(kept) }),
  };
  const receive: Receive = {
    tag: 'receive',
    onion: htlc.onion,
    sharedSecret: new Uint8Array(32),
    blinding: 'none',
    isFinal: true,
    amount: sats(amount),
    total: sats(total),
    cltvExpiry: htlc.cltvExpiry,
    paymentSecret: payment.paymentSecret,
    paymentMetadata: null,
    keysendPreimage: null,
    pathId: null,
    custom: [],
  };
  return partFailure(payment, null, htlc, receive, around)?.name ?? null;
}

const UNKNOWN = 'incorrect_or_unknown_payment_details';

describe('an HTLC of which a peer kept something', () => {
  it('is taken from the LSP that was asked, up to the fee', () => {
    expect(failure(ordered(), { kept: 20 })).toBeNull();
    expect(failure(ordered(), { kept: 0 })).toBeNull();
    expect(failure(ordered(), { kept: 21 })).toBe(UNKNOWN);
  });

  // bLIP 25
  // bLIP 52 §5
  it('is taken from nobody else, and for no other payment', () => {
    expect(failure(ordered(), { channel: 2 })).toBe(UNKNOWN);
    expect(failure(ordered(), { channel: 3 })).toBe(UNKNOWN);
    const { opening: _, ...plain } = ordered();
    expect(failure(plain, { kept: 20 })).toBe(UNKNOWN);
    expect(failure(plain, { kept: 0 })).toBeNull();
  });

  it('is never taken above what the user agreed to, whatever the formula says', () => {
    expect(failure(ordered(1_000, sats(19)), { kept: 20 })).toBe(UNKNOWN);
    expect(failure(ordered(null, sats(100)), { kept: 100, amount: 5_000 })).toBeNull();
    expect(failure(ordered(null, sats(99)), { kept: 100, amount: 5_000 })).toBe(UNKNOWN);
  });

  // bLIP 52 §5: "The LSP MUST ensure the channel is large enough to transmit the `payment_size_msat - opening_fee`"
  it('is for a channel that has room for the payment, and for no smaller one that was opened for something else', () => {
    const of = (capacity: number) => {
      const small = { ...payChannel(1, lsp.id), capacity: sat(BigInt(capacity)) };
      return failure(ordered(), {}, { ...env, channels: () => [small] });
    };
    expect(of(980)).toBeNull();
    expect(of(979)).toBe(UNKNOWN);
  });

  it('counts the fee from what was asked for, not from what the payer says', () => {
    // 2 % of 2,000 sat would be 40.
    expect(failure(ordered(), { kept: 40, amount: 2_000 })).toBe(UNKNOWN);
    expect(failure(ordered(), { kept: 20, amount: 2_000 })).toBeNull();
  });

  it('is one part where the payer chooses the amount', () => {
    expect(failure(ordered(null), { amount: 1_000, total: 2_000 })).toBe(UNKNOWN);
  });

  // bLIP 52 §3
  it('may not be about to expire: the extra blocks of the invoice are not given away', () => {
    expect(failure(ordered(), { cltv: HEIGHT + 37 })).toBeNull();
    expect(failure(ordered(), { cltv: HEIGHT + 36 })).toBe(UNKNOWN);
  });
});

describe('payments that an LSP is to open a channel for', () => {
  it('owe it nothing over a channel that was there, nor over one that another of them paid for', () => {
    const [was, opened, next] = [testChannelId(1), testChannelId(2), testChannelId(3)];
    const waiting: IncomingPayment = { ...ordered(), channelsBefore: [was] };
    const { opening } = waiting;
    assert(opening !== undefined, 'no opening');
    const received = (taken: Msat): IncomingPayment => ({
      ...ordered(),
      opening: { ...opening, taken },
      status: {
        tag: 'received',
        preimage: new Uint8Array(32),
        amount: sats(1),
        at: timestamp(NOW),
        parts: [{ channelId: opened, id: 0n, amount: sats(1) }],
      },
    });
    const owes = (book: PaymentBook, hash = waiting.paymentHash) =>
      [was, opened, next].map((channel) => book.isOwed(hash, channel));
    const paid = received(sats(20));
    const book = new PaymentBook([], [waiting, paid]);
    expect(owes(book)).toEqual([false, false, true]);
    // Its own parts are one after another.
    expect(book.isOwed(paid.paymentHash, opened)).toBe(true);
    expect(owes(new PaymentBook([], [waiting, received(msat(0))]))).toEqual([false, true, true]);
  });

  it('are those that wait, until they expire', () => {
    const waiting = ordered();
    const paid: IncomingPayment = {
      ...ordered(),
      status: {
        tag: 'received',
        preimage: new Uint8Array(32),
        amount: sats(1),
        at: timestamp(NOW),
        parts: [],
      },
    };
    const { opening: _, ...plain } = ordered();
    const book = new PaymentBook([], [waiting, paid, plain]);
    expect(book.openings(timestamp(NOW)).map(({ id }) => id)).toEqual([waiting.id]);
    expect(book.openings(timestamp(waiting.expiresAt + 1))).toEqual([]);
  });
});
