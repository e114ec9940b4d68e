import { summary } from '../../channel/machine.ts';
import { sharesOf, type ChannelSummary } from '../../channel/summary.ts';
import type { Scid } from '../../base/units.ts';
import { closingOutputs, closingTransactions } from './closing.ts';
import type { ChannelDetails, ClosingDetails } from '../api.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';
import type { AliasOf } from '../graph/alias.ts';

export const channelDetails = (core: Core, alias: AliasOf = () => null): readonly ChannelDetails[] =>
  [...core.channels.all()].flatMap((channel) => detailsOf(core, channel, alias) ?? []);

/**
 * BOLT 2 §open_channel: "The receiving node MUST NOT: consider funds received, using `push_msat`, to be received until the
 * funding transaction has reached sufficient depth." The peer funds it, and has not: what it pushed to us is not there, and
 * may never be. One that is used before the chain confirms it is of an LSP that the user trusts: what was paid through it
 * was paid.
 */
export const isPromise = ({
  isOpener,
  confirmations,
  confirmationsRequired,
  state,
}: Pick<ChannelDetails, 'isOpener' | 'confirmations' | 'confirmationsRequired' | 'state'>): boolean =>
  !isOpener && confirmations === 0 && !(confirmationsRequired === 0 && OPEN.has(state));

/** Channels whose money can be sent over Lightning, now or once the peer is back. */
export const OPEN: ReadonlySet<ChannelDetails['state']> = new Set<ChannelDetails['state']>([
  'ready',
  'offline',
  'reconnecting',
  'frozen',
  'shutting-down',
]);

function detailsOf(core: Core, channel: HostedChannel, alias: AliasOf): ChannelDetails | null {
  const known = summary(channel.state, core.height);
  if (known === null) return null;
  const shares = sharesOf(known);
  const { fundingOutPoint } = known;
  return {
    channelId: known.channelId,
    peerNodeId: known.peerId,
    peerAlias: alias(known.peerId),
    state: channel.frozen && TALKING.has(known.status) ? 'frozen' : known.status,
    capacitySat: known.capacity,
    localMsat: shares.local,
    remoteMsat: shares.remote,
    sendableMsat: channel.frozen ? 0n : known.sendable,
    receivableMsat: channel.frozen ? 0n : known.receivable,
    reserveSat: known.reserve,
    pendingIncomingMsat: shares.incoming,
    pendingOutgoingMsat: shares.outgoing,
    pendingHtlcs: known.htlcs.length,
    isOpener: known.isOpener,
    isAnnounced: known.isAnnounced,
    isUsable: known.isUsable && !channel.frozen,
    channelType: known.type.base,
    fundingTxId: fundingOutPoint.txId,
    fundingIndex: fundingOutPoint.index,
    confirmations: known.confirmations,
    confirmationsRequired: known.confirmationsRequired,
    shortChannelId: known.scid === null ? null : formatScid(known.scid),
    feeratePerKw: known.feerate,
    closing: closingOf(core, channel, known),
    isUnproven: known.isUnproven,
    failsAtHeight: known.failsAt,
    isOverused: known.isOverused,
  };
}

/** Where a bug stops the talk. Before and after, a channel is where it is on the chain. */
const TALKING: ReadonlySet<ChannelSummary['status']> = new Set<ChannelSummary['status']>([
  'ready',
  'offline',
  'reconnecting',
  'shutting-down',
]);

/** BOLT 7 §Definition of short_channel_id: block x transaction x output. */
const formatScid = (scid: Scid): string => `${scid >> 40n}x${(scid >> 16n) & 0xff_ffffn}x${scid & 0xffffn}`;

function closingOf(
  core: Core,
  channel: HostedChannel,
  { closing, status, isOpener, confirmations, confirmationsRequired }: ChannelSummary,
): ClosingDetails | null {
  if (closing === null) return null;
  const isNothing = isPromise({ isOpener, confirmations, confirmationsRequired, state: status });
  return {
    // Where data is lost the peer is to close: how, is not known before it has.
    kind: closing.kind !== null ? KINDS[closing.kind] : status === 'data-loss' ? 'unknown' : 'local-force',
    cause: closing.cause,
    txId: closing.txId,
    confirmations: closing.confirmations,
    amountSat: isNothing ? 0n : closing.amount,
    feeSat: closing.cost,
    claimableAtHeight: closing.claimableAt,
    leftSat: closing.leftBehind,
    outputs: isNothing ? [] : (closingOutputs(core, channel) ?? []),
    transactions: closingTransactions(core, channel),
  };
}

const KINDS = {
  mutual: 'cooperative',
  local: 'local-force',
  remote: 'remote-force',
  'remote-next': 'remote-force',
  revoked: 'revoked',
  unknown: 'unknown',
} as const;
