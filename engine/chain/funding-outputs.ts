import { equalBytes } from '../base/bytes.ts';
import type { BlockHash } from '../base/ids.ts';
import type { Sat, Scid } from '../base/units.ts';
import { provenTx } from './esplora/proven-tx.ts';
import { blockHashAt, txIdAt, txOutspends } from './esplora/questions.ts';
import { ServerPool, type PoolOptions } from './esplora/server-pool.ts';
import { inParallel } from './in-parallel.ts';

/** An output that should be where a short channel id says. */
export type WantedOutput = { readonly scid: Scid; readonly script: Uint8Array };
/** `unfounded`: there is no such output, it has another script, or it is spent. `unknown`: no server answered. */
export type OutputFinding =
  | { readonly tag: 'found'; readonly capacity: Sat }
  | { readonly tag: 'unfounded' }
  | { readonly tag: 'unknown' };

const PARALLEL = 4;

const UNFOUNDED: OutputFinding = { tag: 'unfounded' };
const UNKNOWN: OutputFinding = { tag: 'unknown' };

/**
 * Looks for the outputs of channels that strangers announce. It has servers' answers of its own to judge them by: what
 * goes wrong here is not held against those that the wallet needs.
 *
 * A server is believed as to which transaction stands where in a block, and that its output is unspent: a lie costs a
 * failed payment, and no money. The output itself is proven by the transaction's id.
 */
export class FundingOutputs {
  readonly #pool: ServerPool;

  constructor(options: PoolOptions) {
    this.#pool = new ServerPool(options);
  }

  /** What was found for each, in their order: four requests each, less where they share a block. */
  async find(wanted: readonly WantedOutput[]): Promise<readonly OutputFinding[]> {
    const findings = wanted.map(() => UNKNOWN);
    // For this call alone: a block near the tip may give way to another.
    const blocks = new Map<number, BlockHash>();
    await inParallel([...wanted.entries()], PARALLEL, async ([index, output]) => {
      findings[index] = await this.#findOne(output, blocks);
      // Nobody answers: nor would they to the next question.
      return findings[index].tag !== 'unknown';
    });
    return findings;
  }

  async #findOne({ scid, script }: WantedOutput, blocks: Map<number, BlockHash>): Promise<OutputFinding> {
    const block = await this.#blockAt(Number(scid >> 40n), blocks);
    if (block === null || block === undefined) return block === null ? UNFOUNDED : UNKNOWN;
    const place = await this.#pool.ask(txIdAt(block, Number((scid >> 16n) & 0xff_ffffn)));
    if (!place.ok) return UNKNOWN;
    const id = place.value.value;
    if (id === null) return UNFOUNDED;
    const tx = await provenTx(this.#pool, id);
    if (!tx.ok) return UNKNOWN;
    const index = Number(scid & 0xffffn);
    const output = tx.value?.outputs[index];
    if (output === undefined || !equalBytes(output.script, script)) return UNFOUNDED;
    const spends = await this.#pool.ask(txOutspends(id));
    if (!spends.ok) return UNKNOWN;
    const isUnspent = spends.value.value?.[index]?.spent === false;
    return isUnspent ? { tag: 'found', capacity: output.amount } : UNFOUNDED;
  }

  /** Null where there is no such block; undefined when nobody answers. `blocks` were asked for before. */
  async #blockAt(height: number, blocks: Map<number, BlockHash>): Promise<BlockHash | null | undefined> {
    const known = blocks.get(height);
    if (known !== undefined) return known;
    const asked = await this.#pool.ask(blockHashAt(height));
    if (!asked.ok) return undefined;
    const { value } = asked.value;
    if (value !== null) blocks.set(height, value);
    return value;
  }
}
