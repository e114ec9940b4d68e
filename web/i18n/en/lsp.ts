import type { LspConduct } from '../../../engine/node/api.ts';
import { msat, type Phrase } from '../phrase.ts';
import { places } from './places.ts';

/** Every misconduct has its sentence, or this does not compile. */
type ConductWords = Readonly<
  Record<LspConduct, { readonly sentence: (alias: string) => string; readonly next: string }>
>;

const conduct: ConductWords = {
  'channel-public': {
    sentence: (alias: string) =>
      `${alias} wanted to open a channel that everybody would see. You bought one that nobody is told of. It was not taken, and nothing was lost.`,
    next: 'It may still open the right one. If not, make a new request with another LSP.',
  },
  'channel-too-small': {
    sentence: (alias: string) =>
      `${alias} wanted to open a channel that is too small for your payment. It was not taken, and nothing was lost.`,
    next: 'It may still open one that is large enough. If not, make a new request with another LSP.',
  },
  'channel-unconfirmed': {
    sentence: (alias: string) =>
      `${alias} wanted you to use its channel before the chain confirms it. You do not trust it so far: it was not taken, and nothing was lost.`,
    next: 'It may still open the right one. If not, make a new request with another LSP, or trust this one in Settings.',
  },
  'channel-refused': {
    sentence: (alias: string) =>
      `${alias} wanted to open a channel that is not the one it sold you. It was not taken, and nothing was lost.`,
    next: 'It may still open the right one. If not, make a new request with another LSP.',
  },
  'fee-refused': {
    sentence: (alias: string) =>
      `${alias} wanted to keep more of the payment than it said. The payment was sent back, and nothing was lost.`,
    next: 'The payer can try again. If it stays like this, make a new request with another LSP.',
  },
  'other-payment': {
    sentence: (alias: string) =>
      `A payment came from ${alias} that is not the one you asked for. It was given back, and nothing was lost.`,
    next: 'Show the payer this request again. If it stays like this, make a new one with another LSP.',
  },
  'not-opened': {
    sentence: (alias: string) =>
      `Nobody paid in time, or ${alias} did not open the channel. You paid nothing; a payer has their money back.`,
    next: 'If the payer says that they paid, choose another LSP for the new request.',
  },
  'not-forwarded': {
    sentence: (alias: string) =>
      `${alias} opened its channel, and the payment did not come through it in time. You paid nothing; a payer has their money back.`,
    next: 'The channel stays: a new request comes through it and costs nothing.',
  },
  'payment-held': {
    sentence: (alias: string) =>
      `${alias} held on to your payment and did not take its proof. Its channel is closing, and the payment is collected on the chain.`,
    next: 'Open this page now and then until it is there.',
  },
};

/** Being paid through a channel that an LSP opens for it, and the LSPs of settings. */
export const lsp = {
  first: 'Be paid in seconds',
  what: 'A Lightning payment needs a channel. An LSP, a company that opens channels for you, opens one when the payment comes and keeps a fee from it, once.',
  more: 'Your channels have too little room to receive. An LSP, a company that opens channels for you, can open one more when the payment comes.',
  instead: 'Have an LSP open another channel',
  none: ', a company that opens one when you are paid.',
  amount: 'Amount to ask for',
  note: 'Note for the payer',
  open: 'Let the payer choose the amount',
  see: 'See what it costs',
  seeing: 'Asking for the price',
  onchain: 'Receive on-chain instead',
  lightning: 'Be paid in seconds instead',
  quote: {
    title: 'What it costs',
    pays: 'They pay',
    fee: 'Fee, once',
    get: 'You get',
    from: 'Channel from',
    takes: 'Limits',
    why: 'The fee pays for the new channel. What you receive through it later costs nothing.',
    choose: 'Who opens the channel',
    trusted: (alias: string) =>
      `The money is there at once. Until the chain confirms the channel, usually within an hour, you trust ${alias}: it may put the channel on the chain only after it got the payment, and it could take your money back.`,
    waiting:
      'The payment arrives once the chain confirmed the channel, in about an hour. Keep this page open until then.',
    dear: (percent: string) => `The fee is ${percent} of the payment. I agree to it.`,
    dearAny: (least: string, percent: string) =>
      `The fee is ${percent} of whatever is paid, and at least ${least}. I agree to it.`,
    ask: (amount: string) => `Ask for ${amount}`,
    asking: 'Making an invoice',
    change: 'Another amount',
    between: 'They may pay',
    range: (least: string, most: string) => `${least} to ${most}`,
    least: (percent: string) => `or ${percent} of the payment, if more`,
    askAny: 'Ask for any amount',
    anyWhy:
      'The fee pays for the new channel. It is taken from the first payment, which has to come in one part.',
    refused: (alias: string) => `${alias} has no offer now.`,
    replaced: (before: string, now: string) =>
      `${before}, which you chose before, has no offer now. ${now} is next.`,
    soon: 'At once',
    later: 'In about 1 hour',
  },
  conduct,
  another: 'Another LSP',
  gone: {
    sentence: (alias: string) =>
      `${alias} cannot be reached now. Nothing was lost: a payment over Lightning goes back to the payer.`,
    next: 'Leyden keeps trying while this page is open. The Bitcoin address in the code works either way.',
    wait: 'Wait',
    waiting: (alias: string) => `Waiting for ${alias} to return`,
  },
  showCode: 'Show the code',
  code: (get: bigint, fee: bigint): Phrase => [
    'You get ',
    msat(get),
    '. ',
    msat(fee),
    ' of the payment pay for your channel.',
  ],
  kept: (fee: bigint): Phrase => [msat(fee), ' of the payment paid for your channel.'],
  settings: {
    link: places.lsps,
    title: 'LSPs',
    none: 'None',
    count: (count: number) => (count === 1 ? '1 LSP' : `${count} LSPs`),
    text: 'Companies that open channels for you when somebody pays you. They are asked for a price; nothing is bought before you agree.',
    empty: 'No LSP yet.',
    trust: 'Use its channels before the chain confirms them',
    trustNote:
      'Payments are there at once. Until the confirmation it could take them back; it may put the channel on the chain only after it got the payment, or never.',
    token: 'Token',
    tokenHint: 'If the LSP gave you one: a coupon or a key.',
    remove: 'Remove',
    removeOf: (alias: string) => `Remove ${alias}`,
    add: 'Add an LSP',
    alias: 'Name',
    uri: 'Node address',
    uriHint: 'Looks like 02ab…@host:9735',
    limit: 'Most to pay for a channel, in sat',
    limitHint: 'No offer above it is taken, whoever makes it.',
    limitWrong: 'A whole number up to 100,000,000.',
    nameWrong: 'A name of up to 40 letters.',
    save: 'Save LSPs',
    saving: 'Checking and restarting',
    saved: 'LSPs saved',
  },
} as const;
