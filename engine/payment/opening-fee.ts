import type { NodeId } from '../base/ids.ts';
import { msat, type Msat, type Scid } from '../base/units.ts';

/**
 * What an LSP may keep of a payment for opening the channel that it arrives through (bLIP 52), and what we let it do
 * for that. Stands in the payment from its invoice on.
 */
export type ChannelOpening = {
  readonly lsp: NodeId;
  readonly minFee: Msat;
  /** Parts per million of the payment. */
  readonly proportional: bigint;
  /** `jit_channel_scid`: what the invoice calls the channel that does not exist yet. */
  readonly scid: Scid;
  /** The channel may be used before the chain confirms it: the user trusts this LSP. */
  readonly unconfirmed: boolean;
  /** `client_trusts_lsp`: it may keep its funding transaction to itself until it has the preimage. */
  readonly blind: boolean;
  /** Most that the user agreed to; for a fixed amount the fee itself. */
  readonly mostFee: Msat;
  /** What it kept; 0 until the payment is received. */
  readonly taken: Msat;
};

/** The preimage is given before the funding transaction was seen: by a trusted LSP's leave alone. */
export const isBlind = ({ unconfirmed, blind }: ChannelOpening): boolean => unconfirmed && blind;

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const MILLION = 1_000_000n;

/**
 * bLIP 52 §1: "both client and LSP MUST compute the `opening_fee` (in millisatoshis)": by the C and Rust routines of the book;
 * its formula in text has a zero too many. bLIP 52 §1: "Integer division MUST round down".
 * @returns null when the arithmetic leaves u64. bLIP 52 §1: "All numbers MUST be computed in unsigned 64-bit integers.";
 * "Arithmetic overflow MUST cause the computation to fail and abort this flow"; "the client SHOULD report the failure to the user";
 * "The check MUST be done on EACH addition and
 * multiplication operation, including those with constants."; "Clients and LSPs MAY use arbitrary-precision integers, […] IF AND
 * ONLY IF they check for overflow of unsigned 64-bit at each basic arithmetic operation."
 */
export function openingFee(
  { minFee, proportional }: Pick<ChannelOpening, 'minFee' | 'proportional'>,
  payment: Msat,
): Msat | null {
  const product = payment * proportional;
  if (product > U64_MAX || product + 999_999n > U64_MAX) return null;
  const share = (product + 999_999n) / MILLION;
  return msat(share < minFee ? minFee : share);
}
