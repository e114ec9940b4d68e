import type { OrderDetails, OrderStage } from '../../../engine/node/api.ts';

type StageWords = { readonly title: string; readonly text: (lsp: string, wait: string) => string };

const stages: { readonly [S in OrderStage]: StageWords } = {
  unpaid: {
    title: 'Not paid',
    text: () => 'The order was made, and nothing was paid. It ends by itself.',
  },
  paying: {
    title: 'Paying',
    text: (lsp) => `Your payment is on its way to ${lsp}. Keep this page open.`,
  },
  held: {
    title: 'Payment held',
    text: (lsp, wait) =>
      `${lsp} takes it once the channel is there. If no channel comes, it returns by itself, within ${wait} at the latest. Keep this page open.`,
  },
  confirming: {
    title: 'Waiting for the chain',
    text: (lsp) =>
      `${lsp} opens the channel once your payment is confirmed, about 10 min for each confirmation.`,
  },
  lapsed: {
    title: 'The order ran out',
    text: () =>
      'No block had your payment in time. Cancel the payment, and its coins come back to you; then order anew.',
  },
  opening: {
    title: 'Channel on its way',
    text: (lsp) => `You paid. ${lsp} opens the channel while this page is open.`,
  },
  open: {
    title: 'Room bought',
    text: () => 'The channel is there. What you receive through it costs nothing more.',
  },
  refunding: {
    title: 'Money coming back',
    text: (lsp) => `${lsp} could not open the channel and gives your payment back.`,
  },
  refunded: {
    title: 'Money back',
    text: (lsp) => `${lsp} could not open the channel. You have your payment back.`,
  },
  'not-paid': {
    title: 'Nothing bought',
    text: () => 'The payment did not arrive, and your money is still here.',
  },
  undelivered: {
    title: 'Paid, but no channel came',
    text: (lsp) =>
      `${lsp} took the payment and opened no channel. Ask it for help with the order’s name and the proof below.`,
  },
};

/** Coins came back, and less than was paid. */
const partBack: StageWords = {
  title: 'Part of the money back',
  text: (lsp) =>
    `${lsp} could not open the channel, and sent back less than was paid. Sending coins costs a network fee; if it kept more than that, ask it with the order’s name below.`,
};

/** It names a channel that is not the one that was bought. */
const named: { readonly [F in NonNullable<OrderDetails['namedChannel']>]: StageWords } = {
  'paid-for': {
    title: 'Paid, but no channel came',
    text: (lsp) =>
      `${lsp} took the payment, and names a channel that the fee of a payment you received had paid for. Ask it for help with the order’s name below.`,
  },
  'without-balance': {
    title: 'Paid, but your part is missing',
    text: (lsp) =>
      `${lsp} took the payment, and names a channel that did not begin with the amount that was to be yours in it. Ask it for help with the order’s name below.`,
  },
};

/** Where another wallet pays, and it reads otherwise. */
const elsewhereStages: { readonly [S in OrderStage]?: StageWords } = {
  held: {
    title: 'Payment held',
    text: (lsp, wait) =>
      `The payment is there. ${lsp} takes it once the channel is open. If no channel comes, it returns to whoever paid, within ${wait} at the latest. Keep this page open.`,
  },
  opening: {
    title: 'Channel on its way',
    text: (lsp) => `It is paid. ${lsp} opens the channel while this page is open.`,
  },
  refunding: {
    title: 'Money going back',
    text: (lsp) => `${lsp} could not open the channel and gives the payment back.`,
  },
  refunded: {
    title: 'Nothing bought',
    text: (lsp) =>
      `${lsp} could not open the channel. A Lightning payment went back to whoever paid, coins to your on-chain balance.`,
  },
  'not-paid': {
    title: 'Nothing bought',
    text: () => 'Nobody paid in time. Order anew to try again.',
  },
  undelivered: {
    title: 'Paid, but no channel came',
    text: (lsp) =>
      `${lsp} says that it is done, and there is no channel. Ask it for help with the order’s name below; whoever paid has the proof.`,
  },
};

