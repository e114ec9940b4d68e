import { outPointKey } from '../../../base/ids.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import type { ChainEvent } from '../../../bitcoin/watch.ts';
import { isSignedByBoth } from '../../../commitment/funding.ts';
import type { Funding } from '../../../commitment/params.ts';
import { commitmentNumberOf } from '../../../commitment/number.ts';
import { localCommitment, remoteCommitment, unackedCommitment } from '../../commitments.ts';
import type { Env } from '../../env.ts';
import { commitmentParams } from '../../params.ts';
import {
  coreOf,
  isLive,
  type Closing,
  type Core,
  type Durable,
  type FundingSpend,
  type SpendKind,
} from '../../state.ts';
import type { Work } from '../../work.ts';
import { forgetUnsigned } from '../forget-unsigned.ts';
import { rivalReorged, rivalSpent } from '../pending/funding-rival.ts';
import { isSimple } from '../shutdown/simple-close.ts';
import { anew, signedSoFar } from '../shutdown/talk.ts';
import { sendError } from '../send-error.ts';
import { watchFunding } from '../watch-funding.ts';
import { concerns, isOtherwise, mightBe, reopened } from './past.ts';
import { progress } from './progress.ts';
import { isPunished } from './punished.ts';

type Spent = ChainEvent & { readonly tag: 'spent' };

/** The funding output, or an output that we wanted to claim, is spent. */
export function onSpent(work: Work, known: Durable, event: Spent): void {
  if (mightBe(known)) return void rivalSpent(work, known, event);
  const channel = known.phase === 'closed' ? reopened(known) : known;
  if (channel === null || rivalSpent(work, channel, event)) return;
  if (known.phase === 'closed' && channel.phase === 'closing' && !isOtherwise(channel, event)) return;
  const spent = channel.active.find(
    ({ funding }) => outPointKey(funding.outPoint) === outPointKey(event.outPoint),
  );
  if (event.at === null && !isBelievable(channel, spent?.funding ?? null, event)) return;
  const closing =
    spent === undefined ? outputSpent(work, channel, event) : fundingSpent(work, channel, event);
  if (closing !== null) progress(work, closing);
}

/**
 * BOLT 5 §General Nomenclature: "SHOULD ignore invalid transactions."
 * What is in no block is only what a server says. It may not end a channel by a transaction that nobody signed, nor take
 * the place of what is in a block: before that changes, we are told that the block is gone.
 */
function isBelievable(
  channel: Exclude<Durable, { phase: 'closed' }>,
  funding: Funding | null,
  { tx, outPoint }: Spent,
): boolean {
  if (funding !== null && !isSignedByBoth(tx, funding)) return false;
  if (channel.phase !== 'closing') return true;
  const known = funding === null ? channel.resolved.get(outPointKey(outPoint)) : channel.spend;
  return known?.at == null || txIdOf(known.tx) === txIdOf(tx);
}

function fundingSpent(work: Work, channel: Exclude<Durable, { phase: 'closed' }>, event: Spent): Closing {
  const kind = kindOf(channel, event.tx, work.env);
  const spend = { kind, tx: event.tx, at: event.at };
  // BOLT 5 §General Requirements: "MUST warn the user of potentially lost funds."
  // BOLT 5 §Unilateral Close Handling: Remote Commitment Transaction: "otherwise (it is NOT able to handle the broadcast for
  // some reason): MUST inform the user of potentially lost funds."
  const lostData = provesLoss(channel, kind);
  if (lostData && isNews(channel, spend))
    work.notify({ tag: 'data-loss', channelId: channel.params.channelId });
  work.notify({ tag: 'spent', kind, txId: txIdOf(event.tx), at: event.at?.height ?? null });
  if (channel.phase === 'closing') {
    const isHeard = work.session.link === 'ready' || work.session.link === 'syncing';
    if (isHeard && (event.at !== null || kind !== 'mutual')) work.session = { link: 'over' };
    // Another spend than before: what was known of outputs of the other does not hold.
    const known = { ...channel, spend, lostData: channel.lostData || lostData };
    if (channel.spend !== null && txIdOf(channel.spend.tx) === txIdOf(event.tx)) return known;
    return { ...known, resolved: new Map(), history: null };
  }
  // BOLT 5 §General Nomenclature: "upon the funding transaction being spent, if the channel is NOT already closed: MAY
  // send a descriptive `error`. SHOULD fail the channel."
  if (work.session.link === 'ready' || work.session.link === 'syncing') {
    if (kind !== 'mutual') sendError(work, 'the funding output is spent');
    // Until it is in a block either may offer one that pays more: BOLT 2 §closing_complete.
    const mayBeReplaced =
      kind === 'mutual' && event.at === null && isSimple(work.env, work.session.remoteFeatures);
    if (!mayBeReplaced) work.session = { link: 'over' };
  }
  const core: Core = isLive(channel) ? forgetUnsigned(work, channel) : channel;
  return {
    ...coreOf(core),
    phase: 'closing',
    failure: null,
    ...signedSoFar(channel),
    spend,
    resolved: new Map(),
    settled: new Set(),
    history: null,
    lostData: channel.phase === 'data-loss' || lostData,
  };
}

