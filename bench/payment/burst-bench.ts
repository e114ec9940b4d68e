import type { Bench, Row } from '../bench.ts';
import { median, spreadOf } from '../figures.ts';
import { cost, interleaved, type Cost, type Side } from '../paired.ts';
import { startPair } from './pairs.ts';

const AMOUNT_MSAT = 10_000_000n;
/** The most that BOLT 2 allows in one direction. */
const MOST_HTLCS = 483;
const QUICK_HTLCS = 100;

type Sample = { readonly add: Cost; readonly claim: Cost };

export const burstBench: Bench = {
  name: 'burst',
  title: 'many HTLCs added in one burst, committed on both sides and held; then all claimed',
  notes: ['A new channel on both sides for each round.'],
  run: async (quick) => {
    const count = quick ? QUICK_HTLCS : MOST_HTLCS;
    const samples = await interleaved(quick ? 2 : 3, async (side) => {
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
      row(`${count} claimed`, ({ claim }) => claim.wallMs, { ratio: 3 }),
      row('the same, processor', ({ claim }) => claim.cpuMs),
    ];
  },
};
