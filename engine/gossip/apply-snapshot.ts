import { equalBytes } from '../base/bytes.ts';
import { blockHashToBytes } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Timestamp } from '../base/units.ts';
import type { Graph } from './graph.ts';
import { adjacencyOf } from './graph/adjacency.ts';
import { NodeDetailsBuilder } from './graph/node-details.ts';
import { NodeTableBuilder } from './graph/node-table.ts';
import { STALE_SECONDS } from './prune.ts';
import { Announcements, mergeChannels } from './snapshot/announcements.ts';
import { readDefaultFeatures, readNode } from './snapshot/read-nodes.ts';
import { Abandoned, RisingScid, SnapshotReader } from './snapshot/reader.ts';
import { Updates } from './snapshot/updates.ts';
import type { SnapshotRefusal } from './snapshot-refusal.ts';

/** How many there may be, told by all snapshots together. */
export type SnapshotLimits = { readonly nodes: number; readonly channels: number };
/** Ten times the network of 2026: more is nonsense. */
const NONSENSE: SnapshotLimits = { nodes: 200_000, channels: 650_000 };
/** Four times the network of 2026: what a phone has the memory for, columns, view and all. */
export const MAP_LIMITS: SnapshotLimits = { nodes: 70_000, channels: 200_000 };
/** Steps after which someone else may be served: a few milliseconds on a phone. */
const SLICE = 1_024;
/** Bytes after which it is so too: a node may tell of itself twice as many as that in a single step. */
const SLICE_BYTES = 65_536;
const AHEAD_SECONDS = 86_400;
/**
 * How far what a snapshot tells is dated back: the servers leave out the times of the updates, and say again within six
 * days what still holds (rapid-gossip-sync-server, CHANNEL_REMINDER_AGE). What peers tell since then counts more.
 */
const BACKDATED_SECONDS = 7 * 86_400;

const smallestNode = 33;
const smallestAnnouncement = 5;
const smallestUpdate = 2;

/**
 * Applies a snapshot of rapid gossip sync, full or a delta, version 1 or 2, as rapid-gossip-sync-server writes them.
 * Nothing in it is signed: the server is believed as to fees and existence of channels, never with money; a payment over
 * what is not there fails. With `now`, one that is older than two weeks or from the future is refused.
 * @returns a new graph; `graph` stays as it was, whatever happens.
 */
export function applySnapshot(
  graph: Graph,
  bytes: Uint8Array,
  now: Timestamp | null = null,
): Result<Graph, SnapshotRefusal> {
  const work = applyInSlices(graph, bytes, now);
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** The same, giving way now and then, so that a worker can serve its peers meanwhile. */
export function* applyInSlices(
  graph: Graph,
  bytes: Uint8Array,
  now: Timestamp | null,
  most: SnapshotLimits = NONSENSE,
): Generator<undefined, Result<Graph, SnapshotRefusal>> {
  try {
    return yield* apply(graph, new SnapshotReader(bytes), now, most);
  } catch (error) {
    if (!(error instanceof Abandoned)) throw error;
    return err({ code: 'snapshot-invalid', detail: error.fault, offset: error.offset });
  }
}

function* apply(
  graph: Graph,
  reader: SnapshotReader,
  now: number | null,
  most: SnapshotLimits,
): Generator<undefined, Result<Graph, SnapshotRefusal>> {
  const version = readPrefix(reader);
  const chain = reader.skip(32);
  if (!equalBytes(reader.bytes.subarray(chain, chain + 32), blockHashToBytes(graph.chainHash)))
    return err({ code: 'snapshot-wrong-chain' });
  const snapshotAt = reader.u32();
  if (now !== null && now - snapshotAt > STALE_SECONDS)
    return err({ code: 'snapshot-stale', ageSeconds: now - snapshotAt });
  if (now !== null && snapshotAt - now > AHEAD_SECONDS)
    return err({ code: 'snapshot-ahead', aheadSeconds: snapshotAt - now });
  const toldAt = Math.max(0, snapshotAt - BACKDATED_SECONDS);

  const features = version === 2 ? yield* readDefaultFeatures(reader) : [];
  const nodeCount = reader.count(smallestNode, most.nodes);
  const nodes = yield* NodeTableBuilder.of(graph.nodes, nodeCount);
  const details = new NodeDetailsBuilder(graph.details, graph.nodes.count + nodeCount);
  const indices = new Uint32Array(nodeCount);
  let servedAt = reader.at;
  for (let i = 0; i < nodeCount; i++) {
    indices[i] = readNode(reader, version, features, nodes, details);
    if (i % SLICE !== SLICE - 1 && reader.at - servedAt < SLICE_BYTES) continue;
    servedAt = reader.at;
    yield;
  }

  if (nodes.count > most.nodes) reader.fail('too-many');

  const announced = reader.count(smallestAnnouncement, most.channels);
  if (graph.channels.count + announced > most.channels) reader.fail('too-many');
  const announcements = new Announcements(announced);
  const scid = new RisingScid();
  for (let i = 0; i < announced; i++) {
    announcements.read(reader, version, scid, indices, toldAt);
    if (i % SLICE === SLICE - 1) yield;
  }
  const { channels, policies } = yield* mergeChannels(graph.channels, graph.policies, announcements.done());
  yield;

  const updated = reader.count(smallestUpdate, 2 * most.channels);
  if (updated > 0) {
    const updates = new Updates(reader, version, channels, policies, toldAt);
    for (let i = 0; i < updated; i++) {
      updates.read(reader);
      if (i % SLICE === SLICE - 1) yield;
    }
  }
  if (reader.remaining > 0) reader.fail('trailing');

  yield;
  const table = nodes.done();
  const detailed = yield* details.done(table.count);
  yield;
  return ok({
    chainHash: graph.chainHash,
    snapshotAt: Math.max(graph.snapshotAt, snapshotAt),
    wholeAt: graph.wholeAt,
    origin: graph.origin,
    nodes: table,
    details: detailed,
    channels,
    policies,
    incoming: yield* adjacencyOf(table.count, channels, policies),
  });
}

function readPrefix(reader: SnapshotReader): 1 | 2 {
  const start = reader.skip(3);
  // "LDK"
  if (!equalBytes(reader.bytes.subarray(start, start + 3), Uint8Array.of(76, 68, 75))) reader.fail('prefix');
  const version = reader.u8();
  return version === 1 || version === 2 ? version : reader.fail('version');
}
