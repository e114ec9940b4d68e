import type { Env } from '../../env.ts';
import type { Closing } from '../../state.ts';
import { publishedCommitment } from './published.ts';

/**
 * An HTLC of the peer's that has an output in the commitment on the chain, was not answered yet and has time left: who is
 * paid by it may still give its preimage (a payment that is held, or one whose other parts are to come), and then its
 * output is to be taken. However deep all else is, the close is not over before.
 * BOLT 5 §HTLC Output Handling: Remote Commitment, Remote Offers: "if it receives (or already possesses) a payment preimage
 * for an unresolved HTLC output that it was offered […]: MUST *resolve* the output by spending it to a convenient address."
 */
export function holdsUnanswered(closing: Closing, env: Env): boolean {
  const { incoming } = closing.ledger;
  const isHeld = (id: bigint): boolean => {
    const htlc = incoming.get(id);
    return htlc?.step === 4 && htlc.removal === null && env.height < htlc.add.cltvExpiry;
  };
  if (![...incoming.keys()].some(isHeld)) return false;
  const outputs = publishedCommitment(closing, env)?.htlcs ?? [];
  return outputs.some(({ htlc }) => htlc.direction === 'incoming' && isHeld(htlc.id));
}
