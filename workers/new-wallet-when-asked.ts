import { err, ok, type Result } from '../engine/base/result.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type * as newWallet from './new-wallet.ts';

type NewWalletPart = typeof newWallet;

/**
 * What makes a wallet, with the list of words of BIP 39: nobody who has one needs it, so it is no part of a start, and
 * loaded when it is asked for. One that does not arrive is a refusal, and asked for again the next time.
 */
export async function newWalletWhenAsked(
  part = (): Promise<NewWalletPart> => import('./new-wallet.ts'),
): Promise<Result<NewWalletPart, Refusal>> {
  try {
    return ok(await part());
  } catch (error) {
    return err({ code: 'part-missing', detail: `words: ${String(error)}` });
  }
}
