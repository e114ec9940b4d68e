import type { ImplementationName } from './implementation.ts';

/** Where an implementation does something else than the specification says, or than others do, and what we make of it. */
type Difference = {
  readonly peer: ImplementationName;
  readonly what: string;
  readonly rule: string;
  readonly weDo: string;
};

export const DIFFERENCES: readonly Difference[] = [
  {
    peer: 'lnd',
    what: 'Its `closing_signed` has no `fee_range`, and where its own estimate is far above ours it comes down by a tenth each time that it hears from us.',
    rule: 'BOLT 2: a node "SHOULD set `fee_range` according to the minimum and maximum fees it is prepared to pay"; without it each "MUST propose a value “strictly between” the received `fee_satoshis` and its previously-sent `fee_satoshis`."',
    weDo: 'To a peer without `fee_range` we answer with a range that has room for 64 steps above what we find fair, and once half way would be more than we pay, go up in small steps to its end, so that there is always something to answer. Nothing is signed beyond the range that was said.',
  },
  {
    peer: 'ldk-wasm',
    what: 'LDK that learns at `channel_reestablish` that its own state is old panics, on purpose, and sends no `error`. So does ldk-node, whose process stands there and answers nobody.',
    rule: 'BOLT 2: the node that fell behind "SHOULD send an `error` to request the peer to fail the channel"; "The other node should wait for that `error`".',
    weDo: 'We wait, as said; a person can close alone, and everything is ours to have.',
  },
  {
    peer: 'ldk-node',
    what: 'Killed between the writes of a channel monitor and of the channel manager, it closes that channel by force when it starts again.',
    rule: 'None: it is about its own disk.',
    weDo: 'We take what is ours from its commitment. The scenario kills it only while its disk is at rest.',
  },
  {
    peer: 'lnd',
    what: 'Around the sixth confirmation the `channel_update` of the other end is gone if it came before: it seems to take the channel out of its graph and put it back.',
    rule: 'BOLT 7 leaves open when an update of an unannounced channel is said again.',
    weDo: 'Nothing: it needs our policy only to be paid through us, and we relay for nobody.',
  },
  {
    peer: 'lnd',
    what: 'A channel that it has taken as confirmed, and that another chain confirms elsewhere, seems to keep its short channel id: it finds no way through it any more.',
    rule: 'BOLT 2: "SHOULD set `minimum_depth` to a number of blocks it considers reasonable to avoid double-spending of the funding transaction."',
    weDo: 'We take the new id. In the scenario it waits for three confirmations, and two are taken back.',
  },
];
