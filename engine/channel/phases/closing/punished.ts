import { outPointKey, type OutPoint } from '../../../base/ids.ts';
import { isSignedBy } from '../../../bitcoin/signed-input.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import { revocationLock } from '../../../commitment/revocation-lock.ts';
import type { Env } from '../../env.ts';
import type { Closing } from '../../state.ts';
import { claimsOf } from './claims.ts';
import { publishedCommitment } from './published.ts';

/**
 * Whether `tx` takes an output of our commitment by its revocation key, which nobody has before we revoke it: this disk is
 * an old one. By the signature, as servers say of a witness what they like.
 */
export function isPunished(closing: Closing, outPoint: OutPoint, tx: Tx, env: Env): boolean {
  const { spend } = closing;
  const commitment = publishedCommitment(closing, env);
  if (spend?.kind !== 'local' || commitment === null) return false;
  const key = outPointKey(outPoint);
  const htlc = commitment.htlcs.find(({ index }) => outPointKey({ txId: commitment.txId, index }) === key);
  const output = htlc ?? claimsOf(closing, spend, env).find((claim) => outPointKey(claim.outPoint) === key);
  const lock = output === undefined ? null : revocationLock(commitment, output);
  return lock !== null && isSignedBy(tx, outPoint, lock);
}
