import type { CommandId } from '../../../base/ids.ts';
import type { Env } from '../../env.ts';
import { askToPublish } from '../../ask-to-publish.ts';
import { coreOf, isLive, type Closing, type Core, type Outcome } from '../../state.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';
import { forgetUnsigned } from '../forget-unsigned.ts';
import { kindOf } from '../closing/on-spent.ts';
import { reopened } from '../closing/past.ts';
import { progress } from '../closing/progress.ts';
import { withoutUnshown } from '../closing/htlc-ends.ts';
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
  if (durable?.phase === 'closing' && durable.lostData && known !== null && knowsMore(durable, known, env)) {
    work.succeed(id);
    const told = { ...durable, ...taken(work, durable, known, durable.settled), history: null };
    const { spend } = told;
    const found: Closing = {
      ...told,
      spend: spend === null ? null : { ...spend, kind: kindOf(told, spend.tx, env) },
    };
    return progress(work, withoutUnshown(found, env));
  }
  if (durable === null || (!isLive(durable) && durable.phase !== 'data-loss'))
    return work.refuse(id, { code: 'channel-not-ready', status: statusOf(work) });
  work.succeed(id);
  if (known !== null) return stopForLostData(work, { ...durable, ...taken(work, durable, known) });
  stopForLostData(work, isLive(durable) ? forgetUnsigned(work, durable) : durable);
}

/**
 * A commitment of ours that is spent, and that is the latest there as well, may hold what only that one has the preimage of;
 * as one of long before it could not be told from the peer's.
 */
const knowsMore = ({ spend }: Closing, known: Core, env: Env): boolean =>
  spend?.kind !== 'local' || kindOf(known, spend.tx, env) === 'local';

type Taken = Pick<Core, 'params' | 'active' | 'ledger' | 'shachain' | 'outcomes'>;

/**
 * What commitments are made from and told apart by, of a backup, which does not say whose payments its HTLCs are: that
 * stays as it is here. Of those that are in it no more nobody can say how they ended. A preimage that was given here alone
 * is worth its HTLC there as well.
 */
function taken(
  work: Work,
  ours: Core,
  { params, active, ledger, shachain }: Core,
  settled: ReadonlySet<bigint> = new Set(),
): Taken {
  const outgoing = new Map(ledger.outgoing);
  const outcomes = new Map(ours.outcomes);
  for (const { add } of ours.ledger.outgoing.values()) {
    const { id, origin, paymentHash } = add;
    if (origin === undefined || settled.has(id)) continue;
    const same = outgoing.get(id);
    if (same?.add.paymentHash === paymentHash) outgoing.set(id, { ...same, add: { ...same.add, origin } });
    else {
      const outcome: Outcome = { origin, result: { tag: 'abandoned', cause: 'state-lost' } };
      outcomes.set(id, outcome);
      work.effects.push({ tag: 'settle', id, ...outcome });
    }
  }
  const incoming = new Map(ledger.incoming);
  for (const { add, removal } of ours.ledger.incoming.values()) {
    const same = incoming.get(add.id);
    if (
      removal?.tag === 'fulfill' &&
      same?.add.paymentHash === add.paymentHash &&
      same.removal?.tag !== 'fulfill'
    )
      incoming.set(add.id, { ...same, removal });
  }
  return { params, active, ledger: { ...ledger, outgoing, incoming }, shachain, outcomes };
}
