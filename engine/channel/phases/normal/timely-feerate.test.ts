import { expect, it } from 'vitest';
import { feeratePerKw } from '../../../base/units.ts';
import { combineEstimates } from '../../../chain/fee-estimates.ts';
import { timelyFeerate } from './timely-feerate.ts';

/** sat/kw, where chain servers say that many sat/vB for whatever target. */
function timely(...servers: readonly number[]): readonly number[] {
  const answers = servers.map((rate) => new Map([2, 6, 144, 1_008].map((target) => [String(target), rate])));
  const feerates = combineEstimates(answers);
  if (feerates === null) throw new Error('no rates');
  return (['to-take', 'to-stay'] as const).map((purpose) =>
    timelyFeerate({ base: 'static_remotekey' }, feerates, purpose),
  );
}

it('without anchors a commitment is timely at what servers that agree have for a day', () => {
  expect(timely(8, 8)).toEqual([2_000, 2_000]);
  expect(
    timelyFeerate(
      { base: 'anchors' },
      { background: feeratePerKw(9_000), minimum: feeratePerKw(9_000) },
      'to-take',
    ),
  ).toBe(253);
});

it('one of two servers closes no channel over a fee rate, and lets none fall to where nothing is mined', () => {
  // High: who pays what the honest one says stays connected. Low: nothing is taken at what the liar says.
  const [, stayBesideHigh] = timely(8, 1e9);
  expect(stayBesideHigh).toBeLessThanOrEqual(2_000);
  const [takeBesideLow] = timely(8, 1e-9);
  expect(takeBesideLow).toBeGreaterThan(1_100);
});
