import { outPointKey, type OutPoint, type TxId } from '../../base/ids.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
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
    const txId = ledgerOf(core.wallet).spenderOf(claim.outPoint);
    return [
      {
        kind: kindOf(claim),
        amountSat: claim.amount,
        claimableAtHeight: from,
        deadlineHeight: deadline,
        txId,
        missingSat: short.get(outPointKey(claim.outPoint)) ?? null,
        isLate: txId === null && deadline !== null && core.height >= deadline,
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

/** Transactions of ours that this close has taken so far, each after those that it spends; also once it is closed. */
export function closingTransactions(
  { wallet, demands }: Core,
  channel: HostedChannel,
): readonly ClosingTransaction[] {
  const ledger = ledgerOf(wallet);
  const found = new Map<TxId, ClosingTransaction>();
  const follow = (outPoint: OutPoint): void => {
    const id = ledger.spenderOf(outPoint);
    const entry = id === null ? undefined : wallet.txs.get(id);
    const seen = id === null ? null : walletTransaction(wallet, id);
    if (id === null || entry === undefined || seen === null || found.has(id)) return;
    found.set(id, {
      txId: id,
      feeSat: ledger.feeOf(entry) ?? 0n,
      receivedSat: ledger.netOf(entry.tx),
      confirmations: seen.confirmations,
    });
    followOutputs(entry.tx, id);
  };
  const followOutputs = ({ outputs }: Tx, txId: TxId): void => {
    for (const [index, { script }] of outputs.entries())
      // What is in the wallet is spent as any other coin.
      if (ledger.ownScript(script) === null) follow({ txId, index });
  };
  const { durable } = channel.state;
  if (durable?.phase === 'closing' || durable?.phase === 'closed') {
    const resolved = durable.phase === 'closing' ? durable.resolved : durable.past?.resolved;
    for (const { tx } of [durable.spend, ...(resolved?.values() ?? [])].filter((one) => one !== null))
      followOutputs(tx, txIdOf(tx));
  }
  const { open = [], lift = null } = demands.get(channel) ?? {};
  for (const { claim } of open) follow(claim.outPoint);
  if (lift !== null) follow(lift.anchor.outPoint);
  return [...found.values()];
}