/**
 * A commitment that we signed and do not know, or a closing transaction where this state never signed one: somebody put an
 * old copy of our disk back, and our commitment is revoked.
 * BOLT 5 §Failing a Channel: "if the node knows or assumes its channel state is outdated: MUST NOT broadcast its *last
 * commitment transaction*."
 */
const provesLoss = ({ phase }: Durable, kind: SpendKind): boolean =>
  kind === 'unknown' || (kind === 'mutual' && phase !== 'negotiating' && phase !== 'closing');

/** Nobody was told so far that our state is old, or that this is what became of it. */
function isNews(channel: Exclude<Durable, { phase: 'closed' }>, { tx }: FundingSpend): boolean {
  if (channel.phase !== 'closing') return channel.phase !== 'data-loss';
  return !channel.lostData && (channel.spend === null || txIdOf(channel.spend.tx) !== txIdOf(tx));
}

/** Whose transaction spends the funding output. */
export function kindOf({ params, ledger, active }: Core, tx: Tx, env: Env): SpendKind {
  const [latest] = active;
  const number = commitmentNumberOf(commitmentParams(params, latest.funding), tx);
  // Nothing spends the funding output without our signature: what is no commitment is a closing transaction.
  if (number === null) return 'mutual';
  const txId = txIdOf(tx);
  if (txId === localCommitment(params, ledger, latest, env).txId) return 'local';
  if (txId === remoteCommitment(params, ledger, latest).txId) return 'remote';
  if (ledger.unacked !== null && txId === unackedCommitment(params, ledger, latest).txId)
    return 'remote-next';
  return number < ledger.remoteNumber ? 'revoked' : 'unknown';
}

function outputSpent(work: Work, channel: Durable, event: Spent): Closing | null {
  if (channel.phase !== 'closing' || channel.spend === null) return null;
  const { outPoint, tx, at } = event;
  const resolved = new Map(channel.resolved).set(outPointKey(outPoint), { tx, at });
  const closing = { ...channel, resolved };
  if (channel.lostData || !isPunished(closing, outPoint, tx, work.env)) return closing;
  work.notify({ tag: 'data-loss', channelId: channel.params.channelId });
  return { ...closing, lostData: true };
}

/**
 * A transaction is not in the best chain any more.
 * BOLT 5 §General Nomenclature: "MUST be prepared to resolve outputs multiple times, in case of blockchain
 * reorganizations."
 */
export function onReorged(
  work: Work,
  channel: Durable,
  { txId }: ChainEvent & { readonly tag: 'reorged' },
): void {
  const [first, ...rest] = channel.active.map((active) =>
    active.funding.outPoint.txId === txId ? { ...active, confirmed: null } : active,
  );
  if (first === undefined) return;
  const moved: Durable = rivalReorged({ ...channel, active: [first, ...rest] }, txId);
  const before = moved.phase === 'closed' ? reopened(moved) : moved;
  const isBack = before?.phase === 'closing' && (moved.phase === 'closing' || concerns(before, txId));
  if (!isBack) {
    work.durable = moved;
    // Its coins can be spent otherwise again.
    if (moved.active.some((active, n) => active.confirmed !== channel.active[n]?.confirmed))
      work.effects.push(...watchFunding(moved, before?.phase === 'closing' ? before.spend : null));
    // Whoever made it has it mined again; another server may never have heard of it.
    if (isLive(moved))
      for (const { fundingTx, confirmed } of moved.active)
        if (fundingTx !== null && confirmed === null)
          work.effects.push({ tag: 'publish', tx: fundingTx, purpose: 'funding' });
    return;
  }
  const unconfirmed = <T extends { readonly tx: Tx }>(known: T): T =>
    txIdOf(known.tx) === txId ? { ...known, at: null } : known;
  const { spend, talk } = before;
  const isMutual = spend?.kind === 'mutual' && txIdOf(spend.tx) === txId;
  const closing: Closing = {
    ...before,
    // It was good enough for a block once: it has its time again.
    talk: talk !== null && isMutual ? { ...talk, since: anew(work.env, talk.since, true) } : talk,
    spend: before.spend === null ? null : unconfirmed(before.spend),
    resolved: new Map([...before.resolved].map(([key, known]) => [key, unconfirmed(known)])),
  };
  progress(work, closing);
}
