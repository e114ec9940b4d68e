import { afterAll, beforeAll, expect, it } from 'vitest';
import { NETWORKS } from '../base/network.ts';
import { ranOut } from '../base/slices.ts';
import { blockDelta, msat, sat, timestamp, type Scid } from '../base/units.ts';
import { applyInSlices } from '../gossip/apply-snapshot.ts';
import { applyGossip, edgeName, GossipChanges } from '../gossip/gossip-changes.ts';
import { findNodesInSlices } from '../gossip/find-nodes.ts';
import { decodeInSlices, encodeGraph } from '../gossip/graph-record.ts';
import { emptyGraph, type Graph } from '../gossip/graph.ts';
import { pruneInSlices, STALE_SECONDS } from '../gossip/prune.ts';
import { countArrays } from '../testkit/counted-arrays.ts';
import { writeSnapshot } from '../testkit/snapshot-writer.ts';
import { madeUpNode, toldNetwork } from '../testkit/told-network.ts';
import type { ChannelUpdate } from '../wire/gossip.ts';
import { readInSlices, type ExternalScores } from './external-scores.ts';
import { findRouteInSlices } from './find-route.ts';
import { HISTORY_LENGTH } from './histories.ts';
import { Scorer } from './scorer.ts';
import { routeView, routeViewInSlices } from './view.ts';

const { genesisHash: chainHash } = NETWORKS.mainnet;
const AT = 1_770_076_800;
/** Reads and writes of columns between two moments in which others are served: a millisecond, five on a phone. */
const MOST_STEPS = 250_000;

const network = toldNetwork(7, 6_000, 2);
const nodes = network.nodes.map((id) => ({ id, features: new Uint8Array(60) }));
const told = writeSnapshot({ version: 2, chainHash, at: AT, ...network, nodes });

/** Features without an end, of a server that means ill: told once for all nodes, or by each node anew. */
const LONG = new Uint8Array(0xffff);
const ofAll = writeSnapshot({
  version: 2,
  chainHash,
  at: AT,
  defaultFeatures: [LONG, LONG],
  nodes: network.nodes.map((id, i) => ({ id, defaultFeatures: 1 + (i % 2) })),
  channels: [],
  policies: [],
});
const ofEach = writeSnapshot({
  version: 2,
  chainHash,
  at: AT,
  nodes: network.nodes.slice(0, 100).map((id) => ({ id, features: LONG })),
  channels: [],
  policies: [],
});

const counted = countArrays();
afterAll(counted.stop);

let graph: Graph;
beforeAll(() => {
  const result = ranOut(applyInSlices(emptyGraph(chainHash), told.slice(), null));
  if (!result.ok) throw new Error(result.error.code);
  graph = result.value;
});

function gossip(): GossipChanges {
  const changes = new GossipChanges();
  for (const { scid } of network.policies) {
    const update = {
      scid: scid as Scid,
      channelFlags: 0,
      timestamp: timestamp(AT + 1),
      htlcMinimum: msat(1),
      htlcMaximum: msat(2),
    } as ChannelUpdate;
    changes.updates.set(edgeName(update), update);
  }
  const [nodeA, nodeB] = [madeUpNode(0), madeUpNode(999_999)];
  changes.addChannel({ scid: 5n as Scid, nodeA, nodeB, capacity: sat(1), announcedAt: AT });
  changes.forgotten.add(madeUpNode(5));
  return changes;
}

/** Scores of so many channels as LDK writes them, the highest first; of each the bounds and their time alone. */
function scores(count: number): Uint8Array {
  const fields = 2 * (2 + 8) + 2 + 12;
  const size = 2 + count * (8 + 1 + fields);
  const bytes = new Uint8Array(5 + 6 + size);
  const view = new DataView(bytes.buffer);
  // BigSizes of five bytes: the length of all, and of field 0.
  bytes[0] = 0xfe;
  view.setUint32(1, 6 + size);
  bytes[6] = 0xfe;
  view.setUint32(7, size);
  view.setUint16(11, count);
  for (let i = 0; i < count; i++) {
    const at = 13 + i * (8 + 1 + fields);
    view.setUint32(at, count - i);
    bytes[at + 8] = fields;
    for (const [start, type, length] of [
      [9, 0, 8],
      [19, 2, 8],
      [29, 4, 12],
    ] as const)
      bytes.set([type, length], at + start);
  }
  return bytes;
}

