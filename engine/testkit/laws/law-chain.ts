import { toHex } from '../../base/bytes.ts';
import { blockHash, outPointKey, type BlockHash, type OutPoint, type TxId } from '../../base/ids.ts';
import { blockHeight, timestamp, type BlockHeight } from '../../base/units.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { Placement } from '../../chain/placement.ts';
import { sha256 } from '../../crypto/hash.ts';

type Block = { readonly hash: BlockHash; readonly ids: readonly TxId[] };
export type Offered = 'taken' | 'fee-too-low' | 'inputs-missing';
type Placed = { readonly tx: Tx; readonly at: Placement };

/** The first block that is told of. */
const FIRST = 101;

/**
 * A chain and its mempool, as small as the laws allow: outputs are spent once, lock times and relative delays count, a
 * higher fee replaces. No headers and no scripts.
 */
export class LawChain {
  #blocks: Block[] = [];
  readonly #placed = new Map<TxId, Placed>();
  readonly #spends = new Map<string, TxId>();
  readonly #mempool = new Map<TxId, Tx>();
  /** Spend coins of nobody here. */
  readonly #given: ReadonlySet<TxId>;
  /** Every transaction that was ever in a block or the mempool. */
  readonly seen = new Map<TxId, Tx>();
  #mined = 0;

  /** `given` is in the first block. */
  constructor(given: readonly Tx[], blocks: number) {
    this.#given = new Set(given.map(txIdOf));
    for (const tx of given) this.offer(tx);
    this.mine(blocks);
  }

  get height(): BlockHeight {
    return blockHeight(FIRST - 1 + this.#blocks.length);
  }

  get tip(): BlockHash {
    return this.#blocks.at(-1)?.hash ?? blockHash('00'.repeat(32));
  }

  /** Whether it can be mined: an input may be spent, unknown or not due, or somebody else pays more. */
  offer(tx: Tx): Offered {
    const id = txIdOf(tx);
    if (this.#placed.has(id) || this.#mempool.has(id)) return 'taken';
    if (!this.#given.has(id) && !this.#isDue(tx)) return 'inputs-missing';
    const rivals = new Set<TxId>();
    for (const { outPoint } of tx.inputs) {
      const spender = this.#spends.get(outPointKey(outPoint));
      if (spender === undefined) continue;
      if (this.#placed.has(spender)) return 'inputs-missing';
      rivals.add(spender);
    }
    for (const rival of rivals) if (this.feeOf(rival) >= this.#fee(tx)) return 'fee-too-low';
    for (const rival of rivals) this.#drop(rival);
    this.seen.set(id, tx);
    this.#mempool.set(id, tx);
    for (const { outPoint } of tx.inputs) this.#spends.set(outPointKey(outPoint), id);
    return 'taken';
  }

  /** Blocks; the first takes the mempool. */
  mine(count: number): void {
    for (let i = 0; i < count; i++) {
      const hash = blockHash(toHex(sha256(Uint8Array.of(7, this.#mined & 0xff, this.#mined++ >> 8))));
      const height = blockHeight(this.height + 1);
      const ids = [...this.#mempool.keys()];
      this.#blocks.push({ hash, ids });
      for (const [index, id] of ids.entries()) {
        const tx = this.#mempool.get(id);
        const time = timestamp(1_700_000_000 + height * 600);
        if (tx !== undefined)
          this.#placed.set(id, { tx, at: { height, blockHash: hash, index: index + 1, time } });
      }
      this.#mempool.clear();
    }
  }

  /**
   * The last `depth` blocks go, with their transactions back in the mempool if those can stand; `count` come. `loses`:
   * what was in them is in no mempool any more, but for what is given: whoever wants it offers it again.
   */
  reorganise(depth: number, count: number, loses = false): void {
    const gone = this.#blocks.splice(Math.max(0, this.#blocks.length - depth));
    const waiting = [...this.#mempool.values()];
    for (const id of this.#mempool.keys()) this.#drop(id);
    const returned: Tx[] = [];
    for (const id of gone.flatMap(({ ids }) => ids)) {
      const placed = this.#placed.get(id);
      this.#placed.delete(id);
      for (const { outPoint } of placed?.tx.inputs ?? []) this.#spends.delete(outPointKey(outPoint));
      if (placed !== undefined) returned.push(placed.tx);
    }
    // In a block of their own first, as if some miner had not heard of them yet.
    this.mine(Math.min(1, count));
    for (const tx of [...returned, ...waiting]) if (!loses || this.#given.has(txIdOf(tx))) this.offer(tx);
    this.mine(Math.max(0, count - 1));
  }

  placeOf(id: TxId): Placed | null {
    return this.#placed.get(id) ?? null;
  }

  spenderOf(
    outPoint: OutPoint,
  ): { readonly tx: Tx; readonly txId: TxId; readonly at: Placement | null } | null {
    const txId = this.#spends.get(outPointKey(outPoint));
    if (txId === undefined) return null;
    const placed = this.#placed.get(txId);
    const tx = placed?.tx ?? this.#mempool.get(txId);
    return tx === undefined ? null : { tx, txId, at: placed?.at ?? null };
  }

  /** Those in blocks. */
  mined(): readonly Tx[] {
    return [...this.#placed.values()].map(({ tx }) => tx);
  }

  /** In a block, or the mempool. */
  has(id: TxId): boolean {
    return this.#known(id) !== null;
  }

  isInBestChain({ blockHash: hash, height }: Pick<Placement, 'blockHash' | 'height'>): boolean {
    return this.#blocks[height - FIRST]?.hash === hash;
  }

  #drop(id: TxId): void {
    const tx = this.#mempool.get(id);
    if (tx === undefined) return;
    this.#mempool.delete(id);
    for (const { outPoint } of tx.inputs) this.#spends.delete(outPointKey(outPoint));
    // What spends it goes with it.
    for (const index of tx.outputs.keys()) {
      const child = this.#spends.get(outPointKey({ txId: id, index }));
      if (child !== undefined) this.#drop(child);
    }
  }

  #known(id: TxId): Tx | null {
    return this.#placed.get(id)?.tx ?? this.#mempool.get(id) ?? null;
  }

  #isDue(tx: Tx): boolean {
    if (tx.lockTime < 500_000_000 && tx.lockTime > this.height) return false;
    return tx.inputs.every(({ outPoint, sequence }) => {
      const made = this.#known(outPoint.txId);
      if (made?.outputs[outPoint.index] === undefined) return false;
      // BIP 68.
      const delay = sequence >>> 31 === 1 ? 0 : sequence & 0xffff;
      const placed = this.#placed.get(outPoint.txId);
      return delay === 0 || (placed !== undefined && this.height + 1 >= placed.at.height + delay);
    });
  }

  /** In satoshis; of one that is in a block or the mempool. */
  feeOf(id: TxId): bigint {
    const tx = this.#known(id);
    return tx === null ? 0n : this.#fee(tx);
  }

  #fee(tx: Tx): bigint {
    let fee = 0n;
    for (const { outPoint } of tx.inputs) {
      const output = this.#known(outPoint.txId)?.outputs[outPoint.index];
      if (output !== undefined) fee += output.amount;
    }
    for (const { amount } of tx.outputs) fee -= amount;
    return fee;
  }
}
