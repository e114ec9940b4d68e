import type { Tx } from '../../../bitcoin/tx.ts';
import type { TxPurpose } from '../../../bitcoin/watch.ts';
import { buildHtlcTx } from '../../../commitment/claim-tx.ts';
import { isComplete } from '../../../commitment/claim.ts';
import type { ClaimDemand } from '../../claim-demand.ts';
import { signedLocalCommitment } from '../../commitments.ts';
import type { Effect } from '../../effect.ts';
import type { Env } from '../../env.ts';
import type { Closing } from '../../state.ts';
import { watchFunding } from '../watch-funding.ts';
import { demandOf } from './demand.ts';

/** All that a closing channel wants of the chain now. The same answer again until something changes there. */
export function pursue(closing: Closing, env: Env): Effect[] {
  const effects = [...watchFunding(closing)];
  const { spend } = closing;
  // A spend that waits to be mined may be dropped and never come: ours is offered until one of the two is in a block.
  if (spend === null || spend.at === null) effects.push(...publishOurs(closing, env));
  const demand = demandOf(closing, env);
  if (spend !== null) {
    for (const { claim } of demand.open)
      effects.push({
        tag: 'watch',
        watch: { tag: 'spent', outPoint: claim.outPoint, script: claim.script },
      });
    effects.push(...publishComplete(demand, env));
  }
  effects.push({ tag: 'claim', demand });
  return effects;
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

/** HTLC transactions that hold their own fee, which both sides signed and nobody can change: there is nothing to decide. */
function publishComplete({ open }: ClaimDemand, env: Env): Effect[] {
  const due = open.filter(
    ({ claim, from, spent }) =>
      isComplete(claim) && spent === null && from !== null && from <= env.height + 1,
  );
  return due.map(({ claim }) =>
    publish(
      env.signer.signClaims(buildHtlcTx(claim), [claim]),
      claim.kind === 'htlc-success' ? 'htlc-success' : 'htlc-timeout',
    ),
  );
}
