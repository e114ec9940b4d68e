import { afterAll, describe, expect, test } from 'vitest';
import { askedImplementations, askedPlaces, askedScenarios } from './asked.ts';
import { whyNot } from './cannot.ts';
import type { Implementation } from './implementation.ts';
import type { Place } from './place.ts';
import { Play } from './play.ts';
import { SCENARIOS } from './scenarios.ts';

for (const place of askedPlaces())
  describe(place, () => {
    for (const implementation of askedImplementations(place))
      describe(implementation.name, () => playAll(implementation, place));
  });

function playAll(implementation: Implementation, place: Place): void {
  /** One for all scenarios; a new one after a failure, so that it costs only itself. */
  let play: Play | null = null;
  afterAll(() => play?.stop());

  for (const name of askedScenarios(place)) {
    if (whyNot(implementation.name, name) !== null) continue;
    test(name, async () => {
      play ??= await Play.start(implementation, place);
      const current = play;
      try {
        await SCENARIOS[name](current);
        expect(current.complaints()).toEqual([]);
      } catch (error) {
        play = null;
        await current.stop().catch(() => {
          // What failed is more worth telling.
        });
        throw error;
      }
    });
  }
}
