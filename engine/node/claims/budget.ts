import type { TxId } from '../../base/ids.ts';
import { sat, type Sat } from '../../base/units.ts';
import type { ClaimDemand, OpenClaim } from '../../channel/claim-demand.ts';
import { mostFeeFor, mostToLift } from '../../channel/claim-worth.ts';
import { needsFeeInputs } from '../../commitment/claim.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { WalletState } from '../../wallet/wallet-state.ts';

/** What children of commitments pay that are in a block or may get there, by the commitment's id. */
export function liftFees(wallet: WalletState): ReadonlyMap<TxId, Sat> {
  const ledger = ledgerOf(wallet);
  const fees = new Map<TxId, Sat>();
  for (const [id, entry] of wallet.txs) {
    if (entry.purpose !== 'anchor-bump' || !ledger.isLive(id)) continue;
    const fee = ledger.feeOf(entry) ?? sat(0);
    // The anchor, and coins of the wallet, which no output of a commitment is.
    for (const txId of new Set(entry.tx.inputs.map(({ outPoint }) => outPoint.txId)))
      fees.set(txId, sat((fees.get(txId) ?? 0n) + fee));
  }
  return fees;
}

/**
 * The most that may be paid for taking these. An HTLC transaction that the wallet pays for has what the commitment's child
 * left of its half: each HTLC that the child was for bears its share of it.
 */
export function budgetOf(
  claims: readonly OpenClaim[],
  { open }: ClaimDemand,
  lifted: ReadonlyMap<TxId, Sat>,
): Sat {
  let most = 0n;
  for (const one of claims) most += mostFeeFor(one.claim.amount) - shareOf(one, open, lifted);
  return sat(most);
}

function shareOf(one: OpenClaim, open: readonly OpenClaim[], lifted: ReadonlyMap<TxId, Sat>): bigint {
  const { txId } = one.claim.outPoint;
  const fee = lifted.get(txId);
  if (fee === undefined || !needsFeeInputs(one.claim)) return 0n;
  const beside = open.filter(({ claim }) => claim.outPoint.txId === txId);
  const urgent = beside.filter(({ deadline }) => deadline !== null);
  const sharers = urgent.length > 0 ? urgent : beside;
  if (!sharers.includes(one)) return 0n;
  const own = mostToLift(one.claim);
  const all = sharers.reduce((sum, { claim }) => sum + mostToLift(claim), 0n);
  const share = all === 0n ? 0n : (fee * own + all - 1n) / all;
  // Whatever it paid: an HTLC transaction that may pay nothing would lose the HTLC.
  return share < own ? share : own;
}
