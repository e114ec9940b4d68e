import type { CommandId } from '../../../base/ids.ts';
import { askToPublish } from '../../ask-to-publish.ts';
import { coreOf, isLive, type Core } from '../../state.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';
import { forgetUnsigned } from '../forget-unsigned.ts';
import { kindOf } from '../closing/on-spent.ts';
import { reopened } from '../closing/past.ts';
import { progress } from '../closing/progress.ts';
import { sendError } from '../send-error.ts';

const ASK = 'we lost data: please publish your commitment';

/**
 * The peer has a newer state than we do. Nothing is signed, revoked or published any more; the peer is asked to close.
 * BOLT 2 §Message Retransmission: "MUST NOT broadcast its commitment transaction. SHOULD send an `error` to request the
 * peer to fail the channel."
 */
export function stopForLostData(work: Work, channel: Core): void {
  work.durable = { ...coreOf(channel), phase: 'data-loss' };
  if (work.session.link !== 'offline') work.session = { link: 'over' };
  sendError(work, ASK);
  work.notify({ tag: 'data-loss', channelId: channel.params.channelId });
}

/**
 * On each connection, until the peer's commitment is on the chain.
 * DIVERGES from BOLT 2 §Message Retransmission: "MUST set `next_commitment_number` to the commitment number of the next
 * `commitment_signed` it expects to receive.": because we may not know that number, and there is nothing that we expect.
 */
export function askToClose(work: Work, { params: { channelId }, ledger }: Core): void {
  work.send(askToPublish(channelId, work.env.signer.point(ledger.localNumber)));
  sendError(work, ASK);
}

/**
 * See the command. A channel that is on the chain, or was never used, stays as it is, but for one that came from a backup
 * itself: whatever another knows of it finds more of what the peer published.
 */
export function fallBack(work: Work, id: CommandId, known: Core | null): void {
  const { env } = work;
  const durable = work.durable?.phase === 'closed' ? reopened(work.durable) : work.durable;
  if (durable?.phase === 'closing' && durable.lostData && known !== null) {
    work.succeed(id);
    const told = { ...durable, ...knownOf(known), history: null };
    const { spend } = told;
    return progress(work, {
      ...told,
      spend: spend === null ? null : { ...spend, kind: kindOf(told, spend.tx, env) },
    });
  }
  if (durable === null || (!isLive(durable) && durable.phase !== 'data-loss'))
    return work.refuse(id, { code: 'channel-not-ready', status: statusOf(work) });
  const ours = isLive(durable) ? forgetUnsigned(work, durable) : durable;
  work.succeed(id);
  stopForLostData(work, known === null ? ours : { ...ours, ...knownOf(known) });
}

/** What commitments are made from and told apart by. A backup of the least has keys of the peer only as far as it needs. */
const knownOf = ({
  params,
  active,
  ledger,
  shachain,
}: Core): Pick<Core, 'params' | 'active' | 'ledger' | 'shachain'> => ({
  params,
  active,
  ledger,
  shachain,
});
