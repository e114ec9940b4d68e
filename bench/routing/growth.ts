import { NETWORKS } from '../../engine/base/network.ts';
import { timestamp } from '../../engine/base/units.ts';
import { applyInSlices } from '../../engine/gossip/apply-snapshot.ts';
import { emptyGraph, type Graph } from '../../engine/gossip/graph.ts';
import { routeView } from '../../engine/routing/view.ts';
import { unwrapOk } from '../node/unwrap.ts';
import type { Bench, Row } from '../bench.ts';
import { LeydenRouter } from './leyden-router.ts';
import { madeUp, SNAPSHOT_AT } from './network.ts';
import { queries } from './query.ts';

/** The public network of 2026 had 17,324 nodes. */
const NODES = 17_000;
const SIZES = [1, 2, 4, 8] as const;
/** Others are served between slices: a peer's message waits for one of them. */
const MOST_SLICE_MS = 50;
const AMOUNTS = { leastSat: 1_000, mostSat: 3_000_000 };

type Figures = {
  readonly bytes: number;
  readonly applyMs: number;
  readonly sliceMs: number;
  readonly oneMs: number;
  readonly manyMs: number;
};

export const growthBench: Bench = {
  name: 'growth',
  title: 'how cost grows with the network',
  notes: [
    'N × the network: made-up ones of one shape; goals are in proportion to the first (and 50 ms for a slice).',
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
    // No more than in proportion; searches well below it.
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
      row('one part, p50', 'ms', found.oneMs, most(size * first.oneMs)),
      row('up to ten parts, p50', 'ms', found.manyMs, most(size * first.manyMs)),
    ];
  });
}

function figuresOf(size: number, count: number): Figures {
  const bytes = madeUp(NODES * size);
  const router = new LeydenRouter();
  const { applyMs, sliceMs } = sliced(bytes);
  router.apply(bytes);
  const median = (maxParts: number): number => {
    const times = queries(router.graph, count, { seed: 20_260_203, maxParts, ...AMOUNTS }).map((query) =>
      best(() => void router.search(query, [])),
    );
    return times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;
  };
  // Once to warm up.
  median(1);
  return {
    bytes: columnBytes(router.graph),
    applyMs,
    sliceMs,
    oneMs: median(1),
    manyMs: median(10),
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
