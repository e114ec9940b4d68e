import type { CommandId } from '../../base/ids.ts';
import { FAILURES } from '../closing-cause.ts';
import type { ChannelCommand } from '../command.ts';
import { isLive, type Closing } from '../state.ts';
import { statusOf } from '../status.ts';
import type { Work } from '../work.ts';
import { failChannel, giveUpMutual } from './closing/fail.ts';
import { addHtlc } from './normal/add-htlc.ts';
import { removeHtlc } from './normal/remove-htlc.ts';
import { updateFee } from './normal/update-fee.ts';
import { accept, reject } from './opening/accept.ts';
import { fundingBuilt, fundingFailed } from './opening/funding-built.ts';
import { open } from './opening/open.ts';
import { fundingLost } from './pending/funding-lost.ts';
import { fundingSeen } from './pending/funding-rival.ts';
import { updateRelay } from './announce/relay.ts';
import { close } from './shutdown/close.ts';
import { fallBack } from './sync/data-loss.ts';

export function onCommand(work: Work, id: CommandId, command: ChannelCommand): void {
  switch (command.tag) {
    case 'open':
      return open(work, id, command);
    case 'funding-built':
      return fundingBuilt(work, id, command);
    case 'funding-failed':
      return fundingFailed(work, id, command.detail);
    case 'accept':
      return accept(work, id, command);
    case 'reject':
      return reject(work, id, command.reason);
    case 'add-htlc':
      return addHtlc(work, id, command);
    case 'fulfill-htlc':
    case 'fail-htlc':
    case 'fail-malformed-htlc':
      return removeHtlc(work, id, command);
    case 'update-fee':
      return updateFee(work, id, command.feerate);
    case 'update-relay':
      return updateRelay(work, id, command);
    case 'close':
      return close(work, id, command);
    case 'force-close':
      return forceClose(work, id);
    case 'funding-seen':
      return fundingSeen(work, id, command.tx);
    case 'funding-lost':
      return fundingLost(work, id, command);
    case 'fall-back':
      return fallBack(work, id, command.known);
  }
}

function forceClose(work: Work, id: CommandId): void {
  const { durable } = work;
  if (durable !== null && isLive(durable)) {
    work.succeed(id);
    // Asked for while a closing transaction waits: its fee does not get it mined.
    if (durable.phase === 'negotiating') giveUpMutual(work, durable, FAILURES.byUser);
    else failChannel(work, FAILURES.byUser);
  } else if (durable?.phase === 'closing' && waitsForOthers(durable) && !work.env.mayBeStale) {
    // What the peer signed, alone or with us, and nobody mines: ours beside it.
    work.succeed(id);
    giveUpMutual(work, durable, FAILURES.byUser);
  } else if (durable?.phase === 'closing' || durable?.phase === 'closed')
    work.refuse(id, { code: 'already-closing' });
  // With data lost our commitment may be revoked: publishing it would give everything to the peer.
  else work.refuse(id, { code: 'channel-not-ready', status: statusOf(work) });
}

/** Our commitment is not on its way to the chain, and might be. */
const waitsForOthers = ({ failure, mutual, talk, lostData, spend }: Closing): boolean =>
  !lostData &&
  (spend === null || spend.at === null) &&
  // A closing transaction that this state knows nothing of: it is old.
  !(spend?.kind === 'mutual' && mutual === null && talk === null) &&
  (failure === null || mutual !== null);
