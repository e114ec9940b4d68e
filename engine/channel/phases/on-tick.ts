import { FAILURES } from '../closing-cause.ts';
import { expiring, fulfilledDue, timedOut } from '../due.ts';
import { localCommitment } from '../commitments.ts';
import type { Env } from '../env.ts';
import type { ChannelEvent } from '../event.ts';
import type { Moment } from '../session.ts';
import { isLive, type Closing, type Core, type Live } from '../state.ts';
import { isUnproven } from '../unproven.ts';
import type { Work } from '../work.ts';
import { failChannel, giveUpMutual } from './closing/fail.ts';
import { forgetPast } from './closing/past.ts';
import { progress } from './closing/progress.ts';
import { endedByRival } from './pending/funding-rival.ts';
import { askForSignature } from './normal/ask-for-signature.ts';
import { followFeerate } from './normal/update-fee.ts';
import { dropWhoDoesNotSign } from './shutdown/simple-close.ts';

type Tick = Pick<Extract<ChannelEvent, { tag: 'tick' }>, 'isBlind' | 'hasSlept'>;

/**
 * A new block, or new fee rates. `isBlind`: what became of what is watched is not known: only what has no time left is
 * acted on, and nobody is blamed for what cannot be seen.
 */
export function onTick(work: Work, tick: Tick): void {
  const isBlind = tick.isBlind === true;
  if (tick.hasSlept === true) noteAwake(work);
  const { durable } = work;
  if (durable === null || endedByRival(work, durable)) return;
  if (durable.phase === 'closed') work.durable = forgetPast(durable, work.env);
  else if (durable.phase === 'closing') onClosingTick(work, durable, isBlind);
  else if (isLive(durable)) {
    const urgent = expiring(work.env, durable);
    if (urgent !== null && !mayBeSettled(work, durable)) return failChannel(work, urgent);
    if (isBlind || urgent !== null) return followFeerate(work);
    const reason = overdue(work, durable);
    if (reason === null) {
      forgetOverdue(work);
      followFeerate(work);
      askForSignature(work);
      dropWhoDoesNotSign(work);
    } else if (hadItsChance(work) && !isJustAwake(work)) {
      if (durable.phase === 'negotiating') giveUpMutual(work, durable, reason);
      else failChannel(work, reason);
    }
  }
}

function onClosingTick(work: Work, closing: Closing, isBlind: boolean): void {
  if (isBlind) return progress(work, { ...closing, failure: closing.failure ?? held(work, closing) });
  if (!isUnmined(work, closing)) forgetOverdue(work);
  else if (hadItsChance(work) && !isJustAwake(work)) return giveUpMutual(work, closing, FAILURES.unmined);
  progress(work, { ...closing, failure: closing.failure ?? held(work, closing) });
  dropWhoDoesNotSign(work);
}

/** A closing transaction that both signed, that nobody raised, and that no block takes. */
function isUnmined({ env }: Work, closing: Closing): boolean {
  const { height, config, mayBeStale } = env;
  const { talk, lostData, mutual, spend, failure } = closing;
  if (talk === null || lostData || mayBeStale || (spend !== null && spend.at !== null)) return false;
  const isSeen = spend?.kind === 'mutual';
  if (mutual === null && !(isSeen && failure === null)) return false;
  // Keys of a commitment are derived only once its time has come.
  return (
    height >= talk.since + (isSeen ? config.closingPatience : config.closingTimeout) && paysUs(closing, env)
  );
}

/** Our commitment is worth publishing where nobody but us waits: by then no HTLC is left in it. */
const paysUs = ({ params, ledger, active: [latest] }: Core, env: Env): boolean =>
  localCommitment(params, ledger, latest, env).outputs.some(({ role }) => role === 'owner');

/**
 * The peer's commitment was seen and is in no block: it may have been shown to us alone, or never be mined. Why ours has to
 * go to the chain beside it; null while there is time.
 */
function held(work: Work, closing: Closing): string | null {
  const { spend, lostData, mutual } = closing;
  if (spend === null || spend.at !== null || spend.kind === 'mutual' || lostData || mutual !== null)
    return null;
  return expiring(work.env, closing) ?? timedOut(work.env, closing);
}

/**
 * Seconds since a start, or since the machine woke, in which a peer that can be reached has said its word, and blocks where the
 * clock stands still.
 */
const WORD_SECONDS = 120;
const WORD_BLOCKS = 3;
/** A day: for as long, short spells of being awake, or servers that make them look so, may put off what is overdue. */
const NAPS_BLOCKS = 144;

