import { isPoint } from '../../../crypto/secp256k1.ts';
import type { ChannelReady } from '../../../wire/channel-open.ts';
import type { Env } from '../../env.ts';
import { coreOf, type Core, type FundingPending, type Live, type Normal } from '../../state.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';

export function channelReady(channel: Core, env: Env): ChannelReady {
  return {
    name: 'channel_ready',
    channelId: channel.params.channelId,
    // BOLT 2 §channel_ready: "MUST set `second_per_commitment_point` to the per-commitment point to be used for
    // commitment transaction #1"
    secondPerCommitmentPoint: env.signer.point(1),
    // BOLT 2 §channel_ready: "if `option_scid_alias` was negotiated: MUST set `short_channel_id` `alias`. otherwise:
    // MAY set `short_channel_id` `alias`."
    alias: channel.localAlias,
  };
}

/** Confirmations of the funding transaction as far as we know; 0 for none. */
export const depthOf = ({ active: [{ confirmed }] }: Pick<Core, 'active'>, env: Env): number =>
  confirmed === null ? 0 : Math.max(1, env.height - confirmed.height + 1);

/** Follow-up: says channel_ready once the funding transaction is deep enough. */
export function readyIfDue(work: Work): void {
  const channel = work.durable;
  if (channel === null || channel.phase === 'closing' || channel.phase === 'closed') return;
  if (channel.phase === 'data-loss' || channel.readySent) return;
  // BOLT 2 §channel_ready: "if it is not the node opening the channel: SHOULD wait until the funding transaction has
  // reached `minimum_depth` before sending this message."
  // BOLT 2 §channel_ready: "otherwise: MUST wait until the funding transaction has reached `minimum_depth` before
  // sending this message." An alias is always set here, and both sides wait all the same.
  const depth = depthOf(channel, work.env);
  if (depth < channel.params.minimumDepth) return;
  // bLIP 52 §5: "The client MAY wait for the funding transaction to appear in its mempool or the mempool of a trusted
  // node […] AND confirm that the funding transaction output is correct, before sending `channel_ready`."; "The client MAY immediately
  // send `channel_ready` (i.e. the client trusts the LSP, even though the LSP does not require that trust)."
  if (depth === 0 && channel.params.opener === 'remote' && !work.env.fundingSeen) return;
  const ready = { ...channel, readySent: true };
  work.durable = ready.phase === 'funding-pending' ? settled(work, ready) : ready;
  if (work.session.link === 'ready') work.send(channelReady(ready, work.env));
}

export function onChannelReady(work: Work, channel: Live, message: ChannelReady): void {
  // BOLT 2 §channel_ready: the receiver "MAY use any of the `alias` it received, in BOLT 11 `r` fields." We keep the
  // latest.
  const remoteAlias = message.alias ?? channel.remoteAlias;
  if (channel.readyReceived) {
    // BOLT 2 §Message Retransmission: "upon reconnection: MUST ignore any redundant `channel_ready` it receives."
    if (remoteAlias !== channel.remoteAlias) work.durable = { ...channel, remoteAlias };
    return;
  }
  if (!isPoint(message.secondPerCommitmentPoint)) {
    breach(work, 'disconnect', 'BOLT 2 §channel_ready', 'second_per_commitment_point is not a point');
    return;
  }
  const ready = {
    ...channel,
    remoteAlias,
    readyReceived: true,
    ledger: { ...channel.ledger, remoteNextPoint: message.secondPerCommitmentPoint },
  };
  work.durable = ready.phase === 'funding-pending' ? settled(work, ready) : ready;
}

/** Goes on to normal operation when both sides are ready. */
function settled(work: Work, channel: FundingPending): FundingPending | Normal {
  if (!channel.readySent || !channel.readyReceived) return channel;
  work.notify({ tag: 'ready', channelId: channel.params.channelId, alias: channel.remoteAlias });
  return { ...coreOf(channel), phase: 'normal' };
}
