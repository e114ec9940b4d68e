import type { Bench, Row } from '../bench.ts';
import { interleaved } from '../paired.ts';
import { AMOUNTS } from './amounts.ts';
import { LdkRouter } from './ldk-router.ts';
import { LeydenRouter } from './leyden-router.ts';
import { inVersion2, snapshots, type Snapshot } from './network.ts';
import { leydenApplies, peakOf } from './peak-memory.ts';
import { queries } from './query.ts';
import { reloaded } from './reloaded.ts';
import { searched, type Routers } from './searched.ts';

export const routingBench: Bench = {
  name: 'routing',
  title: 'the graph of the public network, and the ways through it',
  notes: [
    'Pairs of nodes with channels in use, drawn evenly; amounts as likely in each order of magnitude; fees up to 1 % and 50 sat.',
    'found: how many of the questions got an answer. found by both, by neither: of these alone.',
    'arrives at the first try: in how many of 20 worlds that are drawn of each kind of balances all parts of what both found go through at once; one judge for both, who knows neither scorer.',
    'Leyden less LDK ± the standard error of that, over the same questions. Below LDK by less than two of it: level; by more: missed.',
    'live: the same network without the channels that neither end has in use.',
  ],
  run: async (quick) => {
    const [snapshot, ...others] = snapshots();
    if (snapshot === undefined) throw new Error('no snapshot');
    const routers: Routers = { leyden: new LeydenRouter(), ldk: await LdkRouter.start() };
    const rows: Row[] = [
      ...(await applied(routers, snapshot.bytes, snapshot.name)),
      await peaks(snapshot.bytes, snapshot.name),
      ...(await ofVersion2(snapshot)),
      ...(await reloaded(routers.leyden, routers.ldk, quick)),
    ];
    for (const [size, amounts] of Object.entries(AMOUNTS))
      for (const maxParts of [1, 10]) {
        const count = quick ? 20 : mostOf(maxParts);
        const asked = queries(routers.leyden.graph, count, { seed: 20_260_203, maxParts, ...amounts });
        const what = `${size} amounts, ${maxParts === 1 ? 'one part' : 'up to ten parts'}`;
        rows.push(...(await searched(routers, asked, what, maxParts === 1 ? 3 : 5)));
      }
    for (const other of others) rows.push(...(await alsoOf(other, quick)));
    return rows;
  },
};

/** The public network is on the map, and laid out for searches, within a third of a second. */
const A_THIRD_MS = 333;

/**
 * How many questions. Ways in one part differ by a few in a hundred: of fewer, the draw of the questions decides which
 * side is likelier to arrive. LDK takes ten times as long for several parts.
 */
const mostOf = (maxParts: number): number => (maxParts === 1 ? 1_000 : FEWEST);
const FEWEST = 500;

/** Of a variant of the network: that it is put on the map, and searched. */
async function alsoOf({ name, bytes }: Snapshot, quick: boolean): Promise<readonly Row[]> {
  const routers: Routers = { leyden: new LeydenRouter(), ldk: await LdkRouter.start() };
  const rows: Row[] = [...(await applied(routers, bytes, name)), await peaks(bytes, name)];
  const amounts = { leastSat: AMOUNTS.small.leastSat, mostSat: AMOUNTS.large.mostSat };
  for (const maxParts of [1, 10]) {
    const asked = queries(routers.leyden.graph, quick ? 10 : FEWEST, {
      seed: 3,
      maxParts,
      ...amounts,
    });
    const what = `${name}: ${maxParts === 1 ? 'one part' : 'up to ten parts'}`;
    rows.push(...(await searched(routers, asked, what, maxParts === 1 ? 3 : 5)));
  }
  return rows;
}

/** The same as servers of version 2 tell it, on maps of its own. */
async function ofVersion2({ name, bytes }: Snapshot): Promise<readonly Row[]> {
  const routers: Routers = { leyden: new LeydenRouter(), ldk: await LdkRouter.start() };
  const told = inVersion2(bytes);
  return [...(await applied(routers, told, `${name}, version 2`)), await peaks(told, `${name}, version 2`)];
}

async function applied(routers: Routers, bytes: Uint8Array, name: string): Promise<readonly Row[]> {
  const times = await interleaved(1, (side) => {
    const start = performance.now();
    routers[side].apply(bytes);
    return [performance.now() - start];
  });
  const [leyden = NaN] = times.leyden;
  const [ldk = NaN] = times.ldk;
  const what = `apply ${name}`;
  return [
    { what, unit: 'ms', leyden, ldk, goal: { ratio: 10 } },
    { what: `${what}, by the clock`, unit: 'ms', leyden, ldk: null, goal: { atMost: A_THIRD_MS } },
  ];
}

/** Looked at apart from the time: collecting garbage first would be counted. */
async function peaks(bytes: Uint8Array, name: string): Promise<Row> {
  const ldk = await LdkRouter.start();
  return {
    what: `apply ${name}: memory at the most`,
    unit: 'bytes',
    leyden: peakOf(leydenApplies(bytes)),
    ldk: peakOf(ldk.applies(bytes)),
    goal: { atMost: 30_000_000 },
  };
}
