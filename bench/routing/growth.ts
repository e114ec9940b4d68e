import { NETWORKS } from '../../engine/base/network.ts';
import { timestamp } from '../../engine/base/units.ts';
import { applyInSlices } from '../../engine/gossip/apply-snapshot.ts';
import { emptyGraph, type Graph } from '../../engine/gossip/graph.ts';
import { routeView } from '../../engine/routing/view.ts';
import { unwrapOk } from '../node/unwrap.ts';
import type { Bench, Row } from '../bench.ts';
import { quantile } from '../figures.ts';
import { LeydenRouter } from './leyden-router.ts';
import { madeUp, SNAPSHOT_AT } from './network.ts';
import { queries } from './query.ts';

/** The public network of 2026 had 17,324 nodes. */
const NODES = 17_000;
const SIZES = [1, 2, 4, 8] as const;
/** Others are served between slices: a peer's message waits for one of them. */
const MOST_SLICE_MS = 50;
const AMOUNTS = { leastSat: 1_000, mostSat: 3_000_000 };
/** What takes longer than that power of the size is not told from what grows in proportion. */
const SUB_LINEAR = 0.9;

type Times = { readonly p50: number; readonly p99: number };

type Figures = {
  readonly bytes: number;
  readonly applyMs: number;
  readonly sliceMs: number;
  readonly one: Times;
  readonly many: Times;
};

export const growthBench: Bench = {
  name: 'growth',
  title: 'how cost grows with the network',
  notes: [
    'N × the network: made-up ones of one shape. Memory: in proportion to the first, and a tenth; applying: in proportion, and a half; ways: N to the power of 0.9 times the first, which is 6.5 times at 8; a slice: 50 ms.',
  ],
  run: (quick) => Promise.resolve(grown(quick)),
};

/** How cost grows with the network: made-up ones of one shape, 1, 2, 4 and 8 times as large as the real one. */
function grown(quick: boolean): readonly Row[] {
  const sizes = quick ? SIZES.slice(0, 2) : SIZES;
  const figures = sizes.map((size) => figuresOf(size, quick ? 40 : 150));
  const [first] = figures;
  if (first === undefined) return [];
  return sizes.flatMap((size, i) => {
    const found = figures[i] ?? first;
    const row = (what: string, unit: Row['unit'], leyden: number, atMost: number): Row => ({
      what: `${size} × the network: ${what}`,
      unit,
      leyden,
      ldk: null,
      // To the first nothing is in proportion.
      ...(Number.isFinite(atMost) ? { goal: { atMost } } : {}),
    });
    const most = (limit: number): number => (size === 1 ? Infinity : limit);
    return [
      row('columns and view', 'bytes', found.bytes, most(1.1 * size * first.bytes)),
      row('apply', 'ms', found.applyMs, most(1.5 * size * first.applyMs)),
      row('longest slice of it', 'ms', found.sliceMs, MOST_SLICE_MS),
      ...(['p50', 'p99'] as const).flatMap((share) => [
        row(`one part, ${share}`, 'ms', found.one[share], most(size ** SUB_LINEAR * first.one[share])),
        row(
          `up to ten parts, ${share}`,
          'ms',
          found.many[share],
          most(size ** SUB_LINEAR * first.many[share]),
        ),
      ]),
    ];
  });
}

function figuresOf(size: number, count: number): Figures {
  const bytes = madeUp(NODES * size);
  const router = new LeydenRouter();
  const { applyMs, sliceMs } = sliced(bytes);
  router.apply(bytes);
  const timesOf = (maxParts: number): Times => {
    const times = queries(router.graph, count, { seed: 20_260_203, maxParts, ...AMOUNTS }).map((query) =>
      best(() => void router.search(query, [])),
    );
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
  };
  // Once to warm up.
  timesOf(1);
  return {
    bytes: columnBytes(router.graph),
    applyMs,
    sliceMs,
    one: timesOf(1),
    many: timesOf(10),
  };
}

/** Of the processor, not of the clock: what else the machine does meanwhile is not ours. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const TRIES = 3;

/** Milliseconds of the best of three. */
const best = (run: () => void): number =>
  Math.min(
    ...Array.from({ length: TRIES }, () => {
      const start = processorMs();
      run();
      return processorMs() - start;
    }),
  );

/** The best of three here too. */
function sliced(bytes: Uint8Array): { readonly applyMs: number; readonly sliceMs: number } {
  const runs = Array.from({ length: TRIES }, () => {
    const slices = applyInSlices(emptyGraph(NETWORKS.mainnet.genesisHash), bytes, timestamp(SNAPSHOT_AT));
    let total = 0;
    let longest = 0;
    for (;;) {
      const start = processorMs();
      const step = slices.next();
      const took = processorMs() - start;
      total += took;
      longest = Math.max(longest, took);
      if (step.done !== true) continue;
      unwrapOk(step.value);
      return { total, longest };
    }
  });
  return {
    applyMs: Math.min(...runs.map(({ total }) => total)),
    sliceMs: Math.min(...runs.map(({ longest }) => longest)),
  };
}

/** What the typed arrays of the graph and of its view for searching take. */
function columnBytes(graph: Graph): number {
  const seen = new Set<ArrayBufferLike>();
  const walk = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) seen.add(value.buffer);
    else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) walk(part);
  };
  walk(routeView(graph));
  return [...seen].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
