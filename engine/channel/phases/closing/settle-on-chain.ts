import { equalBytes, fromHex } from '../../../base/bytes.ts';
import { outPointKey } from '../../../base/ids.ts';
import type { BlockHeight } from '../../../base/units.ts';
import { preimageIn } from '../../../bitcoin/preimage-in.ts';
import { txIdOf } from '../../../bitcoin/tx.ts';
import type { Commitment } from '../../../commitment/commitment.ts';
import { revokedHtlcScripts } from '../../../commitment/penalty.ts';
import type { Effect } from '../../effect.ts';
import type { Env } from '../../env.ts';
import type { HtlcResult } from '../../htlc.ts';
import type { LiveHtlc } from '../../ledger.ts';
import type { Closing, FundingSpend, Outcome } from '../../state.ts';
import type { Work } from '../../work.ts';
import { resultOf } from '../normal/htlc-result.ts';
import { isBuried } from './buried.ts';
import { claimsOf } from './claims.ts';
import { isGivenUp } from './given-up.ts';
import { reopened } from './past.ts';
import { publishedCommitment } from './published.ts';
import { revokedBy } from './revoked.ts';

/** Tells the payer of each outgoing HTLC whose end the chain has decided. */
export function settleOnChain(work: Work, closing: Closing): Closing {
  work.effects.push(...provenAfterAll(work, closing));
  const open = [...closing.ledger.outgoing.values()].filter(({ add }) => !closing.settled.has(add.id));
  if (open.length === 0) return closing;
  const commitment = publishedCommitment(closing, work.env);
  const settled = new Set(closing.settled);
  const outcomes = new Map(closing.outcomes);
  for (const htlc of open) {
    const result = decided(closing, commitment, htlc, work.env);
    if (result === null) continue;
    const { id, origin } = htlc.add;
    settled.add(id);
    if (origin === undefined) continue;
    const outcome: Outcome = { origin, result };
    outcomes.set(id, outcome);
    work.effects.push({ tag: 'settle', id, ...outcome });
  }
  return settled.size === closing.settled.size ? closing : { ...closing, settled, outcomes };
}

/**
 * A chain that goes back behind the end of HTLCs leaves their outputs to who has the preimage: whoever was told that they
 * had failed is told that they were paid. With the step that shows it.
 */
function provenAfterAll(work: Work, closing: Closing): Effect[] {
  const { durable } = work;
  const before = durable?.phase === 'closed' ? reopened(durable) : durable;
  if (before?.phase !== 'closing' || before.resolved === closing.resolved) return [];
  return [...closing.ledger.outgoing.values()].flatMap(({ add: { id, origin, paymentHash } }): Effect[] => {
    if (origin === undefined || !closing.settled.has(id)) return [];
    const hash = fromHex(paymentHash);
    const preimage = shownBy(closing, hash);
    if (preimage === null || shownBy(before, hash) !== null) return [];
    return [{ tag: 'settle', id, origin, result: { tag: 'fulfilled', preimage } }];
  });
}

function shownBy({ spend, resolved }: Closing, hash: Uint8Array): Uint8Array | null {
  if (spend === null) return null;
  const txId = txIdOf(spend.tx);
  for (const { tx } of resolved.values()) {
    const preimage = preimageIn(tx, (outPoint) => outPoint.txId === txId, hash);
    if (preimage !== null) return preimage;
  }
  return null;
}

