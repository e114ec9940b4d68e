import type { PeerTrouble } from '../../../../engine/node/refusal.ts';
import type { Explained } from '../../explained.ts';
import { sat } from '../../phrase.ts';
import { channelStates } from '../channel-states.ts';
import type { RefusalTexts } from './texts.ts';

/** What a node does wrong: each leaves money and channels as they are. */
const peerTroubles: Readonly<Record<PeerTrouble, Explained>> = {
  floods: {
    sentence: ['This node sent more than a wallet can take in, so Leyden hung up.'],
    next: [
      'Leyden tries again by itself. If it stays so, close your channel with it and choose another node.',
    ],
  },
  'does-not-read': {
    sentence: ['This node does not take what Leyden sends it.'],
    next: ['Its connection may be slow. Leyden tries again by itself.'],
  },
  'broke-rule': {
    sentence: ['This node broke a rule of Lightning, so Leyden hung up before anything was signed.'],
    next: [
      'Leyden tries again by itself. If it stays so, close your channel with it and choose another node.',
    ],
  },
  garbled: {
    sentence: ['What arrived from this node cannot be read.'],
    next: ['Something changes it on the way, or it is no Lightning node. Check its address.'],
  },
  'another-node': {
    sentence: ['Somebody else answers at this address.'],
    next: ['Ask for the node’s address anew. Nothing was told to whoever answered.'],
  },
  silent: {
    sentence: ['This node stopped answering.'],
    next: ['It may be offline. Leyden tries again by itself.'],
    action: 'retry',
  },
  'asks-for-channels': {
    sentence: ['This node asks for one channel after another and does not pay for them.'],
    next: ['Leyden keeps only a few waiting, and none of them holds money of yours. You can disconnect it.'],
  },
};

export const channelRefusals: RefusalTexts<
  | 'peer-unreachable'
  | 'peer-misbehaved'
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
  'peer-misbehaved': ({ reason }) => peerTroubles[reason],
  'peer-not-connected': () => ({
    sentence: ['The node on the other side is not connected just now.'],
    next: ['Leyden keeps trying to reach it. Try again when it is back.'],
    action: 'retry',
  }),
  'peer-incompatible': () => ({
    sentence: ['This node lacks something that Leyden needs.'],
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
    sentence: ['The other node turned this down. None of your money was sent.'],
    next: ['Try another amount or another node. Details hold what it said.'],
  }),
  'timed-out': () => ({
    sentence: ['The other side did not answer in time.'],
    next: ['Try again in a minute. If money was under way, Activity shows where it is.'],
    action: 'retry',
  }),
};