/**
 * Whether the peer could have put right what is overdue. A wallet is away for days, and its first look at the chain
 * comes before its first word with the peer: what became overdue meanwhile is the peer's to say, for a block while it
 * is connected, for some while it is not, over restarts; and after each of them for WORD_SECONDS at the least. Nothing of
 * this loses money by waiting: these HTLCs are ours alone.
 */
function hadItsChance(work: Work): boolean {
  const { env } = work;
  if (work.session.link === 'opening') return true;
  const isFirst = noteOverdue(work);
  const { session, durable } = work;
  if (isFirst || session.overdue === undefined) return false;
  const at = durable?.overdueAt ?? session.overdue.at;
  const isOver =
    env.height >= at + (session.link === 'ready' || session.link === 'over' ? 1 : env.config.absenceGrace);
  return isOver && (at === session.overdue.at || !hasWord(work));
}

/** That it is, on disk too while the channel is live. True: since now. */
function noteOverdue(work: Work): boolean {
  const { session, durable, env } = work;
  if (session.link === 'opening' || session.overdue !== undefined) return false;
  work.session = { ...session, overdue: { at: env.height, since: env.now } };
  if (durable !== null && isLive(durable) && durable.overdueAt === undefined)
    work.durable = { ...durable, overdueAt: env.height };
  return true;
}

/** The first minutes since it was seen in this life of the process are not over. */
function hasWord({ session, env }: Work): boolean {
  return session.link !== 'opening' && session.overdue !== undefined && isRecent(session.overdue, env);
}

const isRecent = ({ at, since }: Moment, { now, height }: Env): boolean =>
  now < since + WORD_SECONDS && height < at + WORD_BLOCKS;

function noteAwake(work: Work): void {
  const { session, env } = work;
  if (session.link !== 'opening') work.session = { ...session, woke: { at: env.height, since: env.now } };
}

/**
 * The first look after a sleep comes before the first word of the peer, as after a start, and what looks connected may be dead.
 * What we fulfilled does not wait for it: there is money in that.
 */
function isJustAwake({ session, durable, env }: Work): boolean {
  if (session.link === 'opening' || session.woke === undefined) return false;
  const since = durable?.overdueAt ?? session.overdue?.at ?? env.height;
  return env.height < since + NAPS_BLOCKS && isRecent(session.woke, env);
}

/**
 * Whether what we fulfilled, as the disk has it, was settled long ago, for all we know: the disk may be an old copy, our
 * commitment revoked, and the peer, who would say so, was not heard yet. One that has not expired waits for it some
 * minutes; one that has, which the peer could have taken back since, as long as anything that is overdue. A peer that has
 * come back meanwhile has the block to answer what we sent.
 */
function mayBeSettled(work: Work, channel: Live): boolean {
  const { session, env } = work;
  if (session.link === 'opening') return false;
  if (!isUnproven(work)) return session.link === 'ready' && session.overdue?.at === env.height;
  const isExpired = fulfilledDue(env, channel).every(({ cltvExpiry }) => env.height >= cltvExpiry);
  if (isExpired) return !hadItsChance(work);
  return noteOverdue(work) || hasWord(work);
}

function forgetOverdue(work: Work): void {
  if ('overdue' in work.session) {
    const { overdue: _, ...session } = work.session;
    work.session = session;
  }
  if (work.durable?.overdueAt !== undefined) {
    const { overdueAt: _, ...durable } = work.durable;
    work.durable = durable;
  }
}

/** Why the chain has to decide now that the peer does not; null when it has not. */
function overdue(work: Work, channel: Live): string | null {
  const { env } = work;
  const { height, config } = env;
  const late = timedOut(env, channel);
  if (late !== null) return late;
  // BOLT 2 §closing_signed: "MUST fail the channel if it doesn't receive a satisfying `fee_range` after a reasonable
  // amount of time"
  // BOLT 2 §closing_signed: "if it doesn't receive a `closing_signed` response after a reasonable amount of time: MUST
  // fail the channel"
  // And where what both signed is known to no server after as long: it pays too little, and would never be mined.
  if (channel.phase === 'negotiating' && height >= channel.since + config.closingTimeout) {
    if (channel.mutual === null) return FAILURES.feeNotAgreed;
    if (paysUs(channel, env)) return FAILURES.unmined;
  }
  const { failedAt } = channel;
  const patience = channel.phase === 'negotiating' ? 1 : config.failurePatience;
  if (failedAt !== undefined && height >= failedAt + patience) return FAILURES.peerError;
  const [{ confirmed }] = channel.active;
  // BOLT 2 §channel_ready: the fundee "SHOULD forget the channel if it does not see the correct funding transaction
  // after a timeout of 2016 blocks."
  if (channel.params.opener === 'remote' && confirmed === null && !channel.readySent)
    if (height >= channel.createdAt + config.fundingTimeout) return FAILURES.notFunded;
  return null;
}
