import { emptyChannels, emptyPolicies, type ChannelColumns, type PolicyColumns } from '../graph.ts';
import { copyPolicies, copyPolicy } from '../graph/policies.ts';
import type { RisingScid, SnapshotReader } from './reader.ts';

/** The upper half of a bigsize whose top bit says that more follows. */
const HAS_MORE = 0x8000_0000;

/** Fills the columns of the channels that a snapshot announces. */
export class Announcements {
  #count = 0;
  readonly #columns: ChannelColumns;

  constructor(room: number) {
    this.#columns = emptyChannels(room);
  }

  /** Reads the next. `nodes`: the index in the table for each index in the snapshot. */
  read(
    reader: SnapshotReader,
    version: 1 | 2,
    scid: RisingScid,
    nodes: Uint32Array,
    announcedAt: number,
  ): void {
    reader.sized16(); // features, of which none is known
    const isNew = scid.advance(reader);
    reader.bigsize();
    const first = reader.high === 0 ? reader.low : nodes.length;
    reader.bigsize();
    const hasMore = version === 2 && reader.high >= HAS_MORE;
    const second = (hasMore ? reader.high - HAS_MORE : reader.high) === 0 ? reader.low : nodes.length;
    const nodeA = nodes[first];
    const nodeB = nodes[second];
    if (nodeA === undefined || nodeB === undefined || nodeA === nodeB) reader.fail('out-of-range');
    const capacity = hasMore ? readCapacity(reader) : 0;
    if (!isNew && this.#count > 0) return;
    const { scidHigh, scidLow, nodeA: a, nodeB: b, capacity: capacities, announcedAt: times } = this.#columns;
    const at = this.#count++;
    scidHigh[at] = scid.high;
    scidLow[at] = scid.low;
    a[at] = nodeA;
    b[at] = nodeB;
    capacities[at] = capacity;
    times[at] = announcedAt;
  }

  done(): ChannelColumns {
    return { ...this.#columns, count: this.#count };
  }
}

/** Sized data that begins with the capacity in satoshis. */
function readCapacity(reader: SnapshotReader): number {
  const length = reader.u16();
  const end = reader.at + length;
  reader.bigsize();
  if (reader.at > end) reader.fail('truncated');
  reader.skip(end - reader.at);
  return reader.high * 0x1_0000_0000 + reader.low;
}

/** Channels between two moments in which others are served. */
const SLICE = 2_048;

export type Merged = { readonly channels: ChannelColumns; readonly policies: PolicyColumns };

/**
 * Both in one order. A channel that is known stays as it is known. `policies` become a copy in any case. Gives way now
 * and then.
 */
export function* mergeChannels(
  known: ChannelColumns,
  policies: PolicyColumns,
  told: ChannelColumns,
): Generator<undefined, Merged> {
  if (told.count === 0) return { channels: known, policies: copyPolicies(policies) };
  const merged = emptyChannels(known.count + told.count);
  const next = emptyPolicies(known.count + told.count);
  let count = 0;
  let i = 0;
  let j = 0;
  while (i < known.count || j < told.count) {
    const order =
      i >= known.count
        ? 1
        : j >= told.count
          ? -1
          : (known.scidHigh[i] ?? 0) - (told.scidHigh[j] ?? 0) ||
            (known.scidLow[i] ?? 0) - (told.scidLow[j] ?? 0);
    const from = order <= 0 ? known : told;
    const at = order <= 0 ? i : j;
    merged.scidHigh[count] = from.scidHigh[at] ?? 0;
    merged.scidLow[count] = from.scidLow[at] ?? 0;
    merged.nodeA[count] = from.nodeA[at] ?? 0;
    merged.nodeB[count] = from.nodeB[at] ?? 0;
    merged.capacity[count] = (from.capacity[at] ?? 0) || (order === 0 ? (told.capacity[j] ?? 0) : 0);
    merged.announcedAt[count] = Math.max(
      from.announcedAt[at] ?? 0,
      order === 0 ? (told.announcedAt[j] ?? 0) : 0,
    );
    if (order <= 0) {
      copyPolicy(policies, 2 * i, next, 2 * count);
      copyPolicy(policies, 2 * i + 1, next, 2 * count + 1);
      i++;
    }
    if (order >= 0) j++;
    if (++count % SLICE === 0) yield;
  }
  return { channels: { ...merged, count }, policies: next };
}
