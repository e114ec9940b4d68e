import { describe, expect, it } from 'vitest';
import { toHex } from '../base/bytes.ts';
import { paymentHash } from '../base/ids.ts';
import { timestamp } from '../base/units.ts';
import { sha256 } from '../crypto/hash.ts';
import { PaymentBook } from './book.ts';
import { brokenPayment } from './fixtures/broken-payment.ts';
import { envOf, NOW, payChannel, testNode } from './fixtures/pay-world.ts';
import { OUTGOING } from './fixtures/stored-values.ts';
import { anHtlc } from './fixtures/two-books.ts';

const us = testNode(1);
const env = envOf(us, { channels: [payChannel(1, testNode(2).id)] });
const PREIMAGE = new Uint8Array(32).fill(9);
const broken = brokenPayment();
const [stored] = OUTGOING;
if (stored === undefined) throw new Error('no stored payment');
const otherHash = paymentHash(toHex(sha256(PREIMAGE)));
const other = {
  ...stored,
  paymentHash: otherHash,
  id: otherHash as string as typeof stored.id,
  retryUntil: timestamp(NOW - 1),
};

describe('a payment whose machine throws', () => {
  it('keeps no other from going on after a start, and stays as it is', () => {
    const book = new PaymentBook([broken, other]);
    const { commit, after } = book.resume([], env);
    expect(commit.map(({ key }) => key)).toEqual([other.id]);
    expect(after).toMatchObject([
      { tag: 'broken', paymentId: broken.id },
      { tag: 'notify', notice: { tag: 'failed', paymentId: other.id } },
    ]);
    expect(book.entry(broken.id, env.now)).toMatchObject({ state: 'pending' });
    expect(book.entry(other.id, env.now)).toMatchObject({ state: 'failed' });
  });

  it('leaves how its HTLC ended with the channel, and is told of once', () => {
    const book = new PaymentBook([other]);
    const end = (): unknown =>
      book.settled(
        { paymentId: other.id, attempt: 1 },
        { tag: 'fulfilled', preimage: new Uint8Array(32) },
        env,
      );
    expect(end()).toMatchObject({ isBroken: true, commit: [], after: [{ tag: 'broken' }] });
    expect(end()).toEqual({ isBroken: true, commit: [], after: [] });
    expect(
      book.settled({ paymentId: other.id, attempt: 1 }, { tag: 'fulfilled', preimage: PREIMAGE }, env),
    ).toMatchObject({ after: [{ tag: 'notify', notice: { tag: 'sent' } }] });
  });

  it('gives back an HTLC that cannot be judged', () => {
    const ecdh = (): never => {
      throw new Error('a bug');
    };
    const { commit, after } = new PaymentBook().offered(anHtlc(otherHash, new Uint8Array(1366)), ecdh, env);
    expect(commit).toEqual([]);
    expect(after).toMatchObject([
      { tag: 'command', command: { tag: 'fail-htlc', id: 99n } },
      { tag: 'broken' },
    ]);
  });
});
