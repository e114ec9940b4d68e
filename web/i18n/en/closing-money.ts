import type { ClosingOutput } from '../../../engine/node/api.ts';

const kinds: { readonly [K in ClosingOutput['kind']]: string } = {
  balance: 'Your balance',
  'payment-in': 'A payment to you',
  'payment-out': 'A payment of yours that did not end',
  penalty: 'The peer’s money, as the penalty',
};

/** A block's height, with groups. */
const height = (block: number): string => block.toLocaleString('en');

export const closingMoney = {
  title: 'Still on its way',
  kinds,
  moving: 'On its way to your on-chain balance',
  afterClose: 'Once the close is in a block',
  next: 'With the next block',
  fromBlock: (block: number): string => `From block ${height(block)}`,
  fromBlockIn: (block: number, wait: string): string => `From block ${height(block)}, ${wait}`,
  deadline: (block: number): string => `Has to be yours before block ${height(block)}`,
  late: 'The peer can take this back by now. Coins on-chain may still be in time.',
  lacks: 'Your on-chain balance is too small to pay the fee for this.',
  lacksBefore: 'Receive ',
  lacksAfter: ' on-chain soon, and Leyden goes on by itself.',
  lacksUnconfirmed: 'It goes on by itself once your coins confirm, or once you receive some on-chain.',
  receive: 'Receive on-chain',
  transactions: 'Moved by',
  fees: 'Fees so far',
  allFees: 'Their fees',
  transaction: (txId: string): string => `${txId.slice(0, 8)}…${txId.slice(-8)}`,
  waiting: 'Waits for a block',
  confirmed: (count: number): string => (count === 1 ? '1 confirmation' : `${count} confirmations`),
} as const;

export const hurry = {
  action: 'Speed it up',
  text: 'A higher fee makes it confirm sooner. Leyden raises it by itself where time is short.',
  pricing: 'Working out the cost',
  extra: 'You pay more',
  fee: 'Fee in all',
  go: 'Speed it up for',
  done: 'Sent again with a higher fee',
} as const;
