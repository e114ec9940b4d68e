import { sat, type Phrase } from '../phrase.ts';

export const home = {
  title: 'Home',
  balance: 'Balance',
  lightning: 'Lightning',
  onchain: 'On-chain',
  pending: {
    title: 'On its way',
    onchain: {
      label: 'Coming in on-chain',
      waits: 'Yours to spend once it confirms, usually within an hour',
    },
    opening: { label: 'In a channel being opened', waits: 'Yours to spend once the channel is ready' },
    closing: { label: 'Returning from a closed channel', waits: 'Yours to spend once the close confirms' },
    inFlight: { label: 'In payments under way', waits: 'Settles or returns when each payment ends' },
  },
  aside: {
    title: 'Set aside',
    kept: {
      label: 'Kept for closing channels',
      waits: 'Pays the fees if a channel has to close by itself',
    },
    inTransaction: {
      label: 'In a transaction being prepared',
      waits: 'Free again once it is sent or given up',
    },
  },
  closingUntil: (block: number, wait: string): string =>
    `All of it from block ${block.toLocaleString('en')}, ${wait}`,
  reserveLow: {
    title: 'Keep some coins on-chain',
    text: (missingSat: bigint): Phrase => [
      'If a channel has to close by itself, your on-chain coins pay its fees. ',
      sat(missingSat),
      ' more would cover it.',
    ],
    action: 'Receive on-chain',
  },
  receive: 'Receive',
  send: 'Send',
  recent: 'Latest',
  all: 'All activity',
  empty: {
    title: 'Nothing here yet',
    text: 'Receive some coins to begin. They show up here within seconds.',
  },
  faucet: { button: 'Get test coins', waiting: 'Asking for test coins', sent: 'Test coins are on their way' },
  unconfirmedWords: {
    title: 'Write down your recovery words',
    text: 'Without them, a lost phone or a cleared browser is lost money.',
    action: 'Show the words',
  },
  backup: {
    title: 'Save a backup file',
    file: 'No peer keeps a copy of your channels. Without a file, a lost device loses what is in them.',
    stale: 'Your channels have changed since you saved one.',
    unkept: 'This browser may remove the wallet when space is short. A file brings your channels back.',
    action: 'Backup',
  },
  folder: {
    title: 'Your backup folder is behind',
    ask: 'Channels have changed, and the browser wants your permission again to write to it.',
    failed: 'Channels have changed, and the file in it could not be renewed.',
    action: 'Backup',
  },
  noLock: {
    title: 'Your wallet has no lock',
    text: 'Whoever uses this browser can spend your money.',
    action: 'Set a lock',
    leave: 'Leave it so',
    leaveLabel: 'Leave it so, without a lock',
  },
  install: {
    title: 'Keep Leyden at hand',
    text: 'Installed, it opens like an app, and browsers are slower to clear its data.',
    action: 'Install',
  },
  overused: {
    title: 'A channel slows Leyden down',
    text: 'So many payments went through it that Leyden opens more slowly. Nothing is lost.',
    action: 'Look at the channel',
  },
  lightningLater: {
    title: 'Pay and be paid in seconds',
    text: 'Open a Lightning channel with your coins.',
    action: 'Open a channel',
  },
} as const;
