import type { Growing } from './target.ts';

const SHORTEST = 512;
/** Not worth a judgement: the clock is coarse, and nobody waits for it. */
const QUICK_MS = 6;
/** Nothing is grown further once reading it takes this. */
const LONG_MS = 150;
/** Work that grows with the length to the power of this is no more than linear, with a clock that is not exact. */
const LINEAR = 1.5;
const DOUBLINGS = 3;

/** Milliseconds of the processor that one reading of `input` takes: the best of `tries`. */
export type Measure = (input: Uint8Array, tries: number) => number;

type Point = { readonly input: Uint8Array; readonly ms: number };

/**
 * Whether reading takes more than linear time in what `grow` makes: the longest input that shows it, and how steep.
 * Null when it does not. What looks steep is measured again, so that a busy machine finds nothing.
 */
export function steepness(
  grow: Growing,
  longest: number,
  measure: Measure,
): { readonly input: Uint8Array; readonly exponent: number } | null {
  const points: Point[] = [];
  for (const input of doublings(grow, longest)) {
    const ms = measure(input, 2);
    points.push({ input, ms });
    if (ms > LONG_MS) break;
  }
  const last = points.at(-1);
  const first = points.at(-1 - DOUBLINGS) ?? points[0];
  if (last === undefined || first === undefined || first === last || last.ms < QUICK_MS) return null;
  for (const tries of [0, 5, 9]) {
    const exponent = exponentOf(first, last, tries === 0 ? null : measure, tries);
    if (exponent <= LINEAR) return null;
    if (tries === 9) return { input: last.input, exponent };
  }
  return null;
}

/** What it makes, each about twice as long as the one before, up to `longest`. */
export function* doublings(grow: Growing, longest: number): Generator<Uint8Array> {
  let before = SHORTEST / 2;
  for (let times = 1; times <= longest; times *= 2) {
    const input = grow(times);
    if (input.length > longest) return;
    if (input.length < 1.5 * before) continue;
    before = input.length;
    yield input;
  }
}

function exponentOf(first: Point, last: Point, measure: Measure | null, tries: number): number {
  const [a, b] = [first, last].map(({ input, ms }) => measure?.(input, tries) ?? ms) as [number, number];
  return Math.log(b / a) / Math.log(last.input.length / first.input.length);
}
