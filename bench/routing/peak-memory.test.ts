import { expect, it } from 'vitest';
import { peakOf } from './peak-memory.ts';

const BYTES = 20_000_000;

function* holding(times: number): Generator<Uint8Array, void> {
  for (let i = 0; i < times; i++) yield new Uint8Array(BYTES).fill(1);
}

it('what was garbage before is no room for what comes', () => {
  for (const _ of holding(3));
  const most = peakOf(holding(1));
  expect(most).toBeGreaterThan(0.95 * BYTES);
  expect(most).toBeLessThan(1.5 * BYTES);
});
