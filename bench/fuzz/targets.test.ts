import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';
import { targets, weightOf } from './targets.ts';

/** For a target of the usual weight: what `npm run fuzz` does by the million is done here by the hundred, the same each time. */
const INPUTS = 300;
const USUAL_WEIGHT = 6;

describe('each of these reads what is not well formed, and neither throws nor makes much of little', async () => {
  for (const target of await targets())
    it(target.name, () => {
      const inputs = Math.ceil((INPUTS * weightOf(target)) / USUAL_WEIGHT);
      const { findings } = fuzz(target, { inputs, seed: 20_261_128, slowMs: Infinity }, null);
      expect(
        findings.map(({ why, input }) => `${why}: ${Buffer.from(input).toString('hex').slice(0, 2_000)}`),
      ).toEqual([]);
    });
});
