import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, Row } from '../bench.ts';
import { median, spreadOf } from '../figures.ts';
import type { PaymentPair } from '../pair.ts';
import { cost, eachSide, interleaved, type Cost, type Side } from '../paired.ts';
import { startPair } from './pairs.ts';

const AMOUNT_MSAT = 1_000_000n;
/** Short, so that both sides meet the same noise. */
const PAYMENTS_PER_ROUND = 10;

/** Milliseconds between payments, in which a node may do what it put off. */
const PAUSE_MS = 1;

type Sample = Cost & { readonly settledMs: number; readonly wholeMs: number };

/** One after another: until the payer has the preimage, and until the channel is at rest again. */
async function payOneByOne(pair: PaymentPair, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const invoice of await pair.invoices(count, AMOUNT_MSAT)) {
    const start = performance.now();
    let wallMs = 0;
    let settledMs = 0;
    const whole = await cost(async () => {
      await pair.pay(invoice);
      wallMs = performance.now() - start;
      await pair.settled();
      settledMs = performance.now() - start;
      await pause(PAUSE_MS);
    });
    samples.push({ wallMs, cpuMs: whole.cpuMs, settledMs, wholeMs: whole.wallMs });
  }
  return samples;
}

const row = (
  what: string,
  unit: Row['unit'],
  goal: Row['goal'],
  samples: Readonly<Record<Side, readonly number[]>>,
): Row => ({
  what,
  unit,
  leyden: median(samples.leyden),
  ldk: median(samples.ldk),
  ...(goal === undefined ? {} : { goal }),
  spread: { leyden: spreadOf(samples.leyden), ldk: spreadOf(samples.ldk) },
});

export const roundTripBench: Bench = {
  name: 'payment',
  title: 'a payment over an in-memory link, state persisted in memory, both nodes in one thread',
  notes: [
    'round trip: from the call at the payer until it has the preimage. at rest: until no HTLC is left on either side.',
    `processor: of the whole process, compilation and garbage collection too, and a pause of ${PAUSE_MS} ms after each payment,`,
    'in which Leyden derives keys for the next one. The pause counts in "one after another".',
  ],
  run: async (quick) => {
    const pairs = await eachSide(startPair);
    const rounds = quick ? 10 : 40;
    const run = (side: Side): Promise<Sample[]> => payOneByOne(pairs[side], PAYMENTS_PER_ROUND);
    // Until both are compiled.
    await interleaved(quick ? 6 : 20, run);
    const { leyden, ldk } = await interleaved(rounds, run);
    const of = (read: (sample: Sample) => number): Record<Side, number[]> => ({
      leyden: leyden.map(read),
      ldk: ldk.map(read),
    });
    return [
      row(
        'round trip, p50',
        'ms',
        { ratio: 3 },
        of((sample) => sample.wallMs),
      ),
      row(
        'at rest again, p50',
        'ms',
        undefined,
        of((sample) => sample.settledMs),
      ),
      row(
        'processor, p50',
        'ms',
        undefined,
        of((sample) => sample.cpuMs),
      ),
      perSecond(leyden, ldk),
    ];
  },
};

function perSecond(leyden: readonly Sample[], ldk: readonly Sample[]): Row {
  const rate = (samples: readonly Sample[]): number =>
    (1000 * samples.length) / samples.reduce((sum, { wholeMs }) => sum + wholeMs, 0);
  return { what: 'one after another', unit: 'per second', leyden: rate(leyden), ldk: rate(ldk) };
}
