import { expect, it } from 'vitest';
import { blockHeight, feeratePerKw } from '../../base/units.ts';
import { fallbackFeerates } from '../../chain/fee-estimates.ts';
import { feerateFor } from './price.ts';

const DEADLINE = blockHeight(1_000);
const FEERATES = { ...fallbackFeerates('mainnet'), urgent: feeratePerKw(5_000) };
const schedule = (feerates: typeof FEERATES): readonly number[] =>
  Array.from({ length: 30 }, (_, i) => feerateFor(DEADLINE, blockHeight(980 + i), feerates));

it('what has a deadline pays what the dearer of two servers makes likely only in the last blocks before it', () => {
  const dearer = feeratePerKw(100_000);
  const plain = schedule(FEERATES);
  const apart = schedule({ ...FEERATES, dearer });
  for (const rates of [plain, apart]) expect(rates).toEqual(rates.toSorted((a, b) => a - b));
  // Six blocks before it and earlier nothing is different; one before it the other server is half believed.
  expect(apart.slice(0, 15)).toEqual(plain.slice(0, 15));
  expect(apart[15]).toBeGreaterThan(plain[15] ?? 0);
  expect(apart[19]).toBe(dearer);
  expect(plain[19]).toBeLessThan(20_000);
});
