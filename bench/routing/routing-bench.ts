import type { Bench, Row } from '../bench.ts';
import { spreadOf } from '../figures.ts';
import { interleaved, type BySide, type Side } from '../paired.ts';
import { AMOUNTS } from './amounts.ts';
import { grown } from './growth.ts';
import { judgedBoth } from './judged-both.ts';
import { LdkRouter } from './ldk-router.ts';
import { LeydenRouter } from './leyden-router.ts';
import { snapshots } from './network.ts';
import { leydenApplies, peakOf } from './peak-memory.ts';
import { queries, type Query } from './query.ts';
import { reloaded } from './reloaded.ts';

type Routers = { readonly leyden: LeydenRouter; readonly ldk: LdkRouter };

export const routingBench: Bench = {
  name: 'routing',
  title: 'the graph of the public network, and the ways through it',
  notes: [
    'Pairs of nodes with channels in use, drawn evenly; amounts as likely in each order of magnitude; fees up to 1 % and 50 sat.',
    'found: how many of the questions got an answer. fees: of those that both answered.',
    'N × the network: made-up ones of one shape; goals are in proportion to the first (and 50 ms for a slice).',
    'judged: both pay over the same hidden balances, with up to ten rounds; what one channel refused is avoided and learnt. Each kind of balances begins with nothing learnt; moved: with what the kind before taught, which is not true any more; others: with what LDK learnt of two weeks of probes.',
    'rounds: how often a payment looked for a way and waited. HTLCs and rounds count those that failed as well.',
  ],
  run: async (quick) => {
    const [snapshot] = snapshots();
    if (snapshot === undefined) throw new Error('no snapshot');
    const routers: Routers = { leyden: new LeydenRouter(), ldk: await LdkRouter.start() };
    const rows: Row[] = [
      await applied(routers, snapshot.bytes, snapshot.name),
      await peaks(snapshot.bytes),
      ...(await reloaded(routers.leyden, routers.ldk, quick)),
    ];
    const count = quick ? 20 : 125;
    for (const [size, amounts] of Object.entries(AMOUNTS))
      for (const maxParts of [1, 10]) {
        const asked = queries(routers.leyden.graph, count, { seed: 20_260_203, maxParts, ...amounts });
        const what = `${size} amounts, ${maxParts === 1 ? 'one part' : 'up to ten parts'}`;
        rows.push(...(await searched(routers, asked, what, maxParts === 1 ? 3 : 5)));
      }
    return [...rows, ...judgedBoth(routers, quick ? 5 : 40), ...grown(quick)];
  },
};

async function applied(routers: Routers, bytes: Uint8Array, name: string): Promise<Row> {
  const times = await interleaved(1, (side) => {
    const start = performance.now();
    routers[side].apply(bytes);
    return [performance.now() - start];
  });
  const [leyden = NaN] = times.leyden;
  const [ldk = NaN] = times.ldk;
  return { what: `apply ${name}`, unit: 'ms', leyden, ldk, goal: { ratio: 10 } };
}

/** Looked at apart from the time: collecting garbage first would be counted. */
async function peaks(bytes: Uint8Array): Promise<Row> {
  const ldk = await LdkRouter.start();
  return {
    what: 'apply it: memory at the most',
    unit: 'bytes',
    leyden: peakOf(leydenApplies(bytes)),
    ldk: peakOf(ldk.applies(bytes)),
    goal: { atMost: 30_000_000 },
  };
}

async function searched(
  routers: Routers,
  asked: readonly Query[],
  what: string,
  ratio: number,
): Promise<readonly Row[]> {
  const found: BySide<(bigint | null)[]> = { leyden: [], ldk: [] };
  const search = (side: Side, query: Query): void => {
    if (side === 'ldk') {
      found.ldk.push(routers.ldk.search(query, [])?.get_total_fees() ?? null);
      return;
    }
    const route = routers.leyden.search(query, []);
    const sent = route.ok ? route.value.reduce((sum, [first]) => sum + first.amountMsat, 0n) : null;
    found.leyden.push(sent === null ? null : sent - query.amountMsat);
  };
  const times = await interleaved(asked.length, (side, round) => {
    const query = asked[round];
    if (query === undefined) return [];
    const start = performance.now();
    search(side, query);
    return [performance.now() - start];
  });
  const spread = { leyden: spreadOf(times.leyden), ldk: spreadOf(times.ldk) };
  const both = asked.map((_, i) => [found.leyden[i] ?? null, found.ldk[i] ?? null] as const);
  const fees = (side: 0 | 1): number =>
    both.reduce((sum, pair) => (pair.includes(null) ? sum : sum + Number(pair[side]) / 1000), 0);
  const quantile = (samples: readonly number[], share: number): number =>
    samples.toSorted((a, b) => a - b)[Math.floor(samples.length * share)] ?? NaN;
  return [
    ...[0.5, 0.99].map((share): Row => ({
      what: `${what}, p${100 * share}`,
      unit: 'ms',
      leyden: quantile(times.leyden, share),
      ldk: quantile(times.ldk, share),
      goal: { ratio },
      spread,
    })),
    counted(`${what}, found`, found.leyden, found.ldk),
    { what: `${what}, fees`, unit: 'sat', leyden: fees(0), ldk: fees(1) },
  ];
}

const counted = (what: string, leyden: readonly unknown[], ldk: readonly unknown[]): Row => ({
  what,
  unit: 'payments',
  leyden: leyden.filter((one) => one !== null).length,
  ldk: ldk.filter((one) => one !== null).length,
});
