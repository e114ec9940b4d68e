import { outPointKey, type OutPoint } from '../../../base/ids.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import type { TxPurpose } from '../../../bitcoin/watch.ts';
import { buildHtlcTx } from '../../../commitment/claim-tx.ts';
import { isComplete } from '../../../commitment/claim.ts';
import type { ClaimDemand } from '../../claim-demand.ts';
import { signedLocalCommitment } from '../../commitments.ts';
import type { Effect } from '../../effect.ts';
import type { Env } from '../../env.ts';
import type { Closing, FundingSpend } from '../../state.ts';
import { knownSpend, watchFunding } from '../watch-funding.ts';
import { signedByBoth } from '../shutdown/talk.ts';
import { demandOf } from './demand.ts';
import { htlcEnds } from './htlc-ends.ts';

/** All that a closing channel wants of the chain now. The same answer again until something changes there. */
export function pursue(closing: Closing, env: Env): Effect[] {
  const { spend, resolved } = closing;
  const effects = [...watchFunding(closing, spend)];
  // A spend that waits to be mined may be dropped and never come: ours is offered until one of the two is in a block.
  if (spend === null || spend.at === null) effects.push(...publishOurs(closing, env));
  const demand = demandOf(closing, env);
  if (spend !== null) {
    const ends = htlcEnds(closing, env);
    for (const { outPoint, script } of watchedOutputs(spend, demand)) {
      const key = outPointKey(outPoint);
      const htlc = ends.get(key);
      const watch = { tag: 'spent', outPoint, script, ...knownSpend(resolved.get(key)) } as const;
      effects.push({ tag: 'watch', watch: htlc === undefined ? watch : { ...watch, htlc } });
    }
    if (spend.kind === 'revoked' && closing.history === null) effects.push({ tag: 'recall', tx: spend.tx });
    effects.push(...publishComplete(demand, env));
  }
  effects.push({ tag: 'claim', demand });
  return effects;
}

/**
 * Our commitment is to be published: we gave the channel up, and nothing newer is known.
 * BOLT 5 §Failing a Channel: "if the node knows or assumes its channel state is outdated: MUST NOT broadcast its *last
 * commitment transaction*."
 */
const isOurs = ({ failure, lostData }: Closing, env: Env): boolean =>
  failure !== null && !lostData && !env.mayBeStale;

type Output = { readonly outPoint: OutPoint; readonly script: Uint8Array };

/** What is to be claimed; of a commitment that we do not know everything, as who takes an HTLC may show a preimage. */
function watchedOutputs({ kind, tx }: FundingSpend, { open }: ClaimDemand): readonly Output[] {
  const claims = open.map(({ claim }) => claim);
  if (kind !== 'unknown') return claims;
  const txId = txIdOf(tx);
  return [...tx.outputs.map(({ script }, index) => ({ outPoint: { txId, index }, script })), ...claims];
}

function publishOurs(closing: Closing, env: Env): Effect[] {
  const effects: Effect[] = [];
  const [{ fundingTx, confirmed }] = closing.active;
  if (fundingTx !== null && confirmed === null) effects.push(publish(fundingTx, 'funding'));
  // BOLT 5 §Failing a Channel: "if it has received a valid `closing_signed` message that includes a sufficient fee:
  // SHOULD use this fee to perform a mutual close. otherwise: […] MUST broadcast the last commitment transaction"
  if (closing.mutual === null && isOurs(closing, env))
    effects.push(publish(signedLocalCommitment(closing, env), 'local-commitment'));
  // Also when a server showed it to us alone.
  const signed = signedByBoth(closing);
  if (signed !== null) effects.push(publish(signed, 'mutual-close'));
  return effects;
}

const publish = (tx: Tx, purpose: TxPurpose): Effect => ({ tag: 'publish', tx, purpose });

/** HTLC transactions that hold their own fee, which both sides signed and nobody can change: there is nothing to decide. */
function publishComplete({ open }: ClaimDemand, env: Env): Effect[] {
  const due = open.filter(
    ({ claim, from, spent }) =>
      // A spend in no block may be made up, or never be mined.
      isComplete(claim) && (spent === null || spent.at === null) && from !== null && from <= env.height + 1,
  );
  return due.map(({ claim }) =>
    publish(
      env.signer.signClaims(buildHtlcTx(claim), [claim]),
      claim.kind === 'htlc-success' ? 'htlc-success' : 'htlc-timeout',
    ),
  );
}
