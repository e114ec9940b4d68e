import type { FeeratePerKw } from '../base/units.ts';
import type { Tx } from '../bitcoin/tx.ts';
import type { TxPurpose } from '../bitcoin/watch.ts';
import type { ClaimDemand } from '../channel/claim-demand.ts';
import type { Env } from '../channel/env.ts';
import { buildClaimTx } from '../commitment/claim-tx.ts';

/** Each output that is due and unspent by a transaction of its own, at the normal rate: as if nothing had to be raised. */
export function claimTxs(
  { open }: ClaimDemand,
  env: Pick<Env, 'height' | 'closingScript' | 'signer' | 'feerates'>,
  feerate: FeeratePerKw = env.feerates.normal,
): readonly { readonly tx: Tx; readonly purpose: TxPurpose }[] {
  return open.flatMap(({ claim, from, spent }) => {
    if (
      claim.pairedOutput !== undefined ||
      (spent !== null && spent.at !== null) ||
      from === null ||
      from > env.height + 1
    )
      return [];
    const built = buildClaimTx([claim], env.closingScript, feerate);
    if (!built.ok) return [];
    const purpose: TxPurpose = claim.kind.endsWith('penalty') ? 'penalty' : 'claim';
    return [{ tx: env.signer.signClaims(built.value, [claim]), purpose }];
  });
}
