import { concatBytes } from '../base/bytes.ts';
import { blockHash, txId, txIdToBytes, type BlockHash, type OutPoint, type TxId } from '../base/ids.ts';
import { feeratePerKw, sat, timestamp, type Sat } from '../base/units.ts';
import { hasProofOfWork, parseHeader, type BlockHeader } from '../bitcoin/header.ts';
import { pushNumber } from '../bitcoin/script.ts';
import { txIdOf, weightOf, type Tx, type TxOutput } from '../bitcoin/tx.ts';
import { headerBytes } from '../chain/headers/header-bytes.ts';
import { sha256d } from '../crypto/hash.ts';

export type FakeBlock = { readonly header: BlockHeader; readonly txs: readonly Tx[] };

const ZERO = blockHash('00'.repeat(32));
const REGTEST_BITS = 0x207f_ffff;
const START = 1_700_000_000;

let unique = 0;

/** The same outpoints again: each test file meets the same ones, whatever ran before it. */
export function beginAnew(): void {
  unique = 0;
}

/** An outpoint that nobody else names. */
export function freshOutPoint(): OutPoint {
  unique++;
  return { txId: txId(unique.toString(16).padStart(64, 'f')), index: 0 };
}

export const spending = (outPoints: readonly OutPoint[], outputs: readonly TxOutput[]): Tx => ({
  version: 2,
  inputs: outPoints.map((outPoint) => ({
    outPoint,
    sequence: 0xffff_fffd,
    scriptSig: new Uint8Array(0),
    witness: [],
  })),
  outputs,
  lockTime: 0,
});

/** A transaction from somebody else's coins. */
export const paying = (...outputs: readonly (readonly [Uint8Array, Sat | bigint])[]): Tx =>
  spending(
    [freshOutPoint()],
    outputs.map(([script, amount]) => ({ script, amount: sat(amount) })),
  );

/** A regtest chain with a mempool. Headers have proof of work and merkle roots; scripts are not run. */
export class FakeChain {
  blocks: FakeBlock[] = [];
  mempool: Tx[] = [];
  /** What pays less stays in the mempool, unless a child pays for it: as where blocks are full. */
  leastFeerate = feeratePerKw(0);

  constructor(length = 1) {
    this.mine(length);
  }

  /** The same blocks and mempool, to go another way. */
  fork(): FakeChain {
    const other = new FakeChain(0);
    other.blocks = [...this.blocks];
    other.mempool = [...this.mempool];
    return other;
  }

  get tip(): FakeBlock {
    return this.blocks.at(-1)!;
  }

  /** Blocks; the first takes the mempool. */
  mine(count = 1, time?: number): void {
    for (let i = 0; i < count; i++) {
      const height = this.blocks.length;
      const taken = this.#worthy();
      const txs = [coinbaseAt(height), ...taken];
      this.mempool = this.mempool.filter((tx) => !taken.includes(tx));
      const header = mined(this.blocks.at(-1)?.header.hash ?? ZERO, txs, time ?? START + 600 * height);
      this.blocks.push({ header, txs });
    }
  }

  /** Of the mempool what is mined next: each with those that it waits for and that wait for it, as one. */
  #worthy(): readonly Tx[] {
    if (this.leastFeerate === 0) return this.mempool;
    const families: Set<Tx>[] = [];
    for (const tx of this.mempool) {
      const parents = new Set(tx.inputs.map(({ outPoint }) => outPoint.txId));
      const kin = families.filter((family) => [...family].some((one) => parents.has(idOf(one))));
      for (const one of kin) families.splice(families.indexOf(one), 1);
      families.push(new Set([...kin.flatMap((family) => [...family]), tx]));
    }
    const worthy = families.filter((family) => this.#feerateOf([...family]) >= this.leastFeerate);
    return this.mempool.filter((tx) => worthy.some((family) => family.has(tx)));
  }

