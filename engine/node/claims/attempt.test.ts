import { expect, it } from 'vitest';
import type { TxId } from '../../base/ids.ts';
import { blockHeight, feeratePerKw } from '../../base/units.ts';
import type { ClaimDemand } from '../../channel/claim-demand.ts';
import { planFor } from '../../testkit/claim-plan.ts';
import { fakeOpen } from '../../testkit/fake-claims.ts';
import { WalletWorld } from '../../testkit/wallet-world.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { WalletTx } from '../../wallet/wallet-state.ts';

/** Counts how often all of it is gone through. */
class Counted extends Map<TxId, WalletTx> {
  passes = 0;

  override [Symbol.iterator]() {
    this.passes++;
    return super[Symbol.iterator]();
  }

  override values() {
    this.passes++;
    return super.values();
  }
}

it('a plan that finds all on its way goes through what the wallet ever had twice: for what claims, and for what blocks took', async () => {
  const HEIGHT = 200;
  const rate = feeratePerKw(2_500);
  const rates = { minimum: feeratePerKw(253), background: rate, normal: rate, urgent: rate };
  const open = fakeOpen({ kind: 'htlc-success', amount: 400_000n, deadline: blockHeight(HEIGHT + 8) });
  const demand: ClaimDemand = { open: [open], lift: null, lost: [] };
  const wallet = new WalletWorld();
  wallet.address();
  await wallet.fund(100_000n);
  expect(planFor(wallet, demand, rates, HEIGHT).built).toHaveLength(1);
  const txs = new Counted(wallet.state.txs);
  wallet.state = { ...wallet.state, txs };
  ledgerOf(wallet.state);
  txs.passes = 0;
  expect(planFor(wallet, demand, rates, HEIGHT).commit).toEqual([]);
  expect(txs.passes).toBe(2);
});
