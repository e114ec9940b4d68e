import type { Coverage } from './coverage.ts';
import { doublings, steepness, type Measure } from './growth.ts';
import { heapNow } from './heap.ts';
import { Dice, mutated, repeating } from './mutation.ts';
import { sizeOf } from './size.ts';
import type { Growing, Target } from './target.ts';

/** An input that long is read within this; what takes longer three times over is a finding. */
const SLOW_MS = 100;
const MOST_OF_CORPUS = 4_000;
const LONGEST_KEPT = 4_096;
/** The longest that mutation makes, and what most readers are given at most. */
const LONGEST = 65_535;
/** What is read may hold this many bytes for each byte of the input, and this many more. */
const HELD_PER_BYTE = 64;
const HELD = 262_144;
/** One of so many inputs has what was read of it weighed. */
const WEIGHED = 8;
/** What one reading may take for itself, for each byte of the input and besides. */
const TAKEN_PER_BYTE = 1_024;
const TAKEN = 64_000_000;
/** What may be in use at the end of a run that was not half-way, beside the corpus. */
const LEFT_BEHIND = 8_000_000;

export type Finding = { readonly target: string; readonly input: Uint8Array; readonly why: string };
export type Outcome = {
  readonly inputs: number;
  /** How many ways of growing were measured. */
  readonly grown: number;
  readonly corpus: number;
  readonly slowestMs: number;
  /** Bytes that were in use at the end and not half-way. */
  readonly leftBehind: number;
  readonly findings: readonly Finding[];
};

export type Limits = {
  readonly inputs: number;
  readonly seed: number;
  readonly batch?: number;
  /** What takes longer is a finding; Infinity where other threads have the processor too. */
  readonly slowMs?: number;
  /** How many inputs are grown, to see whether the work grows alike; not left out where time is to be measured. */
  readonly growths?: number;
  /** Bytes in use once garbage is gone. */
  readonly heap?: () => number;
};

/** Reads mutations of the corpus; what runs code that never ran before joins the corpus. */
export function fuzz(
  target: Target,
  { inputs, seed, batch = 4_000, slowMs = SLOW_MS, growths = 0, heap = () => 0 }: Limits,
  coverage: Coverage | null,
): Outcome {
  const dice = new Dice(seed);
  const corpus = [...target.corpus, new Uint8Array()];
  const findings = new Map<string, Finding>();
  let slowestMs = 0;
  const found = (why: string, input: Uint8Array): void => {
    // One of a kind is enough.
    if (!findings.has(why)) findings.set(why, { target: target.name, input, why });
  };

  const readOne = (input: Uint8Array, weigh: boolean): void => {
    const { why, ms } = watched(target, input, weigh, slowMs);
    slowestMs = Math.max(slowestMs, ms);
    if (why !== null) found(why, input);
  };
  for (const input of corpus) readOne(input, true);
  coverage?.news();

  let done = 0;
  let size = Math.min(batch, 200);
  let halfWay: number | null = null;
  const inUse = (): number => heap() - corpus.reduce((sum, { length }) => sum + length, 0);
  while (done < inputs) {
    const taken = Array.from({ length: Math.min(size, inputs - done) }, () => {
      const input = mutated(corpus, dice);
      return target.repair !== undefined && dice.below(8) > 0 ? target.repair(input) : input;
    });
    for (const [i, input] of taken.entries()) readOne(input, i % WEIGHED === 0);
    done += taken.length;
    if (halfWay === null && done >= inputs / 2) halfWay = inUse();
    if (coverage === null || coverage.news() === 0) {
      size = Math.min(batch, size * 2);
      continue;
    }
    // Something in this batch was new. Its shorter inputs are a good guess, and cheap to keep.
    size = Math.min(batch, 200);
    if (corpus.length < MOST_OF_CORPUS)
      corpus.push(...taken.filter(({ length }) => length <= LONGEST_KEPT).slice(0, 20));
  }
  const leftBehind = inUse() - (halfWay ?? 0);
  if (leftBehind > LEFT_BEHIND) found('memory stays behind, more with every input', new Uint8Array());

  const ways = waysToGrow(target, corpus, growths, dice);
  const { longest = LONGEST } = target;
  for (const grow of ways) {
    const steep = steepness(grow, longest, measureOf(target));
    if (steep !== null)
      found(`grows with the length to the power of ${steep.exponent.toFixed(1)}`, steep.input);
    const large = [...doublings(grow, steep === null ? longest : 16_384)].at(-1) ?? grow(1);
    const before = heapNow();
    const { why } = watched(target, large, true, Infinity);
    if (why !== null) found(why, large);
    if (heapNow() - before > TAKEN_PER_BYTE * large.length + TAKEN)
      found('takes much more memory than what came', large);
  }
  return {
    inputs: done,
    grown: ways.length,
    corpus: corpus.length,
    slowestMs,
    leftBehind,
    findings: [...findings.values()],
  };
}

/** `growths` of them: all that the target knows, and pieces of the corpus. */
function waysToGrow(
  { grown = [], repair }: Target,
  corpus: readonly Uint8Array[],
  growths: number,
  dice: Dice,
): readonly Growing[] {
  if (growths === 0) return [];
  const drawn = Array.from({ length: growths }, () => {
    const grow = repeating(corpus[dice.below(corpus.length)] ?? new Uint8Array(), dice);
    return repair === undefined || dice.below(4) === 0 ? grow : (times: number) => repair(grow(times));
  });
  return [...grown, ...drawn];
}

const measureOf =
  ({ read }: Target): Measure =>
  (input, tries) => {
    let best = Infinity;
    for (let i = 0; i < tries; i++) {
      // The processor's time: on a busy machine the clock runs on while others have it, and longest for what is long.
      const start = process.cpuUsage();
      try {
        read(input);
      } catch {
        // What throws is found elsewhere: here only time counts.
      }
      const { user, system } = process.cpuUsage(start);
      best = Math.min(best, (user + system) / 1000);
    }
    return best;
  };

function watched(
  { read }: Target,
  input: Uint8Array,
  weigh: boolean,
  slowMs: number,
): { readonly why: string | null; readonly ms: number } {
  let ms = Infinity;
  let value: unknown = null;
  // A busy machine or a collection of garbage is not the input's doing: the best of three counts, and of what looked
  // slow by the clock only the processor's time.
  for (let attempt = 0; attempt < 3 && ms > SLOW_MS; attempt++) {
    const start = performance.now();
    const cpu = attempt > 0 ? process.cpuUsage() : undefined;
    try {
      value = read(input);
    } catch (error) {
      return { why: whereOf(error), ms: 0 };
    }
    const taken = performance.now() - start;
    if (taken <= SLOW_MS) ms = taken;
    else if (cpu !== undefined) ms = Math.min(ms, process.cpuUsage(cpu).user / 1000);
  }
  if (ms > slowMs) return { why: `${Math.ceil(ms)} ms for ${input.length} bytes`, ms };
  const most = HELD_PER_BYTE * input.length + HELD;
  if (weigh && sizeOf(value, most) > most) return { why: 'what was read is much more than what came', ms };
  return { why: null, ms };
}

/** What was thrown, and in which line of ours: two inputs that fail in one place are one finding. */
function whereOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const line = error.stack?.split('\n').find((text) => /\/(?:engine|web|workers|services)\//.test(text));
  return `${error.name}: ${error.message.slice(0, 120)} ${line?.trim() ?? ''}`;
}
