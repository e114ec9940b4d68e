import { breaksBatch } from '../batch.ts';
import { FAILURES } from '../closing-cause.ts';
import { printable } from '../printable.ts';
import type { ChannelMessage, UpdateMessage } from '../message.ts';
import type { ChannelReady } from '../../wire/channel-open.ts';
import type { Ready } from '../session.ts';
import { isLive, type Live } from '../state.ts';
import type { Work } from '../work.ts';
import { onAnnouncementSignatures } from './announce/announcement.ts';
import { onChannelUpdate } from './announce/relay.ts';
import { breach } from './breach.ts';
import { failChannel } from './closing/fail.ts';
import { peerFailed } from './closing/peer-failed.ts';
import { onCommitmentSigned, onStartBatch } from './normal/on-commitment-signed.ts';
import { onRevokeAndAck } from './normal/on-revoke-and-ack.ts';
import { onUpdateAddHtlc } from './normal/on-update-add-htlc.ts';
import { onUpdateRemoveHtlc } from './normal/on-update-remove-htlc.ts';
import { onUpdateFee } from './normal/on-update-fee.ts';
import { abandonOpening } from './opening/abandon.ts';
import { onAcceptChannel } from './opening/on-accept-channel.ts';
import { onFundingCreated } from './opening/on-funding-created.ts';
import { onFundingSigned } from './opening/on-funding-signed.ts';
import { onOpenChannel } from './opening/on-open-channel.ts';
import { onChannelReady } from './pending/channel-ready.ts';
import { isEarly } from './pending/early.ts';
import { onClosingComplete } from './shutdown/on-closing-complete.ts';
import { onClosingSig } from './shutdown/on-closing-sig.ts';
import { onClosingSigned } from './shutdown/on-closing-signed.ts';
import { isSimple } from './shutdown/simple-close.ts';
import { isTalking, type Closable, type Talking } from './shutdown/talk.ts';
import { onShutdown } from './shutdown/on-shutdown.ts';
import { onChannelReestablish } from './sync/on-channel-reestablish.ts';

/** Hands a message of the peer to the handler that the connection and the phase allow. */
export function onMessage(work: Work, message: ChannelMessage): void {
  const { session, durable } = work;
  if (session.link === 'offline') return;
  if (message.name === 'error') return onError(work, message.data);
  if (message.name === 'warning')
    return work.notify({ tag: 'peer-said', kind: 'warning', text: printable(message.data) });
  if (message.name === 'channel_update') return onChannelUpdate(work, message);
  switch (session.link) {
    case 'opening':
      return onOpeningMessage(work, message);
    case 'syncing':
      if (durable === null || !(isLive(durable) || isTalking(durable))) return;
      if (message.name === 'channel_reestablish')
        return onChannelReestablish(work, durable, session.remoteFeatures, message);
      // BOLT 2 §Message Retransmission: "MUST wait to receive the other node's `channel_reestablish` message before
      // sending any other messages for that channel." LND that came back before the funding was deep says none over
      // that connection, and waits for our `channel_ready` as we for its `channel_reestablish`: the next one has both.
      return breach(
        work,
        message.name === 'channel_ready' ? 'disconnect' : 'warn',
        'BOLT 2 §Message Retransmission: "MUST wait to receive the other node\'s `channel_reestablish` message before sending any other messages for that channel."',
        `${message.name} before channel_reestablish`,
      );
    case 'ready':
      if (durable !== null && isLive(durable)) onLiveMessage(work, durable, session, message);
      else if (isTalking(durable)) onTalkingMessage(work, durable, session, message);
      return;
    case 'over':
      return;
  }
}

/** BOLT 1 §error: "MUST fail the channel(s) referred to by the error message". */
function onError(work: Work, data: Uint8Array): void {
  const text = printable(data);
  work.notify({ tag: 'peer-said', kind: 'error', text });
  if (work.durable === null) abandonOpening(work, { code: 'peer-refused', detail: text });
  else if (isLive(work.durable)) peerFailed(work, work.durable, FAILURES.peerError);
}

function onOpeningMessage(work: Work, message: ChannelMessage): void {
  switch (message.name) {
    case 'open_channel':
      return onOpenChannel(work, message);
    case 'accept_channel':
      return onAcceptChannel(work, message);
    case 'funding_created':
      return onFundingCreated(work, message);
    case 'funding_signed':
      return onFundingSigned(work, message);
    case 'shutdown':
      // BOLT 2 §shutdown: "if it hasn't received a `funding_signed` (if it is a funder) or a `funding_created` (if it
      // is a fundee): SHOULD send an `error` and fail the channel."
      return failChannel(work, 'shutdown before there is a channel');
    default:
      return breach(work, 'warn', 'BOLT 2 §Channel Establishment v1', `${message.name} while opening`);
  }
}

