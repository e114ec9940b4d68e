import { expect, it } from 'vitest';
import { OUTGOING } from '../../payment/fixtures/stored-values.ts';
import { PaymentBook } from '../../payment/book.ts';
import { paymentParts } from './payment-parts.ts';

const [pending] = OUTGOING;

it('a payment is told part by part, with what each node keeps, and where it stopped', () => {
  const core = { payments: new PaymentBook(pending === undefined ? [] : [pending]) };
  const node = pending?.recipient.nodeId ?? '';
  const parts = paymentParts(core, pending?.id ?? '', (id) => `alias of ${id.slice(0, 2)}`);
  const hop = { nodeId: node, alias: 'alias of 02' };
  expect(parts).toEqual([
    {
      number: 0,
      state: 'failed',
      channelId: '44'.repeat(32),
      amountMsat: 1_000_000n,
      feeMsat: 1_000n,
      hops: [
        { ...hop, shortChannelId: null, amountMsat: 1_001_000n, feeMsat: 1_000n, heldMs: null },
        { ...hop, shortChannelId: 7n, amountMsat: 1_000_000n, feeMsat: 0n, heldMs: null },
      ],
      stoppedAt: 0,
      failure: { code: 'temporary', detail: 'temporary_channel_failure', bolt4Code: 0x1007, hop: 0 },
    },
    {
      number: 1,
      state: 'in-flight',
      channelId: '55'.repeat(32),
      amountMsat: 1_001_000n,
      feeMsat: 0n,
      hops: [{ ...hop, shortChannelId: null, amountMsat: 1_001_000n, feeMsat: 0n, heldMs: null }],
      stoppedAt: null,
      failure: null,
    },
  ]);
  expect(paymentParts(core, '00'.repeat(32), () => null)).toBeNull();
});

it('how long nodes say that they held it, where they say it', () => {
  const [first, ...rest] = pending?.attempts ?? [];
  if (pending === undefined || first === undefined) throw new Error('no attempt');
  const attempts = [{ ...first, holdTimes: [7, 0] }, ...rest];
  const parts = paymentParts(
    { payments: new PaymentBook([{ ...pending, attempts }]) },
    pending.id,
    () => null,
  );
  expect(parts?.map(({ hops }) => hops.map(({ heldMs }) => heldMs))).toEqual([[700, null], [null]]);
});
