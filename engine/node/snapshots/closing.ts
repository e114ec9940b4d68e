import { outPointKey } from '../../base/ids.ts';
import type { OpenClaim } from '../../channel/claim-demand.ts';
import { isWorthTaking } from '../../channel/claim-worth.ts';
import type { Claim } from '../../commitment/claim.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import { walletTransaction } from '../../wallet/history.ts';
import type { WalletState } from '../../wallet/wallet-state.ts';
import type { ClosingOutput, ClosingTransaction } from '../api.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';

/** Outputs of a closing channel that are not in the wallet yet; null where the channel was not heard. */
export function closingOutputs(core: Core, channel: HostedChannel): readonly ClosingOutput[] | null {
  const demand = core.demands.get(channel);
  if (demand === undefined) return null;
  const short = new Map(
    core.shortages
      .filter(({ name }) => name === channel)
      .flatMap(({ group, missing }) =>
        group.claims.map(({ claim }) => [outPointKey(claim.outPoint), missing] as const),
      ),
  );
  return demand.open.flatMap((open): readonly ClosingOutput[] => {
    const { claim, from, deadline } = open;
    if (!isWorthTaking(claim) || isElsewhere(core.wallet, open)) return [];
    return [
      {
        kind: kindOf(claim),
        amountSat: claim.amount,
        claimableAtHeight: from,
        deadlineHeight: deadline,
        txId: ledgerOf(core.wallet).spenderOf(claim.outPoint),
        missingSat: short.get(outPointKey(claim.outPoint)) ?? null,
      },
    ];
  });
}

/** In the wallet by a transaction of ours, counted as the output of one, or taken by the peer. */
function isElsewhere(wallet: WalletState, { claim, spent }: OpenClaim): boolean {
  const ledger = ledgerOf(wallet);
  // An HTLC transaction pays an output that waits once more: it is counted here until that is seen.
  if (claim.pairedOutput !== undefined) return spent !== null;
  return ledger.spenderOf(claim.outPoint) !== null || (spent !== null && !ledger.isLive(spent.txId));
}

function kindOf({ kind, htlc }: Claim): ClosingOutput['kind'] {
  if (kind.endsWith('penalty')) return 'penalty';
  if (htlc === undefined) return 'balance';
  return htlc.direction === 'incoming' ? 'payment-in' : 'payment-out';
}

/** Transactions of ours that this close has taken so far, in the order in which they were made. */
export function closingTransactions(core: Core, channel: HostedChannel): readonly ClosingTransaction[] {
  const demand = core.demands.get(channel);
  if (demand === undefined) return [];
  const wanted = new Set(demand.open.map(({ claim }) => outPointKey(claim.outPoint)));
  const parents = new Set(demand.open.map(({ claim }) => claim.outPoint.txId));
  if (demand.lift !== null) wanted.add(outPointKey(demand.lift.anchor.outPoint));
  const found: ClosingTransaction[] = [];
  for (const [id, { tx, purpose }] of core.wallet.txs) {
    const takes = tx.inputs.some(
      ({ outPoint }) =>
        wanted.has(outPointKey(outPoint)) || (purpose === 'anchor-bump' && parents.has(outPoint.txId)),
    );
    if (!takes || !ledgerOf(core.wallet).isLive(id)) continue;
    const seen = walletTransaction(core.wallet, id);
    if (seen === null) continue;
    found.push({
      txId: id,
      feeSat: ledgerOf(core.wallet).feeOf({ tx, fee: core.wallet.txs.get(id)?.fee ?? null }) ?? 0n,
      confirmations: seen.confirmations,
    });
  }
  return found;
}
