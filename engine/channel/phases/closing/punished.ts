import { outPointKey, type OutPoint } from '../../../base/ids.ts';
import { hasWaited } from '../../../bitcoin/relative-lock.ts';
import { isSignedBy } from '../../../bitcoin/signed-input.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import { revocationLock } from '../../../commitment/revocation-lock.ts';
import type { Env } from '../../env.ts';
import type { Closing } from '../../state.ts';
import { claimsOf } from './claims.ts';
import { publishedCommitment } from './published.ts';

/**
 * Whether `tx`, of `resolved`, takes an output of our commitment by its revocation key, which nobody has before we revoke
 * it: this disk is an old one. By what nobody can make up: the signature, or that ours would have had to wait.
 */
export function isPunished(closing: Closing, outPoint: OutPoint, tx: Tx, env: Env): boolean {
  const commitment = closing.spend?.kind === 'local' ? publishedCommitment(closing, env) : null;
  if (closing.spend === null || commitment === null) return false;
  const key = outPointKey(outPoint);
  const delayed = claimsOf(closing, closing.spend, env).find(
    ({ kind, outPoint: one }) =>
      (kind === 'local-delayed' || kind === 'htlc-delayed') && outPointKey(one) === key,
  );
  const isMined = closing.resolved.get(key)?.at != null;
  if (delayed !== undefined && isMined && !hasWaited(tx, outPoint, commitment.params.local.delay))
    return true;
  const htlc = commitment.htlcs.find(({ index }) => outPointKey({ txId: commitment.txId, index }) === key);
  const output = delayed ?? htlc;
  const lock = output === undefined ? null : revocationLock(commitment, output);
  return lock !== null && isSignedBy(tx, outPoint, lock);
}

/** So it was, for all that is known: where data was lost, our commitment may as well be the newest. */
export const wasPunished = (closing: Closing, env: Env): boolean =>
  closing.lostData &&
  [...closing.resolved.values()].some(({ tx }) =>
    tx.inputs.some(({ outPoint }) => isPunished(closing, outPoint, tx, env)),
  );
