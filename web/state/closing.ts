import type { Alarm, ChannelDetails, ClosingDetails } from '../../engine/node/api.ts';
import { blocksText } from '../format/time.ts';
import { channels, channelStates } from '../i18n/en.ts';

/** By which block all money of closing channels can be moved; null while that is not known, or nothing waits. */
export function closingUntil(channels: readonly ChannelDetails[]): number | null {
  let last: number | null = null;
  for (const { closing } of channels)
    for (const { claimableAtHeight, isLate } of closing?.outputs ?? []) {
      if (isLate) continue;
      if (claimableAtHeight === null) return null;
      if (last === null || claimableAtHeight > last) last = claimableAtHeight;
    }
  return last;
}

/** How far the money of a channel that closes by force has come; null while nothing of it is known. */
export type Homecoming = 'after-close' | 'after-wait' | 'after-coins' | 'moving' | 'here';

export function homecoming(closing: ClosingDetails, tip: number | null): Homecoming | null {
  const { outputs, transactions, confirmations, kind } = closing;
  if (outputs.length === 0) {
    if (transactions.length === 0) return null;
    return transactions.every((one) => one.confirmations > 0) ? 'here' : 'moving';
  }
  if (confirmations === 0) return kind === 'local-force' ? 'after-wait' : 'after-close';
  // Time does not bring it.
  if (outputs.some(({ missingSat, txId }) => missingSat !== null && txId === null)) return 'after-coins';
  const isDue = ({ txId, claimableAtHeight }: ClosingDetails['outputs'][number]): boolean =>
    txId !== null || (claimableAtHeight !== null && tip !== null && claimableAtHeight <= tip + 1);
  return outputs.every(isDue) ? 'moving' : 'after-wait';
}

/** What is ours of a channel that is no more: `known` is what this device last knew, the others are facts of the chain. */
export type Return = { readonly is: 'known' | 'onItsWay' | 'returned' | 'cameBack'; readonly msat: bigint };

/** Null for a channel that is still one, and for one that never was. */
export function returnOf({ state, closing, localMsat }: ChannelDetails): Return | null {
  if (state === 'data-loss') return { is: 'known', msat: localMsat };
  if (closing === null) return null;
  const { outputs, transactions, amountSat } = closing;
  if (outputs.length > 0)
    return {
      is: 'onItsWay',
      msat: outputs.reduce((sum, { amountSat, isLate }) => (isLate ? sum : sum + amountSat), 0n) * 1000n,
    };
  // Whoever took it has paid for that out of it.
  const received = transactions.reduce((sum, { receivedSat }) => sum + receivedSat, 0n);
  const sat = transactions.length === 0 ? amountSat : received > 0n ? received : 0n;
  return { is: state === 'closed' ? 'cameBack' : 'returned', msat: sat * 1000n };
}

/** What a person may do about a close: ask for one, force one that stands still, or pay more for one that waits for a block. */
export type Act = 'close' | 'force' | 'raise';

/** Where a channel stands, for its page: all that follows from its state in one place. */
export type Standing = {
  /** Its money is in it. Else it is elsewhere: a bar would show it a second time, or show what is no longer so. */
  readonly isLive: boolean;
  readonly comesBack: Return | null;
  /** What happens next. */
  readonly sentence: string;
  readonly act: Act | null;
};

export function standingOf(channel: ChannelDetails, name: string, tip: number | null): Standing {
  const { state, closing } = channel;
  return {
    isLive: closing === null && state !== 'closed' && state !== 'data-loss',
    comesBack: returnOf(channel),
    sentence: sentenceOf(channel, name, tip),
    act: actOf(channel),
  };
}

/** Ours, in no block so far: what it pays may have become too little. */
export const isUnmined = ({ state, isOpener, confirmations }: ChannelDetails): boolean =>
  state === 'waiting-for-confirmations' && isOpener && confirmations === 0;

/** What both signed, in no block so far. */
const waitsForBlock = ({ closing }: ChannelDetails): boolean =>
  closing?.kind === 'cooperative' && closing.confirmations === 0;

function sentenceOf(channel: ChannelDetails, name: string, tip: number | null): string {
  const { state, closing, confirmations, failsAtHeight } = channel;
  if (failsAtHeight !== null && tip !== null)
    return channels.failed(name, blocksText(Math.max(1, failsAtHeight - tip)));
  switch (state) {
    case 'force-closing': {
      if (waitsForBlock(channel)) return channels.bothOffered;
      const come = closing === null ? null : homecoming(closing, tip);
      return come === null ? channelStates[state].next : channels.homecoming[come];
    }
    case 'closing':
      return waitsForBlock(channel) || closing === null ? channelStates[state].next : channels.closeConfirmed;
    case 'negotiating-close':
      return channelStates[waitsForBlock(channel) ? 'closing' : state].next;
    case 'closed':
      return closing === null ? channels.neverWas : channelStates[state].next;
    case 'waiting-for-confirmations':
      return isUnmined(channel) ? channels.unminedOpening : channelStates[state].next;
    case 'ready':
      return confirmations === 0 ? channels.unconfirmed(name) : channelStates[state].next;
    default:
      return channelStates[state].next;
  }
}

function actOf(channel: ChannelDetails): Act | null {
  switch (channel.state) {
    case 'ready':
    case 'offline':
    case 'reconnecting':
    case 'waiting-for-confirmations':
    case 'waiting-for-peer':
    // The engine lets it out by force.
    case 'frozen':
      return 'close';
    case 'shutting-down':
      return 'force';
    case 'negotiating-close':
      return waitsForBlock(channel) ? 'raise' : 'force';
    case 'closing':
      return waitsForBlock(channel) ? 'raise' : null;
    // By force already, or without anything that this device may do.
    case 'opening':
    case 'force-closing':
    case 'data-loss':
    case 'closed':
      return null;
  }
}

/**
 * As many coins as are to be received for a close; null where none are lacked. What has a deadline asks by its alarm, for what
 * fees may rise to: the same sum wherever one reads of it.
 */
export function coinsLacked(
  { channelId, closing }: Pick<ChannelDetails, 'channelId' | 'closing'>,
  alarms: readonly Alarm[],
): bigint | null {
  const lacked = closing?.outputs.flatMap(({ missingSat }) => missingSat ?? []) ?? [];
  if (lacked.length === 0) return null;
  const asking = alarms.find(({ code, detail }) => code === 'claim-unpaid' && detail === channelId);
  return asking?.claim?.missingSat ?? lacked.reduce((most, one) => (one > most ? one : most));
}
