import { afterAll, describe, test } from 'vitest';
import { askedImplementations, askedScenarios } from './asked.ts';
import { whyNot } from './cannot.ts';
import { Play } from './play.ts';
import { SCENARIOS } from './scenarios.ts';

for (const implementation of askedImplementations()) {
  describe(implementation.name, () => {
    /** One for all scenarios; a new one after a failure, so that it costs only itself. */
    let play: Play | null = null;
    afterAll(() => play?.stop());

    for (const name of askedScenarios()) {
      if (whyNot(implementation.name, name) !== null) continue;
      test(name, async () => {
        play ??= await Play.start(implementation);
        const current = play;
        try {
          await SCENARIOS[name](current);
        } catch (error) {
          play = null;
          await current.stop().catch(() => {
            // What failed is more worth telling.
          });
          throw error;
        }
      });
    }
  });
}
