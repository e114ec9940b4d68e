import type { Difference } from './difference.ts';

export const OF_ELECTRUM: readonly Difference[] = [
  {
    peer: 'electrum',
    what: 'While we close together it closes by force at once where the two ranges of fees have no overlap, as after a spike of which its server and ours tell at different times, and where a `closing_signed` takes longer than 20 seconds (lnpeer.py, with a note that it should warn first).',
    rule: 'BOLT 2: without an overlap a node "SHOULD send a warning", and "MUST fail the channel if it doesn\'t receive a satisfying `fee_range` after a reasonable amount of time".',
    weDo: 'As opener we sign up to twice what our normal estimate costs, 1,000 satoshis more at most, also where all estimates are the same: it reckons a closing transaction some bytes larger, and on a quiet day there was no overlap. Else we warn and wait. What is ours of its commitment is claimed at once (`force-by-them`); in `fee-spike` fee rates are back to what its server tells before anybody closes.',
    shownBy: [
      'engine/channel/scenarios/closing.test.ts › closing_signed -- where all fee rates are the same there is room for who reckons the transaction larger',
      'engine/channel/scenarios/closing.test.ts › closing_signed -- no overlap of the ranges: a warning',
      'engine/channel/scenarios/other-nodes.test.ts › is no reason for ours to publish anything: what is ours of their commitment is taken',
      'close-fees-differ',
      'force-by-them',
      'fee-spike',
    ],
  },
  {
    peer: 'electrum',
    what: 'It takes a payment with a final expiry of more than a day, and lets go of a paid HTLC later than others: a backup file made at once may hold it as pending.',
    rule: 'BOLT 5, of a commitment from after our state was lost: "the node will be unable to salvage the HTLCs."',
    weDo: 'What is ours of it is claimed at once; the payment is undecided until it has expired, as it could still be claimed, and only then the channel counts as closed.',
    shownBy: [
      'engine/channel/scenarios/other-nodes.test.ts › an HTLC of an old disk in a commitment from after it: what became of it is open until it has expired, the rest is ours at once',
      'loss-of-ours',
    ],
  },
  {
    peer: 'electrum',
    what: 'It reestablishes no channel before it has caught up with the chain, and until then processes nothing of that connection. Where the channel ends on the chain meanwhile, that lasts: it does not hear that we hung up ("if the above event is never set, we won\'t detect if the connection was closed by remote", lnpeer.py) and takes no other connection of ours as long as it counts this one, until a ping of its own goes unanswered. Asked to close, its command never returns when the line breaks before our `shutdown`.',
    rule: 'BOLT 2: a node "MUST transmit `channel_reestablish` for each channel" upon reconnection, and nothing says how soon, or which of two connections stays.',
    weDo: 'We dial again until it takes us: no money waits for it, as the channel is closed. In `cuts-close-by-us` and `cuts-close-by-them` it is started again.',
    shownBy: [
      'engine/peer/connections.test.ts › keeps a peer: dials again, ever more slowly, until it is there',
      'cuts-close-by-us',
      'cuts-close-by-them',
    ],
  },
  {
    peer: 'electrum',
    what: 'Killed between what it saves of an HTLC that it fulfilled and the `commitment_signed` after `update_fulfill_htlc`, it says the latter never again, and signs commitments without the HTLC (`_fulfill_htlc` in lnpeer.py saves the one, and what is to be said again only with the next signature). Each new connection ends there.',
    rule: 'BOLT 2: "if `num_htlcs` is not equal to the number of HTLC outputs in the local commitment transaction: MUST send a `warning` and close the connection, or send an `error` and fail the channel".',
    weDo: 'We warn and close the connection, each time; once the HTLC has expired, unless it was closed before, we close alone. In `kill-paying` and in a soak it is killed only once nothing is in flight.',
    shownBy: [
      'engine/channel/scenarios/other-nodes.test.ts › is hung up on, each time, and the channel stays',
      'engine/channel/scenarios/other-nodes.test.ts › goes to the chain for it once the HTLC has expired, if it did not itself',
      'kill-paying',
    ],
  },
  {
    peer: 'electrum',
    what: 'A `channel_ready` that was lost with the line it says again only once it was started anew (`sent_channel_ready` in lnpeer.py), and meanwhile takes the channel as open.',
    rule: 'BOLT 2: "if `next_commitment_number` is 1 in both the `channel_reestablish` it sent and received […]: MUST retransmit `channel_ready`".',
    weDo: 'Nothing can be done without it: it has the point for the next commitment. What it says for the open channel meanwhile is kept until the connection ends; a person can close it alone. In `cuts-opening-by-them` it is started again.',
    shownBy: [
      'engine/channel/scenarios/early-updates.test.ts › channel_ready -- never comes: what was said before it is gone with the connection',
      'engine/channel/scenarios/early-updates.test.ts › channel_ready -- never comes: a person closes alone, and all that is ours comes home',
      'cuts-opening-by-them',
    ],
  },
  {
    peer: 'electrum',
    what: 'Started anew, it says the updates and the `commitment_signed` that were not answered again before that `channel_ready` (`reestablish_channel` in lnpeer.py).',
    rule: 'BOLT 2: "Once both nodes have exchanged `channel_ready` […] the channel can be used to make payments".',
    weDo: 'We hung up at the first of them, each time, and the channel never came to be of use. Now they are kept, 16 at most, and heard once `channel_ready` has come (`cuts-opening-by-them`).',
    shownBy: [
      'engine/channel/scenarios/early-updates.test.ts › update_add_htlc -- is heard once channel_ready has come',
      'engine/channel/scenarios/early-updates.test.ts › update_add_htlc -- no end of them',
      'cuts-opening-by-them',
    ],
  },
  {
    peer: 'electrum',
    what: 'It says `announcement_signatures` of a channel once for as long as it runs (`sent_announcement_signatures` in lnpeer.py): lost with the line, they are not said again, nor is our own answered.',
    rule: 'BOLT 7: "If it receives `announcement_signatures` for the funding transaction: MUST respond with its own `announcement_signatures` message."',
    weDo: 'We say ours on each connection until we have theirs; the channel is of use to both, and announced once it was started anew. In `cuts-announcing` it is.',
    shownBy: [
      'engine/channel/scenarios/announcement.test.ts › announcement_signatures -- again on each connection until the peer’s are known',
      'cuts-announcing',
    ],
  },
  {
    peer: 'electrum',
    what: 'Over a channel that we open and that it takes unconfirmed it is paid at once, and pays only once the chain has it: it looks for a way among its channels with a short channel id (`my_sending_channels` in lnworker.py).',
    rule: 'None: no BOLT has a node pay at once.',
    weDo: 'Nothing: it is its own money. In `zero-conf-by-us` it pays once the channel is in a block.',
    shownBy: [
      'engine/channel/scenarios/open-channel.test.ts › open_channel -- we ask for it, and pay before the funding transaction is in a block',
      'zero-conf-by-us',
    ],
  },
  {
    peer: 'electrum',
    what: 'It passes on nothing of what others say before its own map counts as synced, which takes 200 channels, and forgets what came until then (`wait_for_sync` in lnworker.py).',
    rule: 'BOLT 7: a node "SHOULD flush outgoing gossip messages once every 60 seconds, independently of the arrival times of the messages."',
    weDo: 'We ask four peers for their map, and whoever is kept, not one alone. In `gossip-from-them` and `three-hops` each end of a channel of theirs is asked.',
    shownBy: [
      'engine/node/graph/gossip-desk.test.ts › is asked for the map when it is one of four, or kept',
      'gossip-from-them',
      'three-hops',
    ],
  },
  {
    peer: 'electrum',
    what: 'Its dust limit is 546 sat, whatever the scripts (DUST_LIMIT_P2PKH in bitcoin.py): smaller HTLCs are in none of its commitments.',
    rule: 'BOLT 2: `dust_limit_satoshis` is to be "a sufficient value to allow commitment transactions to propagate", and no "smaller than `354 satoshis`". Electrum is right.',
    weDo: 'We take what is no more than the reserve that we ask for. HTLCs between both limits are in our commitment and not in its own, and count as dust.',
    shownBy: [
      'engine/channel/scenarios/opening-rules.test.ts › accept_channel -- no higher dust limit than the reserve that the opener asks for',
      'many-at-once',
    ],
  },
  {
    peer: 'electrum',
    what: 'It offers no more HTLCs at once than it takes itself, whatever we take (`htlc_slots_left` in lnchannel.py).',
    rule: 'BOLT 2: "MUST NOT add an HTLC" where it "would be offering more than the remote\'s `max_accepted_htlcs` HTLCs": less is allowed.',
    weDo: 'Nothing: we offer up to what it takes, and take what it offers. In `many-at-once-by-them` it is asked for as many as it offers.',
    shownBy: [
      'engine/channel/scenarios/update-add-htlc.test.ts › update_add_htlc -- not more than max_accepted_htlcs',
      'many-at-once-by-them',
    ],
  },
  {
    peer: 'electrum',
    what: 'It requires `option_anchors` of every peer: bit 22 in its `init`.',
    rule: 'BOLT 1, of who does not know it: "upon receiving unknown _even_ feature bits that are non-zero: MUST close the connection."',
    weDo: 'We offer it, and ask for it wherever both know it; a channel without is only for who has none.',
    shownBy: [
      'engine/wire/features.test.ts › what a peer requires must be what we support',
      'features',
      'open-by-us',
    ],
  },
  {
    peer: 'electrum',
    what: 'That comes back with an old disk it kept the connection for a minute and asked for nothing, also where it was started again meanwhile. Its source has it ask over the next connection, by a `channel_reestablish` of zeros and an `error` (`reestablish_channel` in lnpeer.py); but that is called for channels in a state before `CLOSING` alone (`should_try_to_reestablish_peer` in lnchannel.py), and `WE_ARE_TOXIC`, in which this one is by then, comes after it: by itself it never asks.',
    rule: 'BOLT 2: the node that fell behind "SHOULD send an `error` to request the peer to fail the channel"; "if `next_commitment_number` is zero: MUST immediately fail the channel and broadcast any relevant latest commitment transaction."',
    weDo: 'We wait, as said, and publish ours where it asks; a person can close alone, and everything is ours to have.',
    shownBy: [
      'engine/channel/scenarios/other-nodes.test.ts › is waited for, however often it comes back',
      'engine/channel/scenarios/other-nodes.test.ts › is left by a person who closes alone, and all that is ours comes home',
      'loss-of-theirs',
    ],
  },
];
