import { expect, it } from 'vitest';
import { inTurns } from './in-turns.ts';

/** Slices that take so long each, on a clock of their own. */
function stage(sliceMs: number, count: number) {
  let nowMs = 0;
  const turns: number[] = [0];
  const clock = {
    monotonicMs: () => nowMs,
    after: (_delayMs: number, run: () => void) => {
      turns.push(0);
      queueMicrotask(run);
      return () => undefined;
    },
  };
  const slices = (function* () {
    for (let i = 0; i < count; i++) {
      nowMs += sliceMs;
      turns[turns.length - 1] = (turns.at(-1) ?? 0) + 1;
      yield;
    }
    return 'done';
  })();
  return { clock, slices, turns };
}

it.each([
  ['short slices are done together, up to some milliseconds', 1, 20, [8, 8, 4]],
  ['after a long one others are served', 30, 3, [1, 1, 1, 0]],
])('%s', async (_, sliceMs, count, expected) => {
  const { clock, slices, turns } = stage(sliceMs, count);
  expect(await inTurns(clock, slices, () => false)).toBe('done');
  expect(turns).toEqual(expected);
});

it('what is over is not worked on any more', async () => {
  const { clock, slices, turns } = stage(10, 3);
  expect(await inTurns(clock, slices, () => true)).toBeNull();
  expect(turns).toEqual([1, 0]);
});
