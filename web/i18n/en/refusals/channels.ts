import { sat } from '../../phrase.ts';
import { channelStates } from '../channel-states.ts';
import type { RefusalTexts } from './texts.ts';

export const channelRefusals: RefusalTexts<
  | 'peer-unreachable'
  | 'peer-not-connected'
  | 'peer-incompatible'
  | 'own-node'
  | 'unknown-channel'
  | 'channel-not-ready'
  | 'channel-frozen'
  | 'channel-amount-out-of-range'
  | 'peer-refused'
  | 'timed-out'
> = {
  'peer-unreachable': () => ({
    sentence: ['The node could not be reached.'],
    next: ['Check its address, or try again in a few minutes. It may be offline.'],
    action: 'retry',
  }),
  'peer-not-connected': () => ({
    sentence: ['The peer is not connected just now.'],
    next: ['Leyden keeps trying. It usually returns within minutes.'],
    action: 'retry',
  }),
  'peer-incompatible': () => ({
    sentence: ['This node does not speak the way Leyden needs.'],
    next: ['Choose another node.'],
  }),
  'own-node': () => ({
    sentence: ['That is your own node.'],
    next: ['A channel needs somebody else on the other side. Choose another node.'],
  }),
  'unknown-channel': () => ({
    sentence: ['This channel is not in your wallet.'],
    next: ['Choose it again under Lightning.'],
  }),
  'channel-not-ready': ({ state }) => ({
    sentence: [`The channel cannot do this now. Its state: ${channelStates[state].label.toLowerCase()}.`],
    next: [channelStates[state].next],
    action: 'retry',
  }),
  'channel-frozen': () => ({
    sentence: ['This channel is paused, because something went wrong in it.'],
    next: ['Reload the page. If it stays paused, close the channel.'],
    action: 'reload',
  }),
  'channel-amount-out-of-range': ({ minimumSat, maximumSat }) => ({
    sentence: ['A channel of this size cannot be opened.'],
    next: ['Choose between ', sat(minimumSat), ' and ', sat(maximumSat), '.'],
  }),
  'peer-refused': () => ({
    sentence: ['The peer turned this down. No money left.'],
    next: ['Try another amount or another node. Details hold what it said.'],
  }),
  'timed-out': () => ({
    sentence: ['The other side did not answer in time.'],
    next: ['Try again in a minute. If money was under way, Activity shows where it is.'],
    action: 'retry',
  }),
};
