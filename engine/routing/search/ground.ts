import type { LastLayers } from '../../onion/layers.ts';
import type { Bounds } from '../bounds.ts';
import type { RouteView } from '../view.ts';
import type { Weights } from '../weights.ts';
import type { ExtraEdges } from './extra-edges.ts';

export type Goal = {
  readonly payer: number;
  readonly payee: number;
  /** What is to arrive, millisatoshis. */
  readonly amount: number;
  /** Of this part. */
  readonly maxFee: number;
  readonly finalCltv: number;
  readonly maxCltv: number;
  /** The payer's channels are among the extra edges, not those of the graph. */
  readonly ownChannels: boolean;
  readonly weights: Weights;
};

export type Ground = {
  readonly view: RouteView;
  readonly extra: ExtraEdges;
  readonly bounds: Bounds | null;
  /** By directed channel: 1 where it is not to be used, 2 where it is not for `refused` and more. */
  readonly avoided: Uint8Array | null;
  readonly refused: ReadonlyMap<number, number>;
  readonly avoidedNodes: ReadonlySet<number> | null;
  /** What the payee takes in the onion. */
  readonly layers: LastLayers;
  /**
   * Set when a way was given up for its fee or its delay (`hit`), or because no onion has room for it (`long`), so that
   * it is worth to look with other weights.
   */
  readonly limits: { hit: boolean; long: boolean };
};

/** From the payer to the payee: rows of the view, or −1 − index of an extra edge. */
export type Path = { readonly edges: readonly number[]; readonly cost: number };

/**
 * BOLT 7 §HTLC Fees: "fee_base_msat + ( amount_to_forward * fee_proportional_millionths / 1000000 )". Exact: the
 * product of both would not fit a double.
 */
export function feeOf(base: number, proportionalMillionths: number, amount: number): number {
  if (proportionalMillionths === 0) return base;
  const millions = Math.floor(amount / 1_000_000);
  const rest = amount - millions * 1_000_000;
  return base + millions * proportionalMillionths + Math.floor((rest * proportionalMillionths) / 1_000_000);
}
