import { expect, it } from 'vitest';
import { blockHeight, feeratePerKw } from '../../base/units.ts';
import { fallbackFeerates } from '../../chain/fee-estimates.ts';
import { feerateFor } from './price.ts';

const DEADLINE = blockHeight(1_000);
const FEERATES = { ...fallbackFeerates('mainnet'), urgent: feeratePerKw(5_000) };
const schedule = (feerates: typeof FEERATES): readonly number[] =>
  Array.from({ length: 30 }, (_, i) => feerateFor(DEADLINE, blockHeight(980 + i), feerates));

it('what has a deadline goes from the lower of two servers to the dearer, and beyond, only when the lower was not enough', () => {
  const dearer = { ...FEERATES, urgent: feeratePerKw(100_000) };
  const plain = schedule(FEERATES);
  const apart = schedule({ ...FEERATES, dearer });
  for (const rates of [plain, apart]) expect(rates).toEqual(rates.toSorted((a, b) => a - b));
  // Twelve blocks before it and earlier nothing is different; six before it the dearer is believed, then neither.
  expect(apart.slice(0, 9)).toEqual(plain.slice(0, 9));
  expect(apart[9]).toBeGreaterThan(plain[9] ?? 0);
  expect([apart[14], plain[14]]).toEqual([100_000, 5_000]);
  expect([apart[15], plain[15]]).toEqual([125_000, 6_250]);
});
