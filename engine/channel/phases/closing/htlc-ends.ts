import { fromHex } from '../../../base/bytes.ts';
import { outPointKey } from '../../../base/ids.ts';
import { showsItsEnd } from '../../../bitcoin/preimage-in.ts';
import type { HtlcEnd } from '../../../bitcoin/watch.ts';
import { secondStageOutput } from '../../../commitment/htlc-tx.ts';
import { revocationLock } from '../../../commitment/revocation-lock.ts';
import type { Env } from '../../env.ts';
import type { Closing } from '../../state.ts';
import { publishedCommitment } from './published.ts';

/** How the HTLCs of a commitment that we hold for the latest may end: BOLT 3 §HTLC-Timeout and HTLC-Success Transactions. */
export function htlcEnds(closing: Closing, env: Env): ReadonlyMap<string, HtlcEnd> {
  const commitment = publishedCommitment(closing, env);
  if (commitment === null) return new Map();
  const isOurs = commitment.owner === 'local';
  const second = secondStageOutput(commitment).script;
  return new Map(
    commitment.htlcs.map((output) => {
      const { paymentHash, cltvExpiry } = output.htlc;
      const end: HtlcEnd = {
        hash: fromHex(paymentHash),
        lockTime: cltvExpiry,
        script: output.kind === 'offered' ? second : null,
        revocation: isOurs ? revocationLock(commitment, output) : null,
      };
      return [outPointKey({ txId: commitment.txId, index: output.index }), end];
    }),
  );
}

/**
 * What is known of spends, where it has just come to light which commitment they spend: of those that do not show how an
 * HTLC ended the chain is asked again, as of what was never told.
 */
export function withoutUnshown(closing: Closing, env: Env): Closing {
  const ends = htlcEnds(closing, env);
  const shown = [...closing.resolved].filter(([key, { tx }]) => {
    const end = ends.get(key);
    return (
      end === undefined ||
      tx.inputs.every(({ outPoint }) => outPointKey(outPoint) !== key || showsItsEnd(tx, outPoint, end))
    );
  });
  return { ...closing, resolved: new Map(shown) };
}
