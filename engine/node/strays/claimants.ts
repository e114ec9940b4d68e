import { outPointKey } from '../../base/ids.ts';
import { publicKey } from '../../crypto/secp256k1.ts';
import type { ClaimDemand } from '../../channel/claim-demand.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { Claimant } from '../claims/plan.ts';
import type { ClaimCore } from '../claims/claim-core.ts';
import { spendableFrom, strayClaim, type Stray } from './stray.ts';

/** What was found by the words alone, as the claim desk takes it: each by itself. */
export function strayClaimants(
  core: Pick<ClaimCore, 'strays' | 'demands' | 'wallet' | 'keys' | 'running'>,
): readonly Claimant<Stray>[] {
  const { strays, demands, running, keys } = core;
  if (strays === null || strays.found.length === 0 || running === null) return [];
  // A backup that came after all knows more of it.
  const claimed = new Set(
    [...demands.values()].flatMap(({ open }) => open.map(({ claim }) => outPointKey(claim.outPoint))),
  );
  return strays.found
    .filter(({ outPoint }) => !claimed.has(outPointKey(outPoint)))
    .map((stray) => ({
      name: stray,
      demand: demandOf(core, stray, publicKey(keys.staticPaymentKey(stray.keyIndex).expose())),
      signer: running.identity.signers.ofPaymentKey(stray.keyIndex),
    }));
}

function demandOf({ wallet }: Pick<ClaimCore, 'wallet'>, stray: Stray, payment: Uint8Array): ClaimDemand {
  const spender = ledgerOf(wallet).spenderOf(stray.outPoint);
  const spent = spender === null ? null : { txId: spender, at: wallet.txs.get(spender)?.at ?? null };
  return {
    open: [
      {
        claim: strayClaim(stray, payment),
        from: spendableFrom(stray),
        deadline: null,
        contested: false,
        spent,
      },
    ],
    lift: null,
    lost: [],
  };
}
