import { outPointKey } from '../../../base/ids.ts';
import type { BlockHeight } from '../../../base/units.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import type { Confirmation, TxPurpose } from '../../../bitcoin/watch.ts';
import { buildClaimTx, buildHtlcTx } from '../../../commitment/claim-tx.ts';
import type { Claim } from '../../../commitment/claim.ts';
import { signedLocalCommitment } from '../../commitments.ts';
import type { Effect } from '../../effect.ts';
import type { Env } from '../../env.ts';
import type { Closing } from '../../state.ts';
import { watchFunding } from '../watch-funding.ts';
import { claimsOf } from './claims.ts';

/** All that a closing channel wants of the chain now. The same answer again until something changes there. */
export function pursue(closing: Closing, env: Env): Effect[] {
  const effects = [...watchFunding(closing)];
  const { spend } = closing;
  // A spend that waits to be mined may be dropped and never come: ours is offered until one of the two is in a block.
  if (spend === null || spend.at === null) effects.push(...publishOurs(closing, env));
  if (spend === null) return effects;
  const claims = claimsOf(closing, spend, env);
  for (const { outPoint, script } of claims)
    effects.push({ tag: 'watch', watch: { tag: 'spent', outPoint, script } });
  const open = claims.filter(({ outPoint }) => !closing.resolved.has(outPointKey(outPoint)));
  const due = open.filter((claim) => isDue(claim, confirmationOf(closing, claim), env.height));
  return [...effects, ...publishClaims(due, env)];
}

function publishOurs(closing: Closing, env: Env): Effect[] {
  const effects: Effect[] = [];
  const [{ fundingTx, confirmed }] = closing.active;
  if (fundingTx !== null && confirmed === null) effects.push(publish(fundingTx, 'funding'));
  // BOLT 5 §Failing a Channel: "if it has received a valid `closing_signed` message that includes a sufficient fee:
  // SHOULD use this fee to perform a mutual close. otherwise: […] MUST broadcast the last commitment transaction"
  if (closing.mutual !== null) effects.push(publish(closing.mutual, 'mutual-close'));
  else if (closing.failure !== null && !env.mayBeStale)
    effects.push(publish(signedLocalCommitment(closing, env), 'local-commitment'));
  return effects;
}

const publish = (tx: Tx, purpose: TxPurpose): Effect => ({ tag: 'publish', tx, purpose });

/** Where the transaction stands that made the output. */
function confirmationOf({ spend, resolved }: Closing, claim: Claim): Confirmation | null {
  if (spend === null) return null;
  if (claim.outPoint.txId === txIdOf(spend.tx)) return spend.at;
  for (const { tx, at } of resolved.values()) if (txIdOf(tx) === claim.outPoint.txId) return at;
  return null;
}

/** Whether a spend of the output would be taken into the next block. */
function isDue(claim: Claim, made: Confirmation | null, height: BlockHeight): boolean {
  const { sequence, lockTime } = claim;
  if (lockTime > height) return false;
  const delay = relativeDelay(sequence);
  // BOLT 5: "MUST wait until the `OP_CHECKSEQUENCEVERIFY` delay has passed"
  return delay === 0 || (made !== null && height + 1 >= made.height + delay);
}

/** BIP 68: blocks that an input with this sequence has to wait. */
export const relativeDelay = (sequence: number): number => (sequence >>> 31 === 1 ? 0 : sequence & 0xffff);

function publishClaims(due: readonly Claim[], env: Env): Effect[] {
  const effects: Effect[] = [];
  for (const claim of due) {
    // With anchors an HTLC transaction needs inputs of the wallet for its fee: it is not ours to publish.
    if (claim.pairedOutput === undefined || claim.pairedOutput.amount === claim.amount) continue;
    const purpose = claim.kind === 'htlc-success' ? 'htlc-success' : 'htlc-timeout';
    effects.push(publish(env.signer.signClaims(buildHtlcTx(claim), [claim]), purpose));
  }
  const plain = due.filter(({ pairedOutput }) => pairedOutput === undefined);
  // One by one: together they would be as late as the latest, and as dear to replace as the dearest.
  for (const claim of plain) {
    const built = buildClaimTx([claim], env.closingScript, env.feerates.normal);
    if (!built.ok) continue;
    const purpose = claim.kind.endsWith('penalty') ? 'penalty' : 'claim';
    effects.push(publish(env.signer.signClaims(built.value, [claim]), purpose));
  }
  return effects;
}
