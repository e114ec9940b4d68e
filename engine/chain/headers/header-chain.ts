import { assert } from '../../base/assert.ts';
import type { BlockHash } from '../../base/ids.ts';
import { blockHeight, type BlockHeight } from '../../base/units.ts';
import { workOf, type BlockHeader } from '../../bitcoin/header.ts';

/** So many headers are held: two days of blocks. A reorganisation deeper than this is not followed link by link. */
export const HELD = 288;

export type ChainTip = { readonly height: BlockHeight; readonly header: BlockHeader };

/** The newest part of the best chain that we know: headers that link, without a gap. A value: changes make another. */
export class HeaderChain {
  readonly baseHeight: number;
  readonly #headers: readonly BlockHeader[];
  readonly #heights: ReadonlyMap<BlockHash, number>;

  /** `headers` link, oldest first; the first is at `baseHeight`. */
  constructor(baseHeight: number, headers: readonly BlockHeader[]) {
    assert(headers.length > 0, 'a chain has a tip');
    for (const [i, header] of headers.entries())
      assert(i === 0 || header.previous === headers[i - 1]?.hash, 'headers link');
    const surplus = Math.max(0, headers.length - HELD);
    this.baseHeight = baseHeight + surplus;
    this.#headers = headers.slice(surplus);
    this.#heights = new Map(this.#headers.map(({ hash }, i) => [hash, this.baseHeight + i]));
  }

  get tip(): ChainTip {
    const header = this.#headers.at(-1);
    assert(header !== undefined, 'a chain has a tip');
    return { height: blockHeight(this.baseHeight + this.#headers.length - 1), header };
  }

  /** Undefined above the tip and below what is held. */
  at(height: number): BlockHeader | undefined {
    return height < this.baseHeight ? undefined : this.#headers[height - this.baseHeight];
  }

  /** Undefined for a block that is not in this chain, or is below what is held. */
  heightOf(hash: BlockHash): number | undefined {
    return this.#heights.get(hash);
  }

  /** This chain up to `parentHeight`, then `headers`. */
  withBranch(parentHeight: number, headers: readonly BlockHeader[]): HeaderChain {
    const kept = this.#headers.slice(0, parentHeight - this.baseHeight + 1);
    return new HeaderChain(this.baseHeight, [...kept, ...headers]);
  }

  /** Expected hashes behind the headers above `height`. */
  workAbove(height: number): bigint {
    return this.#headers
      .slice(Math.max(0, height + 1 - this.baseHeight))
      .reduce((work, header) => work + workOf(header), 0n);
  }

  entries(): readonly (readonly [number, BlockHeader])[] {
    return this.#headers.map((header, i) => [this.baseHeight + i, header]);
  }
}
