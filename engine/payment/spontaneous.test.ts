import { describe, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { paymentHash } from '../base/ids.ts';
import { blockHeight, msat } from '../base/units.ts';
import { sha256 } from '../crypto/hash.ts';
import { envOf, payChannel, testNode } from './fixtures/pay-world.ts';
import { command, TwoBooks } from './fixtures/two-books.ts';
import { PaymentBook } from './book.ts';
import { incomingRecord } from './incoming-record.ts';
import { incomingIdOf } from './receive-request.ts';
import { spontaneousRequest } from './send-request.ts';
import { Spontaneous } from './spontaneous.ts';

const alice = testNode(1);
const bob = testNode(2);

/** Alice sends to Bob, who keeps two small ones. */
function world() {
  const two = new TwoBooks(alice, bob);
  two.payer.change = { channels: [payChannel(1, bob.id)] };
  two.payee.book = new PaymentBook([], [], new Spontaneous(2));
  let sent = 0;
  /** @returns whether it was taken. */
  const send = (amount: number): boolean => {
    const preimage = new Uint8Array(32).fill(++sent);
    const request = spontaneousRequest(bob.id, msat(amount), preimage, {}, two.payer.env);
    if (!request.ok) throw new Error(request.error.code);
    two.run(two.payer, two.payer.book.send(command(sent), request.value, two.payer.env));
    const id = incomingIdOf(paymentHash(toHex(sha256(preimage))));
    return two.payee.book.entry(id, two.payee.env.now)?.state === 'succeeded';
  };
  return { two, send };
}

describe('payments that nobody asked for', () => {
  it('are taken from one satoshi; of what is less nothing is written down', () => {
    const { two, send } = world();
    expect(send(999)).toBe(false);
    expect(two.payee.disk.size).toBe(0);
    expect(two.payer.notices).toMatchObject([{ tag: 'failed', failure: { code: 'unknown-to-recipient' } }]);
    expect(send(1_000)).toBe(true);
  });

  it('are so many at most when they are small, after a restart too; a large one always is taken', () => {
    const { two, send } = world();
    expect([1_000, 999_999, 1_000].map(send)).toEqual([true, true, false]);
    expect(two.payee.disk.size).toBe(2);
    expect(send(1_000_000)).toBe(true);
    two.payee.book = new PaymentBook([], two.payee.rows('invoice', incomingRecord), new Spontaneous(2));
    expect([1_000, 2_000_000].map(send)).toEqual([false, true]);
  });

  it('are taken no faster than the channel’s peer may bring them', () => {
    const book = new Spontaneous();
    let left = 1;
    const env = { ...envOf(bob), takesSmall: () => left-- > 0 };
    const later = blockHeight(env.height + 100);
    const preimage = new Uint8Array(32).fill(5);
    const receive = (amount: number, cltvExpiry = later) => ({
      tag: 'receive' as const,
      amount: msat(amount),
      total: msat(amount),
      cltvExpiry,
      paymentSecret: null,
      paymentMetadata: null,
      keysendPreimage: preimage,
      pathId: null,
      custom: [],
      onion: new Uint8Array(1366),
      sharedSecret: new Uint8Array(32),
      blinding: 'none' as const,
      isFinal: true,
    });
    const htlc = (amount: number, cltvExpiry = later) => ({
      channelId: payChannel(1, bob.id).channelId,
      id: 0n,
      amount: msat(amount),
      paymentHash: paymentHash(toHex(sha256(preimage))),
      cltvExpiry,
      onion: new Uint8Array(1366),
    });
    const accept = (amount: number) => book.accept(htlc(amount), receive(amount), env);
    // About to expire: it is given back, for what it is worth, and takes nothing of the allowance.
    const { height } = env;
    expect(book.accept(htlc(1_000, height), receive(1_000, height), env)).not.toBeNull();
    expect(left).toBe(1);
    expect(accept(1_000)).not.toBeNull();
    expect(accept(1_000)).toBeNull();
    expect(accept(1_000_000)).not.toBeNull();
    expect(left).toBe(-1);
  });
});
