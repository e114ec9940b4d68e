import { RpcError, type Rpc } from '../rpc.ts';
import { blockRecord, txRecord, type RpcBlock, type RpcTx } from './bitcoind-records.ts';
import { forkBlocks } from './fork.ts';
import type { BlockRecord, InputRecord, TxRecord } from './records.ts';
import { TxSet, type Spender } from './tx-set.ts';

export type Placement = { readonly block: BlockRecord; readonly index: number };

/** All of the chain and the mempool in memory, brought up to date from bitcoind before each answer. */
export class ChainIndex {
  readonly confirmed = new TxSet();
  readonly pending = new TxSet();
  /** Also blocks that were reorganised away. */
  readonly #blocks = new Map<string, BlockRecord>();
  readonly #best: BlockRecord[] = [];
  readonly #placements = new Map<string, Placement>();
  readonly #rpc: Rpc;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #frozen = false;

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  get tip(): BlockRecord {
    const tip = this.#best.at(-1);
    if (tip === undefined) throw new Error('the index is empty');
    return tip;
  }

  block(hash: string): BlockRecord | undefined {
    return this.#blocks.get(hash);
  }

  blockAt(height: number): BlockRecord | undefined {
    return this.#best[height];
  }

  isBest(block: BlockRecord): boolean {
    return this.#best[block.height] === block;
  }

  tx(txid: string): TxRecord | undefined {
    return this.confirmed.get(txid) ?? this.pending.get(txid);
  }

  placementOf(txid: string): Placement | undefined {
    return this.#placements.get(txid);
  }

  spenderOf(txid: string, vout: number): Spender | undefined {
    return this.confirmed.spenderOf(txid, vout) ?? this.pending.spenderOf(txid, vout);
  }

  /** Resolves when the index shows what bitcoind showed at the time of the call, or later. */
  refresh(): Promise<void> {
    if (this.#running === null) {
      this.#running = this.#follow().finally(() => {
        this.#running = null;
      });
      return this.#running;
    }
    // The one under way may have looked already: share the one after it.
    this.#next ??= this.#running
      .catch(() => {
        // Its own callers hear of it.
      })
      .then(() => {
        this.#next = null;
        return this.refresh();
      });
    return this.#next;
  }

  /** From now on the index shows what it shows now. */
  async freeze(): Promise<void> {
    await this.refresh();
    this.#frozen = true;
  }

  /** Freezes on another chain: the last `depth` blocks are replaced by `length` empty ones that bitcoind never saw. */
  async fork(depth: number, length: number): Promise<void> {
    await this.freeze();
    for (let i = 0; i < depth; i++) this.#disconnect();
    for (const block of forkBlocks(this.tip, length)) this.#connect(block);
  }

  /** Back to what bitcoind says. */
  async thaw(): Promise<void> {
    this.#frozen = false;
    await this.refresh();
  }

  async #follow(): Promise<void> {
    for (;;) {
      if (this.#frozen) return;
      const tip = await this.#rpc.call<string>('getbestblockhash');
      if (tip !== this.#best.at(-1)?.hash) await this.#followTo(tip);
      await this.#followMempool();
      // The mempool belongs to this tip only if no block came in between.
      if ((await this.#rpc.call<string>('getbestblockhash')) === tip) return;
    }
  }

  async #followTo(tip: string): Promise<void> {
    const { height } = await this.#rpc.call<{ height: number }>('getblockheader', tip);
    while (this.#best.length > 0) {
      const ours = this.tip;
      if (ours.height <= height && (await this.#hashesFrom(ours.height, 1))[0] === ours.hash) break;
      this.#disconnect();
    }
    const hashes = await this.#hashesFrom(this.#best.length, height - this.#best.length + 1);
    for (let i = 0; i < hashes.length; i += 50) {
      const wanted = hashes.slice(i, i + 50).map((hash) => [hash, 3]);
      for (const block of await this.#rpc.batch<RpcBlock>('getblock', wanted)) {
        const record = blockRecord(block);
        // A reorganisation while reading: the next look sorts it out.
        if (record.height > 0 && record.previous !== this.#best.at(-1)?.hash) return;
        this.#connect(record);
      }
    }
  }

  async #hashesFrom(height: number, count: number): Promise<string[]> {
    try {
      return await this.#rpc.batch<string>(
        'getblockhash',
        Array.from({ length: Math.max(0, count) }, (_, i) => [height + i]),
      );
    } catch (error) {
      if (error instanceof RpcError) return [];
      throw error;
    }
  }

  async #followMempool(): Promise<void> {
    const txids = new Set(await this.#rpc.call<string[]>('getrawmempool'));
    for (const { txid } of this.pending.all()) if (!txids.has(txid)) this.pending.remove(txid);
    for (const txid of txids) {
      if (this.pending.has(txid)) continue;
      try {
        const tx = txRecord(await this.#rpc.call<RpcTx>('getrawtransaction', txid, 2));
        this.pending.add(await this.#withPrevouts(tx));
      } catch (error) {
        // Replaced in the meantime.
        if (!(error instanceof RpcError)) throw error;
      }
    }
  }

  /** Of what is not confirmed bitcoind tells neither what it spends nor its fee. */
  async #withPrevouts(tx: TxRecord): Promise<TxRecord> {
    const inputs: InputRecord[] = [];
    for (const input of tx.inputs) {
      const parent =
        this.tx(input.txid) ?? txRecord(await this.#rpc.call<RpcTx>('getrawtransaction', input.txid, 2));
      inputs.push({ ...input, prevout: parent.outputs[input.vout] ?? null });
    }
    const given = inputs.reduce((sum, { prevout }) => sum + (prevout?.valueSat ?? 0), 0);
    return { ...tx, inputs, feeSat: tx.outputs.reduce((rest, { valueSat }) => rest - valueSat, given) };
  }

  #connect(block: BlockRecord): void {
    this.#blocks.set(block.hash, block);
    this.#best.push(block);
    for (const [index, tx] of block.transactions.entries()) {
      this.pending.remove(tx.txid);
      this.confirmed.add(tx);
      this.#placements.set(tx.txid, { block, index });
    }
  }

  #disconnect(): void {
    const block = this.#best.pop();
    for (const tx of block?.transactions.toReversed() ?? []) {
      this.confirmed.remove(tx.txid);
      this.#placements.delete(tx.txid);
      if (tx.inputs.every((input) => !input.isCoinbase)) this.pending.add(tx);
    }
  }
}
