import { fromHex } from '../../base/bytes.ts';
import type { NodeId } from '../../base/ids.ts';

/** Node ids, numbered in the order they came, with a hash table beside (open addressing, at most half full). */
export type NodeTable = {
  readonly count: number;
  /** 33 bytes a node; may have room behind `count`. */
  readonly keys: Uint8Array;
  /** Index + 1 of the node, 0 where free. Its length is a power of two. */
  readonly slots: Int32Array;
};

export const emptyNodeTable: NodeTable = { count: 0, keys: new Uint8Array(0), slots: new Int32Array(2) };

/** More than a table that is half full ever needs by chance: whoever made these node ids wants us to be slow. */
const MOST_PROBES = 512;

function hashAt(keys: Uint8Array, at: number): number {
  let hash = keys[at] ?? 0;
  for (let i = 1; i < 33; i += 4) {
    const word =
      ((keys[at + i] ?? 0) << 24) |
      ((keys[at + i + 1] ?? 0) << 16) |
      ((keys[at + i + 2] ?? 0) << 8) |
      (keys[at + i + 3] ?? 0);
    hash = Math.imul(hash ^ word, 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

function isKeyAt(keys: Uint8Array, index: number, other: Uint8Array, at: number): boolean {
  const start = 33 * index;
  // The last bytes first: the first one has two values only.
  for (let i = 32; i >= 0; i--) if (keys[start + i] !== other[at + i]) return false;
  return true;
}

/** The slot of the key, or the free one where it belongs; -1 when the table is crowded there. */
function slotOf(keys: Uint8Array, slots: Int32Array, other: Uint8Array, at: number): number {
  const mask = slots.length - 1;
  let slot = hashAt(other, at) & mask;
  for (let probes = 0; probes < MOST_PROBES; probes++) {
    const held = slots[slot] ?? 0;
    if (held === 0 || isKeyAt(keys, held - 1, other, at)) return slot;
    slot = (slot + 1) & mask;
  }
  return -1;
}

/** -1 when it is not there. */
export function findNode({ keys, slots }: NodeTable, id: NodeId): number {
  return (slots[slotOf(keys, slots, fromHex(id), 0)] ?? 0) - 1;
}

/** Nodes between two moments in which others are served. */
const SLICE = 1_024;

/** A copy of a table with room for more nodes, which `add` fills. */
export class NodeTableBuilder {
  #count: number;
  readonly #keys: Uint8Array;
  readonly #slots: Int32Array;

  private constructor(count: number, keys: Uint8Array, slots: Int32Array) {
    this.#count = count;
    this.#keys = keys;
    this.#slots = slots;
  }

  /** With room for `more`. Gives way now and then: a table that grows is laid out anew. */
  static *of(from: NodeTable, more: number): Generator<undefined, NodeTableBuilder> {
    const room = from.count + more;
    const keys = new Uint8Array(33 * room);
    keys.set(from.keys.subarray(0, 33 * from.count));
    let size = 2;
    while (size < 2 * room) size *= 2;
    if (size === from.slots.length) return new NodeTableBuilder(from.count, keys, from.slots.slice());
    const slots = new Int32Array(size);
    for (let index = 0; index < from.count; index++) {
      slots[slotOf(keys, slots, keys, 33 * index)] = index + 1;
      if (index % SLICE === SLICE - 1) yield;
    }
    return new NodeTableBuilder(from.count, keys, slots);
  }

  /** The index of the node whose 33 bytes stand at `at`, `parity` in place of the first; -1 when it finds no place. */
  add(bytes: Uint8Array, at: number, parity: number): number {
    const start = 33 * this.#count;
    for (let i = 1; i < 33; i++) this.#keys[start + i] = bytes[at + i] ?? 0;
    this.#keys[start] = parity;
    const slot = slotOf(this.#keys, this.#slots, this.#keys, start);
    if (slot < 0) return -1;
    const held = this.#slots[slot] ?? 0;
    if (held > 0) return held - 1;
    this.#slots[slot] = ++this.#count;
    return this.#count - 1;
  }

  get count(): number {
    return this.#count;
  }

  done(): NodeTable {
    return { count: this.#count, keys: this.#keys, slots: this.#slots };
  }
}
