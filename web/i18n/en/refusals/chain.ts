import { sat } from '../../phrase.ts';
import { chainTrouble } from '../chain-troubles.ts';
import type { RefusalTexts } from './texts.ts';

export const chainRefusals: RefusalTexts<
  | 'insufficient-funds'
  | 'reserve-needed'
  | 'only-unconfirmed-funds'
  | 'below-dust'
  | 'fee-too-low'
  | 'fee-too-high'
  | 'not-replaceable'
  | 'unknown-transaction'
  | 'broadcast-refused'
  | 'chain-unreachable'
  | 'snapshot-unavailable'
  | 'scores-unavailable'
  | 'not-on-the-map'
  | 'chain-behind'
> = {
  'insufficient-funds': ({ missingSat, feeSat }) => ({
    sentence: [
      'Your on-chain money is ',
      sat(missingSat),
      ' short, with the fee of ',
      sat(feeSat),
      ' counted in.',
    ],
    next: ['Use a smaller amount, or receive more first.'],
    action: 'receive',
  }),
  'reserve-needed': ({ reserveSat, mostSat }) => ({
    sentence: [
      sat(reserveSat),
      ' stays in your on-chain balance: it pays the fees if a channel has to close by itself.',
    ],
    next:
      mostSat > 0n
        ? ['You can use up to ', sat(mostSat), '. Closing your channels frees the rest.']
        : ['Receive more first. Closing your channels frees what is kept.'],
    action: 'receive',
  }),
  'only-unconfirmed-funds': ({ pendingSat }) => ({
    sentence: [sat(pendingSat), ' of yours is not confirmed yet.'],
    next: ['It can be spent once it confirms, usually within an hour.'],
    action: 'retry',
  }),
  'below-dust': ({ minimumSat }) => ({
    sentence: ['That is too little for the chain to carry.'],
    next: ['Send at least ', sat(minimumSat), '.'],
  }),
  'fee-too-low': ({ minimumSatPerVb }) => ({
    sentence: ['At this fee rate the network would not pass it on.'],
    next: [`Use at least ${minimumSatPerVb} sat/vB.`],
  }),
  'fee-too-high': ({ maximumSatPerVb }) => ({
    sentence: ['This fee rate looks like a mistake.'],
    next: [`Use at most ${maximumSatPerVb} sat/vB.`],
  }),
  'not-replaceable': () => ({
    sentence: ['This transaction cannot be hurried any more.'],
    next: ['It confirms by itself when the network has room.'],
  }),
  'unknown-transaction': () => ({
    sentence: ['This transaction is not one of yours.'],
    next: ['Choose it again in Activity.'],
    action: 'activity',
  }),
  'broadcast-refused': ({ isKept }) =>
    isKept === true
      ? {
          sentence: ['No server took this payment yet. It is kept, and offered again after each block.'],
          next: ['Do not send it a second time. You can raise its fee, or cancel it, in Activity.'],
          action: 'activity',
        }
      : {
          sentence: ['The network did not take the transaction. Your money is where it was.'],
          next: ['Try again with a higher fee. Details hold the reason.'],
          action: 'retry',
        },
  'chain-unreachable': ({ trouble }) => {
    if (trouble === undefined || trouble.code === 'unreachable')
      return {
        sentence: ['None of the chain servers answers.'],
        next: ['Check your connection, then try again. You can change the servers in Settings.'],
        action: 'servers',
      };
    const { title, next } = chainTrouble(trouble);
    return { sentence: [`${title}.`], next: [next], action: 'servers' };
  },
  'snapshot-unavailable': () => ({
    sentence: ['The map of the network could not be brought up to date.'],
    next: ['Payments go on with the map that is here. Try again later, or change the servers in Settings.'],
    action: 'servers',
  }),
  'scores-unavailable': () => ({
    sentence: ['What others learnt of channels could not be fetched.'],
    next: ['Payments go on with what is known here. Try again later, or change the servers in Settings.'],
    action: 'servers',
  }),
  'not-on-the-map': () => ({
    sentence: ['The map of the network does not have that.'],
    next: ['Bring the map up to date, then look again.'],
  }),
  'chain-behind': () => ({
    sentence: ['The wallet has not caught up with the chain yet.'],
    next: ['It is catching up now. Try again in a minute.'],
    action: 'retry',
  }),
};
