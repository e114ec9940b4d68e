import { Bug } from '../base/assert.ts';
import { ledgerOf } from '../wallet/ledger.ts';
import type { WalletState } from '../wallet/wallet-state.ts';

/** Where money goes that comes back from the chain: the newest address of ours that nobody paid to yet. */
export function closingScript(wallet: WalletState): Uint8Array {
  const ledger = ledgerOf(wallet);
  const received = [...wallet.scripts.values()]
    .filter(({ branch, kind }) => branch === 'receive' && kind === 'p2wpkh')
    .sort((a, b) => b.index - a.index);
  const chosen = received.find(({ script }) => !ledger.isUsed(script)) ?? received[0];
  if (chosen === undefined) throw new Bug('a wallet without an address');
  return chosen.script;
}
