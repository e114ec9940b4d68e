import type { PaymentDetails } from '../../../engine/node/api.ts';

type Titles = { readonly incoming: string; readonly outgoing: string };

const kinds: { readonly [K in PaymentDetails['kind']]: Titles } = {
  bolt11: { incoming: 'Lightning payment', outgoing: 'Lightning payment' },
  spontaneous: { incoming: 'Payment without an invoice', outgoing: 'Payment without an invoice' },
  onchain: { incoming: 'On-chain payment', outgoing: 'On-chain payment' },
  'channel-open': { incoming: 'Channel opened to you', outgoing: 'Channel opened' },
  'channel-close': { incoming: 'Channel closed', outgoing: 'Fee for closing a channel' },
};

const states: { readonly [S in PaymentDetails['state']]: Titles } = {
  pending: { incoming: 'Waiting', outgoing: 'Under way' },
  claimable: { incoming: 'Arriving', outgoing: 'Under way' },
  succeeded: { incoming: 'Received', outgoing: 'Sent' },
  failed: { incoming: 'Failed', outgoing: 'Not sent' },
  expired: { incoming: 'Expired', outgoing: 'Expired' },
};

export const activity = {
  title: 'Activity',
  kinds,
  states,
  /** Of the wallet’s own money, from one of its halves to the other. */
  moved: { toLightning: 'Moved to Lightning', toChain: 'Moved on-chain', paid: 'Paid', between: 'Moved' },
  /** Money that stays in the wallet. */
  toSelf: { coins: 'Sent to yourself', feePaid: 'Fee paid', channels: 'Move between channels' },
  /** It may have been paid. */
  outcomeUnknown: 'Not known',
  confirming: 'Confirming',
  notPaidYet: 'Not paid yet',
  anyAmount: 'Any amount',
  showRequests: 'Show requests that were not paid',
  more: 'Show more',
  loading: 'Getting older payments',
  list: 'Payments',
  empty: { title: 'No payments yet', text: 'What you send and receive is listed here.' },
  choose: 'Choose a payment to see all of it.',
  speedUp: {
    action: 'Speed it up',
    text: 'A higher fee makes it confirm sooner.',
    pricing: 'Working out the cost',
    extra: 'You pay more',
    newFee: 'Fee in all',
    childFee: 'Fee of a second transaction',
    receives: 'The receiver gets',
    go: 'Speed it up for',
    done: 'Sent again with a higher fee',
  },
  cancelSend: {
    action: 'Cancel this payment',
    text: 'The coins are sent back to you instead, with a higher fee. Until one of the two is in a block, the first may still be taken.',
    pricing: 'Working out the cost',
    fee: 'Fee of the cancellation',
    back: 'Comes back to you',
    go: 'Cancel this payment for',
    leave: 'Leave it',
    done: 'Cancelling: the coins are on their way back',
  },
  payment: {
    title: 'Payment',
    missing: 'This payment is not in your wallet.',
    state: 'State',
    kind: 'Kind',
    when: 'When',
    created: 'Started',
    settled: 'Settled',
    ended: 'Ended',
    expires: 'Expires',
    fee: 'Fee',
    total: 'Total',
    about: 'Note',
    label: 'Your label',
    labelHint: 'Only you see it',
    labelSaved: 'Label saved',
    addLabel: 'Add a label',
    editLabel: 'Change label',
    confirmations: 'Confirmations',
    unconfirmed: 'None yet, it waits for a block',
    attempts: 'Attempts',
    peer: 'Peer',
    technical: 'For the record',
    hash: 'Payment hash',
    proof: 'Proof of payment',
    invoice: 'Invoice',
    txId: 'Transaction',
  },
} as const;
