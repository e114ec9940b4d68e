import type { Bench, Row } from '../bench.ts';
import { median, spreadOf } from '../figures.ts';
import { cost, interleaved, type Cost, type Side } from '../paired.ts';
import { startPair } from './pairs.ts';

const AMOUNT_MSAT = 10_000_000n;
/** The most that BOLT 2 allows in one direction. */
const MOST_HTLCS = 483;
const QUICK_HTLCS = 100;
/** Engines compile what is run often: both sides take a third less from the third or fourth burst of a process on. */
const ROUNDS = 7;

type Sample = { readonly add: Cost; readonly claim: Cost };

export const burstBench: Bench = {
  name: 'burst',
  title: 'many HTLCs added in one burst, committed on both sides and held; then all claimed',
  notes: [
    'A new channel on both sides for each round; the median of all rounds, the first of a process among them.',
  ],
  run: async (quick) => {
    const count = quick ? QUICK_HTLCS : MOST_HTLCS;
    const samples = await interleaved(quick ? 2 : ROUNDS, async (side) => {
      const pair = await startPair(side);
      const invoices = await pair.invoices(count, AMOUNT_MSAT, true);
      const add = await cost(() => pair.addAll(invoices));
      const claim = await cost(() => pair.claimAll());
      await pair.settled();
      return [{ add, claim }];
    });
    const row = (what: string, read: (sample: Sample) => number, goal?: Row['goal']): Row => {
      const of = (side: Side): number[] => samples[side].map(read);
      return {
        what,
        unit: 'ms',
        leyden: median(of('leyden')),
        ldk: median(of('ldk')),
        ...(goal === undefined ? {} : { goal }),
        spread: { leyden: spreadOf(of('leyden')), ldk: spreadOf(of('ldk')) },
      };
    };
    return [
      row(`${count} added and committed`, ({ add }) => add.wallMs, { ratio: 3 }),
      row('the same, processor', ({ add }) => add.cpuMs),
      {
        what: 'the first of the process',
        unit: 'ms',
        leyden: samples.leyden[0]?.add.wallMs ?? NaN,
        ldk: samples.ldk[0]?.add.wallMs ?? NaN,
      },
      row(`${count} claimed`, ({ claim }) => claim.wallMs, { ratio: 3 }),
      row('the same, processor', ({ claim }) => claim.cpuMs),
    ];
  },
};
