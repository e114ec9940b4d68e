import { outPointKey, type TxId } from '../../../base/ids.ts';
import { blockHeight, sat, type Sat } from '../../../base/units.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import type { Claim } from '../../../commitment/claim.ts';
import type { Commitment } from '../../../commitment/commitment.ts';
import { anchorClaim } from '../../../commitment/local-claims.ts';
import { mostFeeFor } from '../../claim-worth.ts';
import { NO_DEMAND, type ClaimDemand, type Lift, type OpenClaim } from '../../claim-demand.ts';
import {
  localCommitment,
  remoteCommitment,
  signedLocalCommitment,
  unackedCommitment,
} from '../../commitments.ts';
import type { Env } from '../../env.ts';
import { isUnseen } from '../../funded.ts';
import type { Closing, FundingSpend } from '../../state.ts';
import { claimsOf } from './claims.ts';
import { deadlineOf, isContested } from './deadline.ts';
import { confirmationOf, firstBlock } from './due.ts';
import { wasPunished } from './punished.ts';

/** Blocks that claims of a commitment's outputs need for themselves, once it is in a block. */
const SECOND_STAGE_BLOCKS = 6;

/** What the channel wants of the chain beside its commitment: the same again until something changes there. */
export function demandOf(closing: Closing, env: Env): ClaimDemand {
  const spend = closing.spend ?? ownSpend(closing, env);
  if (spend === null) return NO_DEMAND;
  const open = claimsOf(closing, spend, env).map((claim) => openClaim(closing, spend, claim));
  // Nothing is paid for having a revoked commitment of ours mined. Asked where it matters: it verifies signatures.
  const isWanted = spend.at === null && !mayNeverBe(closing) && !wasPunished(closing, env);
  const lift = isWanted ? liftFor(closing, spend, open, env) : null;
  return { open, lift, lost: spend.at === null ? [] : lostCommitments(closing, spend, env) };
}

/**
 * A peer that never publishes the funding transaction that it told us of would hold coins of ours for a child of what
 * cannot be. Without payments in the channel nothing is lost by it being in a block first. With them it was in one, or its
 * opener is trusted: then no mempool takes the child where nobody has shown that transaction.
 */
const mayNeverBe = (closing: Closing): boolean => {
  const { params, active, ledger, spend } = closing;
  if (params.opener === 'local' || active[0].confirmed !== null || spend !== null) return false;
  const isShown = params.minimumDepth > 0 || !isUnseen(closing);
  return !isShown || ledger.incoming.size + ledger.outgoing.size === 0;
};

/** Our commitment, while nothing is known to spend the funding output. */
function ownSpend(closing: Closing, env: Env): FundingSpend | null {
  if (closing.failure === null || closing.mutual !== null || closing.lostData || env.mayBeStale) return null;
  return { kind: 'local', tx: signedLocalCommitment(closing, env), at: null };
}

function openClaim(closing: Closing, spend: FundingSpend, claim: Claim): OpenClaim {
  const made = confirmationOf(closing, spend, claim);
  const spent = closing.resolved.get(outPointKey(claim.outPoint));
  return {
    claim,
    from: firstBlock(claim, made),
    deadline: deadlineOf(closing, claim, made),
    contested: isContested(claim),
    spent: spent === undefined ? null : { txId: txIdOf(spent.tx), at: spent.at },
  };
}

/** What is in no block and cannot be lifted (a closing transaction, a commitment of another state) holds ours back no more than any other: see pursue.ts. */
function liftFor(closing: Closing, spend: FundingSpend, open: readonly OpenClaim[], env: Env): Lift | null {
  const lifted = commitmentOf(closing, spend, env) === null ? ownSpend(closing, env) : spend;
  if (lifted === spend || lifted === null) return liftOf(closing, spend, open, env);
  const own = claimsOf(closing, lifted, env).map((claim) => openClaim(closing, lifted, claim));
  return liftOf(closing, lifted, own, env);
}

function liftOf(closing: Closing, spend: FundingSpend, open: readonly OpenClaim[], env: Env): Lift | null {
  const commitment = commitmentOf(closing, spend, env);
  const anchor = commitment && anchorClaim(commitment);
  if (commitment === null || anchor === null) return null;
  const expiries = open.flatMap(({ deadline }) => deadline ?? []);
  const urgent = open.filter(({ deadline }) => deadline !== null);
  const waiting = urgent.length > 0 ? urgent : open;
  return {
    owner: commitment.owner,
    parent: spend.tx,
    fee: feeOfSpend(closing, spend.tx),
    anchor,
    deadline:
      expiries.length === 0 ? null : blockHeight(Math.max(0, Math.min(...expiries) - SECOND_STAGE_BLOCKS)),
    atRisk: sumOf(waiting.map(({ claim }) => claim.amount)),
    mostFee: sumOf(waiting.map(({ claim }) => mostFeeFor(claim.amount))),
    mostAtLeisure: sumOf(open.map(({ claim }) => mostFeeFor(claim.amount))),
  };
}

/** The commitment that spends the funding output, when it is one that we can make and that is not revoked. */
function commitmentOf(closing: Closing, { kind }: FundingSpend, env: Env): Commitment | null {
  const { params, ledger } = closing;
  const [active] = closing.active;
  switch (kind) {
    case 'local':
      return localCommitment(params, ledger, active, env);
    case 'remote':
      return remoteCommitment(params, ledger, active);
    case 'remote-next':
      return unackedCommitment(params, ledger, active);
    case 'mutual':
    case 'revoked':
    case 'unknown':
      return null;
  }
}

function lostCommitments(closing: Closing, spend: FundingSpend, env: Env): TxId[] {
  const { params, ledger } = closing;
  const [active] = closing.active;
  const all = [localCommitment(params, ledger, active, env), remoteCommitment(params, ledger, active)];
  if (ledger.unacked !== null && ledger.remoteNextPoint !== null)
    all.push(unackedCommitment(params, ledger, active));
  const won = txIdOf(spend.tx);
  return all.map(({ txId }) => txId).filter((txId) => txId !== won);
}

function feeOfSpend({ active }: Closing, tx: Tx): Sat {
  const spent = tx.inputs[0]?.outPoint;
  const funding = active.find(
    ({ funding: { outPoint } }) => spent !== undefined && outPointKey(outPoint) === outPointKey(spent),
  );
  const paid = tx.outputs.reduce((sum, { amount }) => sum + amount, 0n);
  const put = funding?.funding.amount ?? paid;
  return sat(put > paid ? put - paid : 0n);
}

const sumOf = (amounts: readonly Sat[]): Sat => sat(amounts.reduce((sum, amount) => sum + amount, 0n));
