import { outPointKey, type CommandId } from '../../../base/ids.ts';
import { sat } from '../../../base/units.ts';
import { txIdOf, type Tx } from '../../../bitcoin/tx.ts';
import type { ChainEvent } from '../../../bitcoin/watch.ts';
import { NO_DEMAND } from '../../claim-demand.ts';
import { FAILURES } from '../../closing-cause.ts';
import {
  coreOf,
  isLive,
  type ActiveCommitment,
  type Core,
  type Durable,
  type FundingRival,
} from '../../state.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';
import { isBuried } from '../closing/buried.ts';
import { resultOf } from '../normal/htlc-result.ts';
import { forgetUnsigned } from '../forget-unsigned.ts';
import { sendError } from '../send-error.ts';
import { signedSoFar } from '../shutdown/talk.ts';
import { watchFunding } from '../watch-funding.ts';

/** The command `funding-seen`: from now on it is watched what else spends the same coins. */
export function fundingSeen(work: Work, id: CommandId, tx: Tx): void {
  const { durable } = work;
  const active = durable?.active[0];
  if (!durable || !active || txIdOf(tx) !== active.funding.outPoint.txId || active.confirmed !== null)
    return work.refuse(id, { code: 'channel-not-ready', status: statusOf(work) });
  work.succeed(id);
  if (active.fundingTx !== null || durable.phase === 'closed') return;
  work.durable = withActive(durable, { ...active, fundingTx: tx });
  work.effects.push(...watchFunding(work.durable));
}

/**
 * What spends an input of the peer's funding transaction; false when the event is of something else. A trusted opener
 * that spends its coins another way takes with them all that came through the channel: nothing more is given for what is
 * in it.
 */
export function rivalSpent(
  work: Work,
  channel: Durable,
  { outPoint, tx, at }: ChainEvent & { readonly tag: 'spent' },
): boolean {
  const [active] = channel.active;
  const { fundingTx, confirmed, rival, funding } = active;
  if (channel.params.opener !== 'remote' || !fundingTx?.inputs.some((input) => isOf(input, outPoint)))
    return false;
  const txId = txIdOf(tx);
  if (txId === funding.outPoint.txId) {
    // In no block it is one of two, and whoever opened has shown what may come of it: only a block decides.
    if (rival !== undefined && at !== null) work.durable = withoutRival(channel);
  } else if (confirmed === null && isStronger(rival, { txId, at })) {
    work.durable = withActive(channel, { ...active, rival: { txId, at } });
    if (rival === undefined)
      work.notify({ tag: 'double-spent', channelId: channel.params.channelId, txId, isMined: at !== null });
  }
  return true;
}

/**
 * One is kept: the first that was seen, until a block has one, and of two in blocks the deeper. A funding transaction has
 * many inputs and servers disagree about what is in no block: they may take turns as often as they like.
 */
function isStronger(known: FundingRival | undefined, { txId, at }: FundingRival): boolean {
  if (known === undefined) return true;
  // What is in a block steps back when we are told that the block is gone: see rivalReorged.
  if (at === null) return false;
  if (known.at === null) return true;
  return known.txId === txId
    ? known.at.blockHash !== at.blockHash || known.at.index !== at.index
    : at.height < known.at.height;
}

const isOf = (input: Tx['inputs'][number], outPoint: Tx['inputs'][number]['outPoint']): boolean =>
  outPointKey(input.outPoint) === outPointKey(outPoint);

/** Its block is gone: one of the two will win. */
export const rivalReorged = (channel: Durable, txId: FundingRival['txId']): Durable => {
  const [active] = channel.active;
  return active.rival?.txId === txId
    ? withActive(channel, { ...active, rival: { txId, at: null } })
    : channel;
};

/** With a tick: the rival is so deep that the channel never will be. True when it ended so. */
export function endedByRival(work: Work, channel: Durable): boolean {
  const [{ rival, confirmed }] = channel.active;
  if (
    channel.phase === 'closed' ||
    confirmed !== null ||
    rival === undefined ||
    !isBuried(rival.at, work.env)
  )
    return false;
  endUnfunded(work, channel, rival);
  return true;
}

/**
 * The channel never was: its funding output cannot come to be any more, unless the chain goes back further than anybody
 * expects. What it would be then is kept for as long as that might happen.
 */
export function endUnfunded(work: Work, channel: Durable, rival: FundingRival): void {
  sendError(work, FAILURES.doubleSpent);
  const core: Core = isLive(channel) ? forgetUnsigned(work, channel) : channel;
  const settled = new Set(channel.phase === 'closing' ? channel.settled : []);
  const outcomes = new Map(core.outcomes);
  // Nothing of ours is in them, and no block will ever decide.
  for (const { add, removal } of core.ledger.outgoing.values()) {
    const { id, origin } = add;
    if (origin === undefined || settled.has(id) || outcomes.has(id)) continue;
    settled.add(id);
    const result =
      removal === null ? ({ tag: 'abandoned', cause: 'channel-closed' } as const) : resultOf(removal);
    outcomes.set(id, { origin, result });
    work.effects.push({ tag: 'settle', id, origin, result });
  }
  const [active, ...others] = core.active;
  work.durable = {
    ...coreOf(core),
    active: [{ ...active, rival }, ...others],
    outcomes,
    phase: 'closed',
    spend: null,
    leftBehind: sat(0),
    past: {
      failure: FAILURES.doubleSpent,
      ...signedSoFar(channel),
      resolved: new Map(),
      settled,
      history: null,
      lostData: channel.phase === 'data-loss' || (channel.phase === 'closing' && channel.lostData),
    },
  };
  if (work.session.link !== 'offline') work.session = { link: 'over' };
  work.effects.push({ tag: 'claim', demand: NO_DEMAND });
  work.notify({ tag: 'closed', channelId: channel.params.channelId, wasFunded: false });
}

const withActive = (channel: Durable, active: ActiveCommitment): Durable => {
  const [, ...others] = channel.active;
  return { ...channel, active: [active, ...others] };
};

export function withoutRival(channel: Durable): Durable {
  const [{ rival: _, ...active }] = channel.active;
  return withActive(channel, active);
}
