import { expect, test } from 'vitest';
import { timestamp } from '../base/units.ts';
import { PaymentBook } from './book.ts';
import { INCOMING, OUTGOING } from './fixtures/stored-values.ts';
import { historyOf } from './payment-history.ts';

const sent = OUTGOING.filter(({ status }) => status.tag === 'succeeded');
const received = INCOMING.filter(({ status }) => status.tag === 'received');

test('only what was paid: what failed or was under way may have been paid since', () => {
  expect(historyOf(OUTGOING, INCOMING, 100)).toEqual({ sent, received });
});

test('of an attempt beside the one that paid, nothing is taken along: it would count as under way for ever', () => {
  const [payment] = sent;
  const [attempt] = payment?.attempts ?? [];
  if (payment === undefined || attempt === undefined) throw new Error('no payment');
  const stuck = { ...attempt, number: 1, outcome: { tag: 'in-flight' as const } };
  const history = historyOf([{ ...payment, attempts: [attempt, stuck] }], [], 100);
  expect(history.sent).toEqual([payment]);
});

test('the newest of both together, and never more than asked for', () => {
  const many = sent.flatMap((payment) =>
    Array.from({ length: 30 }, (_, i) => ({ ...payment, createdAt: timestamp(1_000 + i) })),
  );
  const late = received.map((payment) => ({ ...payment, createdAt: timestamp(1_025) }));
  const { sent: taken, received: got } = historyOf(many, late, 10);
  expect(taken.length + got.length).toBe(10);
  expect(got).toHaveLength(1);
  expect(Math.min(...taken.map(({ createdAt }) => createdAt))).toBe(1_021);
  expect(historyOf(many, late, 0)).toEqual({ sent: [], received: [] });
});

test('is taken in once', () => {
  const book = new PaymentBook();
  expect(book.adopt({ sent, received: [] })).toHaveLength(sent.length);
  expect(book.adopt({ sent, received: [] })).toEqual([]);
  expect(book.history(100).sent).toEqual(sent);
  // What another program put there and is not over is not taken.
  expect(new PaymentBook().adopt({ sent: OUTGOING.slice(0, 1), received: [] })).toEqual([]);
});

test.each(['pending', 'failed'] as const)(
  'a payment that is %s on this disk and paid in the file was paid: it is not paid again',
  (tag) => {
    const [paid] = sent;
    const [attempt] = paid?.attempts ?? [];
    if (paid === undefined || attempt === undefined) throw new Error('no payment');
    const failure = { code: 'timed-out' as const, detail: '' };
    const old = {
      ...paid,
      status: tag === 'pending' ? { tag } : { tag, failure, at: timestamp(1_000) },
      attempts: [{ ...attempt, number: 7, outcome: { tag: 'in-flight' as const } }],
    };
    const book = new PaymentBook([old]);
    expect(book.adopt({ sent: [paid], received: [] })).toHaveLength(1);
    expect(book.history(10).sent).toEqual([paid]);
  },
);

test('one that was received is so for a disk that still waits for it', () => {
  const [got] = received;
  if (got === undefined) throw new Error('no payment');
  const book = new PaymentBook([], [{ ...got, status: { tag: 'open' } }]);
  expect(book.adopt({ sent: [], received: [got] })).toHaveLength(1);
  expect(book.history(10).received).toEqual([got]);
});