/** Room to receive, bought ahead of an LSP. */
export const room = {
  title: 'Buy room to receive',
  action: 'Buy room to receive',
  text: 'You can receive only as much as your channels have room for. An LSP, a company that opens channels for you, sells a channel with room in it. You pay once.',
  amount: 'Room to buy',
  see: 'See what it costs',
  seeing: 'Asking for the price',
  choose: 'Who opens the channel',
  refused: (alias: string) => `${alias} has no offer now.`,
  how: 'Pay from',
  ways: { lightning: 'Lightning balance', onchain: 'On-chain balance', elsewhere: 'Another wallet' },
  wayText: {
    lightning: 'In seconds. Held until the channel is there.',
    onchain: (confirmations: number) =>
      confirmations === 0
        ? 'The channel comes at once.'
        : confirmations === 1
          ? 'The channel comes after 1 confirmation.'
          : `The channel comes after ${confirmations} confirmations.`,
    elsewhere: 'You get a code that any wallet can pay.',
  },
  get: 'Room to receive',
  yours: 'Yours from the start',
  fee: 'Price, once',
  network: 'Network fee',
  total: 'You pay',
  kept: 'Kept open at least',
  days: (count: number) => (count === 1 ? '1 day' : `${count} days`),
  held: (wait: string) =>
    `The LSP holds the payment until the channel is there. If none comes, it returns by itself, within ${wait} at the latest.`,
  refund: 'If the LSP cannot open the channel, it sends the coins back, less a network fee.',
  trust: (alias: string) =>
    `Buying ahead takes trust: ${alias} is paid for a channel that it then has to open.`,
  dear: (percent: string) => `The price is ${percent} of the room. I agree to it.`,
  pricing: 'Working out the cost',
  pay: (amount: string) => `Pay ${amount}`,
  paying: 'Ordering and paying',
  change: 'Another amount',
  elsewhere: {
    stages: elsewhereStages,
    total: 'To pay',
    order: (amount: string) => `Order for ${amount}`,
    ordering: 'Ordering',
    back: (lightning: boolean, onchain: boolean) =>
      `If the LSP cannot open the channel, ${[
        ...(lightning ? ['a Lightning payment returns to whoever paid'] : []),
        ...(onchain ? ['coins come to your on-chain balance, less a network fee'] : []),
      ].join(', and ')}.`,
    waiting: 'Waiting for the payment',
    any: (lsp: string, lightning: boolean, onchain: boolean) =>
      lightning && onchain
        ? `Any wallet can pay, over Lightning or on-chain: ${lsp} sees coins once they are confirmed. Keep this page open for the channel.`
        : lightning
          ? 'Any Lightning wallet can pay. Keep this page open for the channel.'
          : `Any wallet can pay on-chain: ${lsp} sees coins once they are confirmed. Keep this page open for the channel.`,
    late: 'The time to pay is over',
    lateNote: 'Coins that were sent in time may still be confirmed: then the channel comes.',
  },
  list: 'Bought room',
  row: (alias: string): string => `From ${alias}`,
  order: {
    partBack,
    cancelling: {
      title: 'Being cancelled',
      text: () =>
        'You cancel the payment of this order. Once a block has the cancellation, the coins are back; until then it may still take the payment.',
    },
    notTaken: {
      title: 'No server takes the payment for its fee',
      text: () =>
        'It is kept, and offered again after each block. Raise its fee, or cancel it, on its own page.',
    },
    named,
    cameBack: 'Came back',
    title: 'Room to receive',
    stages,
    missing: 'This order is not in your wallet.',
    lsp: 'LSP',
    paidWith: 'Paid from',
    confirmations: 'Confirmations',
    of: (now: number, wanted: number) => `${now} of ${wanted}`,
    lspName: 'The LSP’s name for it',
    proof: 'Proof of payment',
    payment: 'Show the payment',
    cancellation: 'Show the cancellation',
    channel: 'Show the channel',
    refundTx: 'Show what came back',
    keptUntil: 'Kept open until',
    forget: 'Remove from the list',
    removed: 'Removed from the list',
  },
} as const;
