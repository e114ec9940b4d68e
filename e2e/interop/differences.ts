import type { ImplementationName } from './implementation.ts';
import type { ScenarioName } from './scenario-lines.ts';

/** A test of ours, in a file, or a scenario of the table that is played with the peer. */
type Proof = `${string}.test.ts › ${string}` | ScenarioName;

/** Where an implementation does something else than the specification says, or than others do, and what we make of it. */
type Difference = {
  readonly peer: ImplementationName;
  readonly what: string;
  readonly rule: string;
  readonly weDo: string;
  /** What shows that we do: `.ci/named-tests.mjs` sees that each test is there. */
  readonly shownBy: readonly [Proof, ...Proof[]];
};

export const DIFFERENCES: readonly Difference[] = [
  {
    peer: 'lnd',
    what: 'Killed between its `revoke_and_ack` and the `commitment_signed` that belongs behind it, it does not sign when it comes back, however often: it does so only where its `revoke_and_ack` was lost too (ProcessChanSyncMsg in lnwallet/channel.go), else with the next update. A payment of ours then stood in its commitment alone, and would have closed the channel when it expired.',
    rule: 'BOLT 2 binds nobody to sign what it has revoked for within a time; both "MUST NOT assume that previously-transmitted messages were lost".',
    weDo: 'Where such a signature is owed for some seconds, LND gets an update at the next block, and signs. Where we pay the fee of the channel, `update_fee` with a rate one higher, also while the channel shuts down. Where LND pays it ("The node _not responsible_ for paying the Bitcoin fee: MUST NOT send `update_fee`"), one satoshi for itself under a hash that nobody knows: it gives it back, and no channel is closed for it where it does not, as no commitment has an output of it. Who has not even that to offer, or closes ("MUST NOT send an `update_add_htlc` after a `shutdown`"), waits for the next payment or fee rate of LND.',
    shownBy: [
      'engine/channel/scenarios/owed-signature.test.ts › a peer that revoked and does not sign is given a fee rate next to the one that it has, and signs',
      'engine/channel/scenarios/owed-signature.test.ts › a peer that does not sign is asked as well once the channel is to close',
      'engine/channel/scenarios/owed-signature.test.ts › an HTLC too small for an output has the peer sign what it owes too, and closes no channel where it does not',
      'engine/node/owed-signature.test.ts › a peer that opened the channel and does not sign is offered a satoshi under a hash that nobody knows, and signs',
      'kill-paying',
    ],
  },
  {
    peer: 'lnd',
    what: 'Its `closing_signed` has no `fee_range`, and where its own estimate is far above ours it comes down by a tenth each time that it hears from us.',
    rule: 'BOLT 2: a node "SHOULD set `fee_range` according to the minimum and maximum fees it is prepared to pay for a close transaction"; where none came, and a fee "is not strictly between its last-sent `fee_satoshis` and its previously-received `fee_satoshis`", the other side hangs up.',
    weDo: 'To a peer without `fee_range` we answer with a range that has room for 64 steps above what we find fair, and once half way would be more than we pay, go up in small steps to its end, so that there is always something to answer. Nothing is signed beyond the range that was said.',
    shownBy: [
      'engine/channel/scenarios/closing.test.ts › closing_signed -- without fee_range: LND as it haggles, its own fee %s',
      'engine/channel/scenarios/closing.test.ts › closing_signed -- without fee_range: who comes down by a tenth at a time from %s above is waited for',
      'close-fees-differ',
    ],
  },
  {
    peer: 'ldk-wasm',
    what: 'LDK that learns at `channel_reestablish` that its own state is old panics, on purpose, and sends no `error`. So does ldk-node, whose process stands there and answers nobody.',
    rule: 'BOLT 2: the node that fell behind "SHOULD send an `error` to request the peer to fail the channel"; "The other node should wait for that `error`".',
    weDo: 'We wait, as said; a person can close alone, and everything is ours to have.',
    shownBy: [
      'engine/channel/scenarios/other-nodes.test.ts › is waited for, however often it comes back',
      'engine/channel/scenarios/other-nodes.test.ts › is left by a person who closes alone, and all that is ours comes home',
      'loss-of-theirs',
    ],
  },
  {
    peer: 'ldk-node',
    what: 'Killed between the writes of a channel monitor and of the channel manager, it closes that channel by force when it starts again ("A ChannelManager is stale compared to the current ChannelMonitor!", lightning/src/ln/channelmanager.rs).',
    rule: 'None: it is about its own disk.',
    weDo: 'We take what is ours from its commitment. In `kill-paying` it is killed only while its disk is at rest.',
    shownBy: [
      'engine/channel/scenarios/chain.test.ts › the peer closes: known in the mempool, claimed when mined',
      'force-in-flight-by-them',
    ],
  },
  {
    peer: 'lnd',
    what: 'At the sixth confirmation it takes a channel whose ends both know `option_scid_alias` out of its graph and puts it back with its own terms alone (annAfterSixConfs in funding/manager.go): the `channel_update` of the other end is lost if it came before. One that comes in that very moment fails ("edge not found"), and then all others of that end for that channel are ignored until it starts again (recentRejects in discovery/gossiper.go). Without those terms it makes no blinded path over the channel.',
    rule: 'BOLT 7: a node "SHOULD accept `channel_update`s for its own channels (even if non-public), in order to learn the associated origin nodes\' forwarding parameters." When one is said again it leaves open.',
    weDo: 'We say ours as the signatures of the announcement are complete and again at each connection. In the scenarios no public channel gets deep before each end has heard the other, and in `blinded-hops` and `gossip-to-them` who was forgotten says its terms again.',
    shownBy: [
      'engine/channel/scenarios/announcement.test.ts › announcement_signatures -- again on each connection until the peer’s are known',
      'engine/channel/scenarios/announcement.test.ts › channel_update -- the same bytes on each connection, over a restart too, until they are a week old',
      'blinded-hops',
      'gossip-to-them',
    ],
  },
  {
    peer: 'lnd',
    what: 'Connected anew while the funding is unconfirmed, it sends no `channel_reestablish` over that connection, and once the funding is deep `channel_ready` alone. Then it waits for ours.',
    rule: 'BOLT 2, upon reconnection: a node "MUST transmit `channel_reestablish` for each channel" and "MUST wait to receive the other node\'s `channel_reestablish` message before sending any other messages for that channel."',
    weDo: 'We waited too, and the channel was of no use until one side connected again. Now we hang up at a `channel_ready` that comes before `channel_reestablish`: over the next connection both are said (`cuts-opening`).',
    shownBy: [
      'engine/channel/scenarios/reestablish.test.ts › channel_reestablish -- channel_ready without it: a new connection has both',
      'cuts-opening',
    ],
  },
  {
    peer: 'lnd',
    what: 'Its invoices with blinded hops have no payment secret: the hops stand in a field of their own (bLIP 39), which no BOLT has.',
    rule: 'BOLT 11: "MUST include exactly one `s` field."',
    weDo: 'We read the field and pay along its paths (`blinded-hops`); an invoice with neither a payment secret nor a path is not valid.',
    shownBy: [
      'engine/invoice/bolt11.test.ts › reads the two of its vector, which has no payment secret',
      'engine/payment/blinded-way.test.ts › goes to the introduction node and along the path, each node of which finds what it asked for',
      'blinded-hops',
    ],
  },
  {
    peer: 'lnd',
    what: 'It refuses a channel of type `option_static_remotekey` with `option_scid_alias` ("funding failed due to internal error"; funding/commitment_type_negotiation.go has no such pair); with anchors it takes the alias.',
    rule: 'BOLT 2, of the types in `channel_type`: "Each basic type has the following variations allowed: `option_scid_alias` (bit 46)".',
    weDo: 'Nothing: what we ask for is allowed, and only an LND that was told to do without anchors is asked for it. Nothing was funded, and the person is told what it said.',
    shownBy: [
      'engine/channel/scenarios/other-nodes.test.ts › a peer that knows aliases and no anchors is asked for both that it has, and may refuse: it costs nothing',
      'static-remotekey-by-them',
    ],
  },
  {
    peer: 'lnd',
    what: 'A channel that it has taken as confirmed, and that another chain confirms elsewhere, seems to keep its short channel id: it finds no way through it any more.',
    rule: 'BOLT 2: "SHOULD set `minimum_depth` to a number of blocks it considers reasonable to avoid double-spending of the funding transaction."',
    weDo: 'We take the new id. In the scenario it waits for three confirmations, and two are taken back.',
    shownBy: [
      'engine/channel/scenarios/announcement.test.ts › announcement_signatures -- exchanged anew when the funding transaction moved to another place',
      'engine/channel/scenarios/opening-rules.test.ts › channel_ready -- the alias is the same wherever in the chain the channel comes to stand',
      'reorg',
    ],
  },
  {
    peer: 'ldk-node',
    what: 'Killed while it opens a channel for a payment (LSPS2), up to our `funding_signed`, it opens none when it is back, and holds the payment until its expiry is near. From the funding on it goes on with both.',
    rule: 'bLIP 52: it "SHOULD hold all payment parts active for at least 90 seconds", and nothing says how long at most.',
    weDo: 'Nothing: the payer has it all back, the channel that was never funded is forgotten, and what is asked for anew is paid.',
    shownBy: [
      'engine/channel/scenarios/funding.test.ts › channel_ready -- a funding transaction that never comes is forgotten by the fundee alone',
      'channel-bought-killed',
    ],
  },
  {
    peer: 'ldk-node',
    what: 'On a chain younger than a month it draws the short channel ids of the channels that it sells (LSPS2) from the 2,500 of one block (get_fake_scid in lightning/src/util/scid_utils.rs), and does not look whether it has sold one already (`get_intercept_scid`). If it has, it does not start again ("ReadFailed"; in lightning-liquidity: "Intercept SCIDs should never collide"), killed or stopped.',
    rule: 'bLIP 52: "LSPs MUST consider the `jit_channel_scid` as yet another alias for the specified client".',
    weDo: 'Nothing: it is about its own disk, and on a chain of a month it does not come to that. A scenario in which its log shows one id twice begins anew, once.',
    shownBy: [
      'e2e/real/sold-twice.test.ts › a scenario begins anew for nothing else than an id that was sold twice',
      'channel-bought-killed',
    ],
  },
  {
    peer: 'ldk-node',
    what: 'The channel that it sells for a payment (LSPS2) has no `option_scid_alias` in its type.',
    rule: 'bLIP 52: "The LSP and client MUST negotiate these options […]: `option_scid_alias` is set", "so that the channel can be referred to on future invoices before the channel confirms."',
    weDo: 'We refused it, and the payment with it. Now it is taken: where both offer the feature, BOLT 2 has each side send an alias in `channel_ready` whatever the type says, and invoices name that alias.',
    shownBy: [
      'engine/node/lsp/receive.test.ts › is paid through a channel whose type does not have option_scid_alias, and hints at it by its alias',
      'channel-bought',
    ],
  },
  {
    peer: 'ldk-node',
    what: 'Of a channel that we opened it signs no closing transaction that pays less than its own estimate, and warns: "Unable to come to consensus about closing feerate".',
    rule: 'BOLT 2: who is not the funder "SHOULD set `min_fee_satoshis` to a fairly low value"; without an overlap it "SHOULD send a warning".',
    weDo: 'As funder we offer up to our most urgent estimate and no more; each new connection negotiates again with the estimates of then, and after a day without an agreement the channel is closed alone. In the scenarios its bitcoind learns of fee rates like those that our server tells.',
    shownBy: [
      'engine/channel/scenarios/other-nodes.test.ts › is another one on the next connection, once our estimates have risen',
      'engine/channel/scenarios/closing.test.ts › closing_signed -- no answer for a day: the commitment is published',
      'close-fees-differ',
    ],
  },
  {
    peer: 'lnd',
    what: 'Its invoices hint only at a hop that its graph knows as public (`IsPublicNode` in lnrpc/invoicesrpc/addinvoice.go).',
    rule: 'BOLT 11, of who has no public channel: "`r` field MUST contain one or more ordered entries, indicating the forward route from a public node to the final destination." LND is right.',
    weDo: 'Our own invoices name the peer of each channel that has room, as far as we know public or not: a map that is not whole does not tell, and a payer has no other way. In the scenarios the hop announces a channel.',
    shownBy: [
      'engine/payment/requests.test.ts › names the peer, by the alias that it gave, with its terms',
      'two-hops',
    ],
  },
  {
    peer: 'electrum',
    what: 'While we close together it closes by force at once where the two ranges of fees have no overlap, as after a spike of which its server and ours tell at different times, and where a `closing_signed` takes longer than 20 seconds (lnpeer.py, with a note that it should warn first).',
    rule: 'BOLT 2: without an overlap a node "SHOULD send a warning", and "MUST fail the channel if it doesn\'t receive a satisfying `fee_range` after a reasonable amount of time".',
    weDo: 'We warn and wait. What is ours of its commitment is claimed at once (`force-by-them`); in `fee-spike` fee rates are back to what its server tells before anybody closes.',
    shownBy: [
      'engine/channel/scenarios/closing.test.ts › closing_signed -- no overlap of the ranges: a warning',
      'engine/channel/scenarios/other-nodes.test.ts › is no reason for ours to publish anything: what is ours of their commitment is taken',
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
    peer: 'lnd',
    what: 'Killed between `update_add_htlc` and `commitment_signed` of a payment of its own, it holds the payment as under way for ever ("payment is in transition"), though no channel has an HTLC of it.',
    rule: 'BOLT 2: what was not signed is gone: "MUST reverse any uncommitted updates sent by the other side".',
    weDo: 'Nothing: the invoice is not paid, and both say the same of the channel. In `kill-paying` and in a soak it is given another invoice after a minute, and what became of the first is counted in the end.',
    shownBy: [
      'engine/channel/scenarios/reestablish.test.ts › update_add_htlc -- said and not signed: forgotten by both',
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
    peer: 'ldk-wasm',
    what: 'It says its `channel_update` of a channel that is to be announced as it says `announcement_signatures`, before the announcement can be whole here.',
    rule: 'BOLT 7: a node "MAY create a `channel_update` to communicate the channel parameters to the channel peer, even though the channel has not yet been announced". LDK is right.',
    weDo: 'We dropped it, and our map had its terms only with the next one. Now the last that it said is kept until the announcement is whole, and judged then; one that the line took comes with the next connection.',
    shownBy: [
      'engine/node/graph/gossip-desk.test.ts › says its terms of a channel of ours before that is announced: they are on the map when it is',
      'engine/node/graph/gossip-desk.test.ts › is not blamed for its terms where somebody announces our channel as his own',
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
];
