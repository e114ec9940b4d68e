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
export const isPunished = (closing: Closing, outPoint: OutPoint, tx: Tx, env: Env): boolean =>
  punishes(closing, env)(outPoint, tx);

/** What there is to take is made once, however much of it is asked about. */
function punishes(closing: Closing, env: Env): (outPoint: OutPoint, tx: Tx) => boolean {
  const { spend, resolved } = closing;
  const commitment = spend?.kind === 'local' ? publishedCommitment(closing, env) : null;
  if (spend === null || commitment === null) return () => false;
  const delayed = new Map(
    claimsOf(closing, spend, env)
      .filter(({ kind }) => kind === 'local-delayed' || kind === 'htlc-delayed')
      .map((claim) => [outPointKey(claim.outPoint), claim]),
  );
  const { txId } = commitment;
  const htlcs = new Map(commitment.htlcs.map((htlc) => [outPointKey({ txId, index: htlc.index }), htlc]));
  return (outPoint, tx) => {
    const key = outPointKey(outPoint);
    const isMined = resolved.get(key)?.at != null;
    if (delayed.has(key) && isMined && !hasWaited(tx, outPoint, commitment.params.local.delay)) return true;
    const output = delayed.get(key) ?? htlcs.get(key);
    const lock = output === undefined ? null : revocationLock(commitment, output);
    return lock !== null && isSignedBy(tx, outPoint, lock);
  };
}

/** So it was, for all that is known: where data was lost, our commitment may as well be the newest. */
export function wasPunished(closing: Closing, env: Env): boolean {
  if (!closing.lostData || closing.resolved.size === 0) return false;
  const isPunishment = punishes(closing, env);
  return [...closing.resolved.values()].some(({ tx }) =>
    tx.inputs.some(({ outPoint }) => isPunishment(outPoint, tx)),
  );
}
