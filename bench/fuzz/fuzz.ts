import type { Coverage } from './coverage.ts';
import { Dice, mutated } from './mutation.ts';
import type { Target } from './target.ts';

/** An input that long is read within this; what takes longer three times over is a finding. */
const SLOW_MS = 100;
const MOST_OF_CORPUS = 4_000;
const LONGEST_KEPT = 4_096;

export type Finding = { readonly target: string; readonly input: Uint8Array; readonly why: string };
export type Outcome = {
  readonly inputs: number;
  readonly corpus: number;
  readonly slowestMs: number;
  readonly findings: readonly Finding[];
};

export type Limits = { readonly inputs: number; readonly seed: number; readonly batch?: number };

/** Reads mutations of the corpus; what runs code that never ran before joins the corpus. */
export function fuzz(
  target: Target,
  { inputs, seed, batch = 1_000 }: Limits,
  coverage: Coverage | null,
): Outcome {
  const dice = new Dice(seed);
  const corpus = [...target.corpus, new Uint8Array()];
  const findings = new Map<string, Finding>();
  let slowestMs = 0;

  const readOne = (input: Uint8Array): void => {
    const { why, ms } = watched(target, input);
    slowestMs = Math.max(slowestMs, ms);
    // One of a kind is enough.
    if (why !== null && !findings.has(why)) findings.set(why, { target: target.name, input, why });
  };
  for (const input of corpus) readOne(input);
  coverage?.news();

  let done = 0;
  let size = Math.min(batch, 200);
  while (done < inputs) {
    const taken = Array.from({ length: Math.min(size, inputs - done) }, () => {
      const input = mutated(corpus, dice);
      return target.repair !== undefined && dice.below(8) > 0 ? target.repair(input) : input;
    });
    for (const input of taken) readOne(input);
    done += taken.length;
    if (coverage === null || coverage.news() === 0) {
      size = Math.min(batch, size * 2);
      continue;
    }
    // Something in this batch was new. Its shorter inputs are a good guess, and cheap to keep.
    size = Math.min(batch, 200);
    if (corpus.length < MOST_OF_CORPUS)
      corpus.push(...taken.filter(({ length }) => length <= LONGEST_KEPT).slice(0, 20));
  }
  return { inputs: done, corpus: corpus.length, slowestMs, findings: [...findings.values()] };
}

function watched({ read }: Target, input: Uint8Array): { readonly why: string | null; readonly ms: number } {
  let ms = Infinity;
  // A busy machine or a collection of garbage is not the input's doing: the best of three counts, and of what looked
  // slow by the clock only the processor's time.
  for (let attempt = 0; attempt < 3 && ms > SLOW_MS; attempt++) {
    const start = performance.now();
    const cpu = process.cpuUsage();
    try {
      read(input);
    } catch (error) {
      return { why: whereOf(error), ms: 0 };
    }
    const taken = performance.now() - start;
    ms = Math.min(ms, taken > SLOW_MS ? process.cpuUsage(cpu).user / 1000 : taken);
  }
  return { why: ms > SLOW_MS ? `${Math.ceil(ms)} ms for ${input.length} bytes` : null, ms };
}

/** What was thrown, and in which line of ours: two inputs that fail in one place are one finding. */
function whereOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const line = error.stack?.split('\n').find((text) => text.includes('/engine/'));
  return `${error.name}: ${error.message.slice(0, 120)} ${line?.trim() ?? ''}`;
}
