import { outPointKey } from '../../../base/ids.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import type { Claim } from '../../../commitment/claim.ts';
import { delayedOutputClaims } from '../../../commitment/local-claims.ts';
import { commitmentNumberOf } from '../../../commitment/number.ts';
import { remoteMainClaim } from '../../../commitment/remote-claims.ts';
import { isWorthTaking } from '../../claim-worth.ts';
import type { Env } from '../../env.ts';
import { commitmentParams } from '../../params.ts';
import type { Closing, FundingSpend } from '../../state.ts';

/**
 * What is ours of a commitment from after our state was lost.
 * BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction: "It can derive its own `remotepubkey` for the
 * transaction, in order to salvage its own funds. Note: in this scenario, the node will be unable to salvage the HTLCs."
 * Where it is one of ours (this wallet published it before its disk was lost), what it holds for us after our delay is
 * known by its number.
 */
export function unknownClaims(closing: Closing, { tx }: FundingSpend, env: Env): Claim[] {
  const params = commitmentParams(closing.params, closing.active[0].funding);
  const main = remoteMainClaim(params, tx);
  if (main !== null) return [main];
  const number = commitmentNumberOf(params, tx);
  if (number === null) return [];
  const point = env.signer.point(number);
  const second = htlcTxsOf(closing, tx).flatMap((spender) =>
    delayedOutputClaims(params, point, spender, 'htlc-delayed'),
  );
  return [...delayedOutputClaims(params, point, tx, 'local-delayed'), ...second.filter(isWorthTaking)];
}

/** The transactions in blocks that spend outputs of `tx`. */
function htlcTxsOf({ resolved }: Closing, tx: Tx): Tx[] {
  const txId = txIdOf(tx);
  const found = new Map<string, Tx>();
  for (const [index] of tx.outputs.entries()) {
    const spent = resolved.get(outPointKey({ txId, index }));
    if (spent !== undefined && spent.at !== null) found.set(txIdOf(spent.tx), spent.tx);
  }
  return [...found.values()];
}