function onLiveMessage(work: Work, channel: Live, session: Ready, message: ChannelMessage): void {
  if (breaksBatch(work, message))
    return breach(
      work,
      'disconnect',
      'BOLT 2 §start_batch: "If one of those messages is not for the specified `channel_id`: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
      `${message.name} about another channel in a batch`,
    );
  switch (message.name) {
    case 'channel_ready':
      return onReady(work, channel, session, message);
    case 'shutdown':
      return onShutdown(work, channel, session, message);
    case 'announcement_signatures':
      return onAnnouncementSignatures(work, channel, message);
    case 'closing_signed':
      if (channel.phase === 'negotiating' && !isSimple(work.env, session.remoteFeatures))
        return onClosingSigned(work, channel, session, message);
      return outOfTurn(work, message);
    case 'closing_complete':
    case 'closing_sig':
      if (!isSimple(work.env, session.remoteFeatures)) return notNegotiated(work, message);
      if (channel.phase === 'negotiating' && session.simple !== null)
        return onCompletion(work, channel, session, message);
      return outOfTurn(work, message);
    case 'update_add_htlc':
    case 'update_fulfill_htlc':
    case 'update_fail_htlc':
    case 'update_fail_malformed_htlc':
    case 'update_fee':
    case 'start_batch':
    case 'commitment_signed':
    case 'revoke_and_ack':
      return onUpdate(work, channel, session, message);
    case 'channel_reestablish':
      // Said already on this connection.
      return breach(
        work,
        'warn',
        'BOLT 2 §Message Retransmission',
        'channel_reestablish for the second time',
      );
    case 'open_channel':
    case 'accept_channel':
    case 'funding_created':
    case 'funding_signed':
      return outOfTurn(work, message);
    default:
      // Quiescence, splicing and interactive construction are not offered in our features.
      return notNegotiated(work, message);
  }
}

/** What both signed waits for a block: nothing else is said of the channel. */
function onTalkingMessage(work: Work, channel: Talking, session: Ready, message: ChannelMessage): void {
  if (message.name === 'shutdown') onShutdown(work, channel, session, message);
  else onCompletion(work, channel, session, message);
}

function onCompletion(work: Work, channel: Closable, session: Ready, message: ChannelMessage): void {
  if (message.name === 'closing_complete') onClosingComplete(work, channel, session, message);
  else if (message.name === 'closing_sig') onClosingSig(work, channel, session, message);
}

/** The peer's, and what it said before it: as if that had come now. */
function onReady(work: Work, channel: Live, { early }: Ready, message: ChannelReady): void {
  onChannelReady(work, channel, message);
  if (early.length === 0 || work.durable?.phase === 'funding-pending' || work.session.link !== 'ready')
    return;
  work.session = { ...work.session, early: [] };
  for (const said of early) onMessage(work, said);
}

function onUpdate(work: Work, channel: Live, session: Ready, message: UpdateMessage): void {
  if (isEarly(channel, session, message)) {
    work.session = { ...session, early: [...session.early, message] };
    return;
  }
  if (channel.phase === 'negotiating' || channel.phase === 'funding-pending') return outOfTurn(work, message);
  if (!channel.readyReceived || !channel.readySent) return outOfTurn(work, message);
  switch (message.name) {
    case 'update_add_htlc':
      return onUpdateAddHtlc(work, channel, session, message);
    case 'update_fulfill_htlc':
    case 'update_fail_htlc':
    case 'update_fail_malformed_htlc':
      return onUpdateRemoveHtlc(work, channel, session, message);
    case 'update_fee':
      return onUpdateFee(work, channel, session, message);
    case 'start_batch':
      return onStartBatch(work, session, message);
    case 'commitment_signed':
      return onCommitmentSigned(work, channel, session, message);
    case 'revoke_and_ack':
      return onRevokeAndAck(work, channel, session, message);
  }
}

const notNegotiated = (work: Work, message: ChannelMessage): void =>
  breach(work, 'warn', 'BOLT 2', `${message.name} was not negotiated`);

/** BOLT 2 §Normal Operation: "Once both nodes have exchanged `channel_ready` […] the channel can be used". */
const outOfTurn = (work: Work, message: ChannelMessage): void =>
  breach(work, 'disconnect', 'BOLT 2 §Normal Operation', `${message.name} out of turn`);
