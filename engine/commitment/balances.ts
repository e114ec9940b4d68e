import { msat, msatToSat, satToMsat, type FeeratePerKw, type Msat, type Sat } from '../base/units.ts';
import type { HtlcKind } from './format.ts';
import { formatOf } from './formats.ts';
import type { CommitmentParams, Side } from './params.ts';
import type { CommitmentSpec, Htlc } from './spec.ts';

/** What the commitment of `owner` makes of an HTLC: offered when the owner offered it. */
export const htlcKind = (owner: Side, htlc: Pick<Htlc, 'direction'>): HtlcKind =>
  (htlc.direction === 'outgoing') === (owner === 'local') ? 'offered' : 'received';

/**
 * BOLT 3 §Trimmed Outputs: "if the HTLC amount minus the HTLC-timeout fee would be less than dust_limit_satoshis set
 * by the transaction owner: MUST NOT contain that output"
 */
export function isTrimmed(
  params: CommitmentParams,
  owner: Side,
  feerate: FeeratePerKw,
  htlc: Pick<Htlc, 'direction' | 'amount'>,
): boolean {
  const fee = formatOf(params.format).htlcFee(feerate, htlcKind(owner, htlc));
  return msatToSat(htlc.amount) < params[owner].dustLimit + fee;
}

/** What is left to each side in one commitment. */
export type CommitmentBalances = {
  /** Millisatoshis after fees and anchors, negative when the opener cannot pay them. Includes what dust would trim. */
  readonly local: bigint;
  readonly remote: bigint;
  /** What the opener pays by the formula of BOLT 3. */
  readonly fee: Sat;
  /** Taken from the opener beside the fee. */
  readonly anchorCost: Sat;
  /** HTLCs that have an output. */
  readonly htlcOutputs: number;
  /** The sum of the HTLCs that have none: lost to the miner if this commitment confirms. */
  readonly trimmed: Msat;
};

/** For checks of reserves, affordable fees and dust exposure, without building the transaction. */
export function balancesOf(params: CommitmentParams, owner: Side, spec: CommitmentSpec): CommitmentBalances {
  const format = formatOf(params.format);
  let trimmed = 0n;
  let htlcOutputs = 0;
  for (const htlc of spec.htlcs)
    if (isTrimmed(params, owner, spec.feerate, htlc)) trimmed += htlc.amount;
    else htlcOutputs++;
  const fee = format.commitmentFee(spec.feerate, htlcOutputs);
  const cost = satToMsat(fee) + satToMsat(format.anchorCost);
  return {
    local: spec.toLocal - (params.opener === 'local' ? cost : 0n),
    remote: spec.toRemote - (params.opener === 'remote' ? cost : 0n),
    fee,
    anchorCost: format.anchorCost,
    htlcOutputs,
    trimmed: msat(trimmed),
  };
}
