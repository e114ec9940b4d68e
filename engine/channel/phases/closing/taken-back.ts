import { fromHex } from '../../../base/bytes.ts';
import { outPointKey } from '../../../base/ids.ts';
import { preimageIn } from '../../../bitcoin/preimage-in.ts';
import type { Effect } from '../../effect.ts';
import type { Env } from '../../env.ts';
import type { Closing } from '../../state.ts';
import { isBuried } from './buried.ts';
import { publishedCommitment } from './published.ts';

/**
 * HTLCs that were to pay us and whose payer has them back for good: its time was over before we could show the preimage to
 * the peer or to the chain. Told again at each step, as long as the channel keeps what spent its outputs.
 */
export function takenBack(closing: Closing, env: Env): Effect[] {
  // Of most closes there is nothing to tell: then no commitment is made for it.
  if (closing.resolved.size === 0 || closing.ledger.incoming.size === 0) return [];
  const commitment = publishedCommitment(closing, env);
  if (commitment === null) return [];
  return commitment.htlcs.flatMap(({ htlc: { direction, id, paymentHash }, index }): Effect[] => {
    if (direction === 'outgoing') return [];
    const taken = closing.resolved.get(outPointKey({ txId: commitment.txId, index }));
    // BOLT 5 §HTLC Output Handling: we take it by its preimage alone, whoever's commitment it is in.
    if (taken === undefined || !isBuried(taken.at, env)) return [];
    const isOurs =
      preimageIn(taken.tx, ({ txId }) => txId === commitment.txId, fromHex(paymentHash)) !== null;
    return isOurs ? [] : [{ tag: 'taken-back', id, paymentHash }];
  });
}
