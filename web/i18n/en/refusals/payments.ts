import type { PaymentState, Refusal } from '../../../../engine/node/refusal.ts';
import type { Explained } from '../../explained.ts';
import { fullTime } from '../../../format/time.ts';
import { msat } from '../../phrase.ts';
import type { RefusalTexts } from './texts.ts';

const duplicate: { readonly [S in PaymentState]: string } = {
  pending: 'This invoice is being paid already.',
  claimable: 'This invoice is being paid already.',
  succeeded: 'You have paid this invoice already.',
  failed: 'This invoice was tried before and not paid.',
  expired: 'This invoice has expired.',
};

const tooLittle = (sendableMsat: bigint, keptMsat: bigint | undefined): Explained => ({
  sentence:
    keptMsat === undefined
      ? ['To this receiver you can send ', msat(sendableMsat), ' now, fees taken off.']
      : [
          'To this receiver you can send ',
          msat(sendableMsat),
          ' now. Another ',
          msat(keptMsat),
          ' is yours, but has to stay in your channels as a reserve.',
        ],
  next: ['Send less, or open another channel.'],
  action: 'open-channel',
});

type NoPath = Extract<Refusal, { readonly code: 'no-path' }>['reason'];
const noPath: { readonly [R in NoPath]: Explained } = {
  'no-channel': {
    sentence: ['You have no Lightning channel yet.'],
    next: ['Open one with your on-chain money first.'],
    action: 'open-channel',
  },
  'peer-offline': {
    sentence: ['Your channel’s peer is offline.'],
    next: ['Leyden keeps trying to reach it. Try again when it is back.'],
    action: 'retry',
  },
  'channels-full': {
    sentence: ['Your channels carry as many payments as they can at once.'],
    next: ['Try again when one of them is over.'],
    action: 'retry',
  },
  'no-route': {
    sentence: ['No path leads to the receiver.'],
    next: ['Ask for a bitcoin address instead, or try again when the map of the network is newer.'],
  },
  liquidity: {
    sentence: ['No path can carry this amount now.'],
    next: ['Try a smaller amount, or try again in a few minutes.'],
    action: 'retry',
  },
};

const PAID_BY = {
  'earlier-device': 'This invoice is from before your wallet was restored, and may have been paid already.',
  invoice: 'You paid this invoice over Lightning, or that payment is still on its way.',
  address: 'You sent coins to the address of this invoice already.',
} as const;

export const paymentRefusals: RefusalTexts<
  | 'duplicate-payment'
  | 'may-be-paid'
  | 'invoice-expired'
  | 'amount-required'
  | 'amount-fixed'
  | 'amount-too-small'
  | 'amount-too-large'
  | 'insufficient-balance'
  | 'no-path'
  | 'fee-above-limit'
  | 'own-invoice'
  | 'unknown-payment'
  | 'not-claimable'
  | 'not-safe-to-claim'
  | 'wrong-preimage'
  | 'playground-failed'
  | 'probes-limited'
> = {
  'duplicate-payment': ({ state }) => ({
    sentence: [duplicate[state]],
    next: [state === 'failed' || state === 'expired' ? 'Ask for a new invoice.' : 'Look it up in Activity.'],
    action: 'activity',
  }),
  'may-be-paid': ({ by }) => ({
    sentence: [PAID_BY[by]],
    next: [
      by === 'earlier-device' ? 'Ask the receiver, or ask for a new invoice.' : 'Look it up in Activity.',
    ],
    ...(by === 'earlier-device' ? {} : { action: 'activity' }),
  }),
  'invoice-expired': ({ expiredAt }) => ({
    sentence: [`This invoice expired on ${fullTime(expiredAt)}.`],
    next: ['Ask the receiver for a new one.'],
  }),
  'amount-required': () => ({
    sentence: ['This invoice leaves the amount to you.'],
    next: ['Enter how much to pay.'],
  }),
  'amount-fixed': ({ amountMsat }) => ({
    sentence: ['This invoice asks for exactly ', msat(amountMsat), '.'],
    next: ['Pay that amount, or ask for another invoice.'],
  }),
  'amount-too-small': ({ minimumMsat }) => ({
    sentence: ['That is too little.'],
    next: ['Use at least ', msat(minimumMsat), '.'],
  }),
  'amount-too-large': ({ maximumMsat }) => ({
    sentence: ['That is too much at once.'],
    next: ['Use at most ', msat(maximumMsat), '.'],
  }),
  'insufficient-balance': ({ sendableMsat, keptMsat, awayMsat }) =>
    awayMsat === undefined
      ? tooLittle(sendableMsat, keptMsat)
      : {
          sentence: [
            'To this receiver you can send ',
            msat(sendableMsat),
            ' now. Another ',
            msat(awayMsat),
            ' is yours, but not ready to be sent.',
          ],
          next: [
            sendableMsat === 0n ? 'Try again' : 'Send less, or try again',
            ' when it is. A peer may be away, or a funding not confirmed yet.',
          ],
          action: 'retry',
        },
  'no-path': ({ reason }) => noPath[reason],
  'fee-above-limit': ({ feeMsat, limitMsat }) => ({
    sentence: [
      'The fee would be ',
      msat(feeMsat),
      ', above the ',
      msat(limitMsat),
      ' you agreed to. Nothing was sent.',
    ],
    next: ['Try again to see the new fee first.'],
    action: 'retry',
  }),
  'own-invoice': () => ({
    sentence: ['This invoice is your own.'],
    next: ['Give it to whoever should pay you.'],
  }),
  'unknown-payment': () => ({
    sentence: ['This payment is not in your wallet.'],
    next: ['Choose it again in Activity.'],
    action: 'activity',
  }),
  'not-claimable': () => ({
    sentence: ['This payment cannot be accepted any more.'],
    next: ['Its state is in Activity.'],
    action: 'activity',
  }),
  'not-safe-to-claim': () => ({
    sentence: ['A channel that this payment came through could lose it now. Nothing was accepted.'],
    next: ['Try again in an hour. What is not accepted in time goes back to the payer.'],
    action: 'retry',
  }),
  'playground-failed': () => ({
    sentence: ['The playground did not pay.'],
    next: ['See that it still runs, and try again.'],
    action: 'retry',
  }),
  'wrong-preimage': () => ({
    sentence: ['This proof does not fit the payment.'],
    next: ['Check that it was copied as a whole.'],
  }),
  'probes-limited': ({ by }) => ({
    sentence: [
      by === 'value' ? 'This is more than may be tested at once.' : 'Enough is being tested already.',
    ],
    next: [by === 'value' ? 'Test with a smaller amount.' : 'Try again in a minute.'],
  }),
};
