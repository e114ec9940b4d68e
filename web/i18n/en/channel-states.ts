import type { ChannelStateCode } from '../../../engine/node/refusal.ts';

/** `tone` tells shape and order, never colour alone: live can pay, waiting will by itself, stopped will not. */
export type ChannelStateText = {
  readonly label: string;
  readonly next: string;
  readonly tone: 'live' | 'waiting' | 'stopped';
};

export const channelStates: { readonly [S in ChannelStateCode]: ChannelStateText } = {
  opening: { label: 'Opening', next: 'Agreeing on the channel with the peer.', tone: 'waiting' },
  'waiting-for-confirmations': {
    label: 'Confirming',
    next: 'Usable once the opening transaction has its confirmations.',
    tone: 'waiting',
  },
  'waiting-for-peer': {
    label: 'Waiting for the peer',
    next: 'Confirmed. The peer has to see it too, usually within a minute.',
    tone: 'waiting',
  },
  ready: { label: 'Ready', next: 'You can pay and be paid.', tone: 'live' },
  offline: {
    label: 'Peer offline',
    next: 'Your money is safe. Leyden keeps trying to reach it.',
    tone: 'waiting',
  },
  reconnecting: { label: 'Reconnecting', next: 'Comparing notes with the peer.', tone: 'waiting' },
  'shutting-down': {
    label: 'Closing soon',
    next: 'Waiting for payments under way to end, then it closes.',
    tone: 'waiting',
  },
  'negotiating-close': {
    label: 'Agreeing to close',
    next: 'Settling the closing fee with the peer.',
    tone: 'waiting',
  },
  closing: {
    label: 'Closing',
    next: 'Your money is back once the close confirms, usually within an hour. If it takes longer, speed it up.',
    tone: 'waiting',
  },
  'force-closing': {
    label: 'Force closing',
    next: 'Your money returns by itself after the waiting time. Open this page now and then.',
    tone: 'waiting',
  },
  'data-loss': {
    label: 'Waiting for the peer to close',
    next: 'This device lacks the newest state, so it must not act. The peer is asked to close; your share returns on-chain.',
    tone: 'stopped',
  },
  frozen: {
    label: 'Paused',
    next: 'Something went wrong in it, so nothing is signed. Reload the page; if it stays, close the channel and report it.',
    tone: 'stopped',
  },
  closed: { label: 'Closed', next: 'Its money is in your on-chain balance.', tone: 'stopped' },
};