/** Of all channels of the map, from others. */
function othersKnow({ channels }: Graph): Scorer {
  const { count } = channels;
  const scores: ExternalScores = {
    count,
    scidHigh: channels.scidHigh,
    scidLow: channels.scidLow,
    least: new Float64Array(count).fill(1_000_000),
    lessThanAll: new Float64Array(count).fill(1_000_000),
    at: new Float64Array(count).fill(AT),
    histories: new Uint16Array(HISTORY_LENGTH * count),
  };
  const scorer = new Scorer();
  scorer.merge(scores);
  return scorer;
}

/** Of a payer whose only way out is dearer than it may be: all of the network is looked at, over and over. */
function* inVain(): Generator<undefined, void> {
  const smaller = toldNetwork(7, 3_000, 2);
  const [payer, peer] = [madeUpNode(3_000), madeUpNode(3_001)];
  const gate = [1n, 2n].map((scid, i) => {
    const [from, to] = i === 0 ? [payer, peer] : [peer, madeUpNode(0)];
    const [nodeA, nodeB] = from < to ? [from, to] : [to, from];
    const direction: 0 | 1 = from === nodeA ? 0 : 1;
    const policy = { scid, direction, feeBase: 60_000, htlcMinimum: 1n, htlcMaximum: 10n ** 10n };
    return { channel: { scid, nodeA, nodeB, capacity: 10_000_000n }, policy };
  });
  const channels = [...gate.map(({ channel }) => channel), ...smaller.channels];
  const policies = [...gate.map(({ policy }) => policy), ...smaller.policies];
  const bytes = writeSnapshot({ version: 2, chainHash, at: AT, channels, policies });
  const gated = ranOut(applyInSlices(emptyGraph(chainHash), bytes, null));
  if (!gated.ok) throw new Error(gated.error.code);
  const view = routeView(gated.value);
  counted.steps();
  const found = yield* findRouteInSlices(view, new Scorer(), {
    payer,
    payee: madeUpNode(2_999),
    amountMsat: msat(50_000),
    finalCltvDelta: blockDelta(40),
    maxFeeMsat: msat(50_000),
    maxCltvDelta: blockDelta(1_008),
    maxParts: 2,
    now: timestamp(AT),
  });
  expect(found).toMatchObject({ ok: false, error: { code: 'fee-above-limit' } });
}

/** The most that is done between two moments in which others are served. */
function longest(slices: Generator<undefined, unknown>): number {
  let most = 0;
  counted.steps();
  for (;;) {
    const { done } = slices.next();
    most = Math.max(most, counted.steps());
    if (done === true) return most;
  }
}

it.each<readonly [string, () => Generator<undefined, unknown>]>([
  ['a snapshot is applied', () => applyInSlices(emptyGraph(chainHash), told.slice(), null)],
  ['one is applied to a map that is there', () => applyInSlices(graph, told.slice(), null)],
  [
    'a snapshot gives all nodes endless features',
    () => applyInSlices(emptyGraph(chainHash), new Uint8Array(ofAll), null),
  ],
  [
    'each node has endless features',
    () => applyInSlices(emptyGraph(chainHash), new Uint8Array(ofEach), null),
  ],
  ['what peers told is put on the map', () => applyGossip(graph, gossip())],
  ['a map that was kept is read', () => decodeInSlices(chainHash, encodeGraph(graph))],
  ['a map is laid out for searches', () => routeViewInSlices(graph)],
  ['stale channels are forgotten', () => pruneInSlices(half(graph), timestamp(AT))],
  ['a node is looked for by what its id begins with', () => findNodesInSlices(graph, '02ab', 20)],
  ['scores of others are read', () => readInSlices(scores(12_000))],
  ['they are laid over a map', () => othersKnow(graph).boundsInSlices(routeView(graph), AT)],
  ['a way is looked for in vain', inVain],
])('%s in slices: a peer waits for one of them, not for all', (_, begin) => {
  expect(longest(begin())).toBeLessThan(MOST_STEPS);
});

/** Every other channel was never heard of again. */
const half = ({ channels, policies, ...rest }: Graph): Graph => ({
  ...rest,
  channels: { ...channels, announcedAt: channels.announcedAt.map((at, i) => (i % 2 === 0 ? 0 : at)) },
  policies: {
    ...policies,
    updatedAt: policies.updatedAt.map((at, i) => (i % 4 === 0 ? AT - STALE_SECONDS - 1 : at)),
  },
});
