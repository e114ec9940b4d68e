import { blockHeight, timestamp, type FeeratePerKw } from '../base/units.ts';
import type { Feerates } from '../bitcoin/watch.ts';
import type { ClaimDemand } from '../channel/claim-demand.ts';
import { planClaims, type ClaimPlan, type Situation } from '../node/claims/plan.ts';
import { fakeSigner } from './fake-claims.ts';
import type { WalletWorld } from './wallet-world.ts';

type More = { readonly wish?: FeeratePerKw } & Partial<Pick<Situation, 'ended' | 'isInBestChain' | 'tooLow'>>;

/** What coins of the wallet do now for one channel, written down. */
export function planFor(
  wallet: WalletWorld,
  demand: ClaimDemand,
  feerates: Feerates,
  height: number,
  { wish, ...more }: More = {},
): ClaimPlan<string> {
  return wallet.take(
    planClaims([{ name: 'channel', demand, signer: fakeSigner, ...(wish === undefined ? {} : { wish }) }], {
      wallet: wallet.state,
      keys: wallet.keys,
      height: blockHeight(height),
      feerates,
      now: timestamp(1_750_000_100),
      tooLow: new Set(),
      ...more,
    }),
  );
}
