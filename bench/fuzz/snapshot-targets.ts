import { concatBytes, fromHex } from '../../engine/base/bytes.ts';
import { nodeId } from '../../engine/base/ids.ts';
import { NETWORKS } from '../../engine/base/network.ts';
import { build } from '../../engine/codec/field.ts';
import { applySnapshot } from '../../engine/gossip/apply-snapshot.ts';
import { emptyGraph } from '../../engine/gossip/graph.ts';
import { readScores } from '../../engine/routing/external-scores.ts';
import { writeSnapshot } from '../../engine/testkit/snapshot-writer.ts';
import type { Target } from './target.ts';

const { genesisHash } = NETWORKS.regtest;
const idOf = (index: number) => nodeId(`02${index.toString(16).padStart(64, '0')}`);

/** Of `size` channels in a row. */
export const snapshotOf = (size: number, version: 1 | 2, at = 1_780_000_000): Uint8Array =>
  writeSnapshot({
    version,
    chainHash: genesisHash,
    at,
    nodes: [{ id: idOf(0), addresses: [fromHex('017f0000012607')], features: Uint8Array.of(2) }],
    defaultFeatures: version === 2 ? [Uint8Array.of(1), Uint8Array.of(8, 0)] : [],
    channels: Array.from({ length: size }, (_, i) => ({
      scid: BigInt(i + 1) << 40n,
      nodeA: idOf(i),
      nodeB: idOf(i + 1),
      capacity: 100_000n,
    })),
    policies: Array.from({ length: size }, (_, i) => ({
      scid: BigInt(i + 1) << 40n,
      direction: i % 2 === 0 ? 0 : 1,
      ...(i % 3 === 0 ? { feeBase: i, htlcMaximum: 5n } : {}),
    })),
  });

/** A known channel changes, another is switched off. */
const delta = writeSnapshot({
  version: 2,
  chainHash: genesisHash,
  at: 1_780_086_400,
  channels: [],
  policies: [
    { scid: 1n << 40n, direction: 0, incremental: true, feeBase: 7 },
    { scid: 2n << 40n, direction: 1, disabled: true, cltvDelta: 9 },
  ],
});

const known = applySnapshot(emptyGraph(genesisHash), snapshotOf(5, 2));
const graph = known.ok ? known.value : emptyGraph(genesisHash);

const snapshot: Target = {
  name: 'graph-snapshot',
  corpus: [snapshotOf(0, 1), snapshotOf(1, 1), snapshotOf(4, 1), snapshotOf(1, 2), snapshotOf(6, 2), delta],
  longest: 500_000,
  grown: [(times) => snapshotOf(times, 1), (times) => snapshotOf(times, 2)],
  read: (input) => {
    const whole = applySnapshot(emptyGraph(genesisHash), input);
    const changed = applySnapshot(graph, input);
    return [whole, changed].map((read) =>
      read.ok ? [read.value.channels.count, read.value.nodes.count] : read.error,
    );
  },
};

/** Bounds, and since when. */
const BOUNDS = fromHex('0008000000000000000502080000000000000000040c0000000069813a8000000000');
/** How often they stood where: fields 5 and 7, 32 buckets of two bytes behind two lengths. */
const HISTORIES = [5, 7].map((type) =>
  Uint8Array.from([type, 0x43, 0x42, 0, 0x40, ...new Uint8Array(64).map((_, i) => (i % 9 === 0 ? 0x20 : 0))]),
);

/** One channel's score, as LDK writes it. */
const scoreOf = (scid: number): Uint8Array => {
  const stream = concatBytes(BOUNDS, ...(scid % 2 === 0 ? HISTORIES : []));
  return build((writer) => {
    writer.u64(BigInt(scid));
    writer.sized(() => writer.bytes(stream));
  });
};

const scoresOf = (count: number): Uint8Array =>
  build((writer) =>
    writer.sized(() => {
      writer.bigsize(0);
      writer.sized(() => {
        if (count < 0xffff) writer.u16(count);
        else {
          writer.u16(0xffff);
          writer.u64(BigInt(count - 0xffff));
        }
        for (let i = 0; i < count; i++) writer.bytes(scoreOf(i + 1));
      });
    }),
  );

const scores: Target = {
  name: 'scores',
  corpus: [scoresOf(0), scoresOf(1), scoresOf(3)],
  longest: 500_000,
  grown: [scoresOf],
  read: (input) => readScores(input),
};

export const snapshotTargets: readonly Target[] = [snapshot, scores];
