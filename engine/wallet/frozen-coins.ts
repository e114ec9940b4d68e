import type { OutPoint } from '../base/ids.ts';
import { WalletDraft } from './wallet-draft.ts';
import type { WalletState, WalletStep } from './wallet-state.ts';

/** Not spent until thawed: dust that somebody sent to trace us, or coins with a purpose. */
export function freezeCoin(state: WalletState, outPoint: OutPoint): WalletStep {
  const draft = new WalletDraft(state);
  draft.freeze(outPoint);
  return draft.finish();
}

export function thawCoin(state: WalletState, outPoint: OutPoint): WalletStep {
  const draft = new WalletDraft(state);
  draft.thaw(outPoint);
  return draft.finish();
}
