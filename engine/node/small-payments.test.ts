import { expect, it } from 'vitest';
import { channelId, nodeId } from '../base/ids.ts';
import { smallPayments } from './small-payments.ts';

const channel = (seed: number) => channelId(`0${seed}`.repeat(32));

it('takes 300 small payments of a peer at once, over all its channels together, and then one in five seconds', () => {
  let now = 0;
  // Channels 1 and 2 are those of one peer; 9 is gone.
  const takes = smallPayments({ monotonicMs: () => now }, (id) =>
    id === channel(9) ? null : nodeId(`02${(id === channel(3) ? '33' : '11').repeat(32)}`),
  );
  const taken = (seed: number, times: number): number =>
    Array.from({ length: times }, () => takes(channel(seed))).filter(Boolean).length;
  expect(taken(1, 200)).toBe(200);
  expect(taken(2, 200)).toBe(100);
  expect(taken(3, 10)).toBe(10);
  expect(taken(9, 1)).toBe(0);
  now += 25_000;
  expect(taken(1, 10)).toBe(5);
});