  /** Endless where something comes from coins that nobody has seen. */
  #feerateOf(txs: readonly Tx[]): number {
    let fee = 0n;
    for (const { inputs, outputs } of txs) {
      for (const { outPoint } of inputs) {
        const output = this.findTx(outPoint.txId)?.tx.outputs[outPoint.index];
        if (output === undefined) return Infinity;
        fee += output.amount;
      }
      for (const { amount } of outputs) fee -= amount;
    }
    return (1_000 * Number(fee)) / txs.reduce((sum, tx) => sum + weightOf(tx), 0);
  }

  add(...txs: readonly Tx[]): void {
    this.mempool.push(...txs);
  }

  /** The last `depth` blocks go, their transactions return to the mempool, and `count` other blocks come. */
  reorganise(depth: number, count: number, keep: (tx: Tx) => boolean = () => true): void {
    const gone = this.blocks.splice(-depth);
    const returned = gone.flatMap(({ txs }) => txs.slice(1)).filter(keep);
    this.mempool = [];
    this.mine(count);
    this.mempool.push(...returned);
  }

  findTx(id: TxId): { readonly tx: Tx; readonly height: number | null; readonly index: number } | null {
    for (const [height, { txs }] of this.blocks.entries()) {
      const index = txs.findIndex((tx) => idOf(tx) === id);
      if (index >= 0) return { tx: txs[index]!, height, index };
    }
    const tx = this.mempool.find((tx) => idOf(tx) === id);
    return tx === undefined ? null : { tx, height: null, index: 0 };
  }

  heightOf(hash: BlockHash): number | null {
    const height = this.blocks.findIndex(({ header }) => header.hash === hash);
    return height < 0 ? null : height;
  }

  all(): readonly Tx[] {
    return [...this.blocks.flatMap(({ txs }) => txs), ...this.mempool];
  }

  spenderOf(outPoint: OutPoint): Tx | null {
    const spends = ({ inputs }: Tx): boolean =>
      inputs.some(
        (input) => input.outPoint.txId === outPoint.txId && input.outPoint.index === outPoint.index,
      );
    return this.all().find(spends) ?? null;
  }
}

const ids = new WeakMap<Tx, TxId>();
/** Asked for again and again on a long chain. */
function idOf(tx: Tx): TxId {
  const id = ids.get(tx) ?? txIdOf(tx);
  ids.set(tx, id);
  return id;
}

/** As BIP 34 has it; no two are alike. */
const coinbaseAt = (height: number): Tx => ({
  version: 2,
  inputs: [
    {
      outPoint: { txId: txId('00'.repeat(32)), index: 0xffff_ffff },
      sequence: 0xffff_ffff,
      scriptSig: concatBytes(pushNumber(height), txIdToBytes(freshOutPoint().txId)),
      witness: [],
    },
  ],
  outputs: [{ script: Uint8Array.of(0x51, height & 0xff, height >> 8), amount: sat(50) }],
  lockTime: 0,
});

function mined(previous: BlockHash, txs: readonly Tx[], time: number): BlockHeader {
  const merkleRoot = merkleLevels(txs).at(-1)![0]!;
  for (let nonce = 0; ; nonce++) {
    const bytes = headerBytes({
      version: 0x2000_0000,
      previous,
      merkleRoot,
      time: timestamp(time),
      bits: REGTEST_BITS,
      nonce,
    });
    const header = parseHeader(bytes)!;
    if (hasProofOfWork(header, 'regtest')) return header;
  }
}

/** From the leaves to the root. */
export function merkleLevels(txs: readonly Tx[]): readonly (readonly Uint8Array[])[] {
  let level: readonly Uint8Array[] = txs.map((tx) => txIdToBytes(txIdOf(tx)));
  const levels = [level];
  while (level.length > 1) {
    const below = level;
    level = Array.from({ length: Math.ceil(below.length / 2) }, (_, i) =>
      sha256d(concatBytes(below[2 * i]!, below[2 * i + 1] ?? below[2 * i]!)),
    );
    levels.push(level);
  }
  return levels;
}