function decided(
  closing: Closing,
  commitment: Commitment | null,
  htlc: LiveHtlc,
  env: Env,
): HtlcResult | null {
  const { add, removal } = htlc;
  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "if the payment preimage is known: MUST fulfill the
  // corresponding incoming HTLC (if any)." The payer counts as one.
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Local Offers: "if the payment preimage is known: MUST fulfill the
  // corresponding incoming HTLC (if any)."
  if (removal?.tag === 'fulfill') return resultOf(removal);
  const { spend, resolved } = closing;
  if (spend === null) return null;
  if (commitment === null && spend.kind !== 'mutual') return decidedByTime(closing, spend, htlc, env);
  const output = commitment?.htlcs.find(({ htlc }) => htlc.direction === 'outgoing' && htlc.id === add.id);
  if (commitment === null || output === undefined) {
    // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "for any committed HTLC that does NOT have an output in
    // this commitment transaction: […] once the commitment transaction has reached reasonable depth: MUST fail the
    // corresponding incoming HTLC (if any)."
    // BOLT 5 §HTLC Output Handling: Remote Commitment, Local Offers: "once the commitment transaction has reached reasonable
    // depth: MUST fail the corresponding incoming HTLC (if any)."
    return isBuried(spend.at, env) ? endOf(closing, htlc) : null;
  }
  const outPoint = { txId: commitment.txId, index: output.index };
  const taken = resolved.get(outPointKey(outPoint));
  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "if the commitment transaction HTLC output is spent using
  // the payment preimage, the output is considered *irrevocably resolved*: MUST extract the payment preimage from the
  // transaction input witness."
  // BOLT 5 §HTLC Output Handling: Remote Commitment, Local Offers: "MUST extract the payment preimage from the HTLC-success
  // transaction input witness."
  const preimage =
    taken && preimageIn(taken.tx, ({ txId }) => txId === commitment.txId, fromHex(add.paymentHash));
  if (preimage) return { tag: 'fulfilled', preimage };
  // BOLT 5 §HTLC Output Handling: Local Commitment, Local Offers: "once the resolving transaction has reached reasonable
  // depth: MUST fail the corresponding incoming HTLC (if any)."
  if (taken !== undefined && isBuried(taken.at, env)) return timedOut(closing);
  if (!isBuried(spend.at, env) || !isLongOver(add.cltvExpiry, env)) return null;
  // Nobody will ever time it out where that costs more than it brings.
  const isLeft = claimsOf(closing, spend, env).some(
    (claim) => outPointKey(claim.outPoint) === outPointKey(outPoint) && isGivenUp(closing, spend, claim, env),
  );
  return isLeft ? timedOut(closing) : null;
}

/** Where data was lost, a commitment of ours may be revoked, and hold HTLCs of before, which may have been paid since. */
const timedOut = ({ lostData, spend }: Closing): HtlcResult => ({
  tag: 'abandoned',
  cause: lostData && spend?.kind === 'local' ? 'state-lost' : 'timed-out-on-chain',
});

/**
 * In a commitment that we cannot make: a revoked one, or one from after our state was lost. Whoever was to be paid may
 * still show the preimage until the HTLC is over, whether it has an output here or not: told as failed before, the
 * payment would be tried another way and paid twice.
 */
function decidedByTime(closing: Closing, spend: FundingSpend, htlc: LiveHtlc, env: Env): HtlcResult | null {
  // BOLT 5 §Revoked Transaction Close Handling: "SHOULD extract the payment preimage from the transaction input witness,
  // if it's not already known."
  const preimage = shownBy(closing, fromHex(htlc.add.paymentHash));
  if (preimage !== null) return { tag: 'fulfilled', preimage };
  if (!isBuried(spend.at, env) || !isLongOver(htlc.add.cltvExpiry, env)) return null;
  return isUndecided(closing, spend, htlc, env) ? null : endOf(closing, htlc);
}

/** It has an output that we may take, and that the peer may take as well as long as ours is not deep. */
function isUndecided(closing: Closing, spend: FundingSpend, { add }: LiveHtlc, env: Env): boolean {
  const revoked = revokedBy(closing, spend.tx);
  if (spend.kind !== 'revoked' || revoked === null) return false;
  const script = revokedHtlcScripts(revoked)(add);
  return claimsOf(closing, spend, env).some(
    (claim) =>
      equalBytes(claim.script, script) &&
      !isGivenUp(closing, spend, claim, env) &&
      !isBuried(closing.resolved.get(outPointKey(claim.outPoint))?.at ?? null, env),
  );
}

/** Where our state was lost, it may have been paid in a later one: told as failed, it would be paid again. */
const endOf = ({ lostData }: Closing, { removal }: LiveHtlc): HtlcResult =>
  removal === null
    ? { tag: 'abandoned', cause: lostData ? 'state-lost' : 'channel-closed' }
    : resultOf(removal);

/** As deep as nothing steps back from. */
const isLongOver = (expiry: BlockHeight, { height, config }: Env): boolean =>
  height >= expiry + config.irrevocableDepth;
