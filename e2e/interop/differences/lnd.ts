import type { Difference } from './difference.ts';

export const OF_LND: readonly Difference[] = [
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
    weDo: 'Nothing: what we ask for is allowed, and only an LND that was told to do without anchors is asked for it. Nothing was funded, and the person is told what it said. In `static-remotekey-by-us` and `static-remotekey-by-them` it does without aliases too.',
    shownBy: [
      'engine/channel/scenarios/other-nodes.test.ts › a peer that knows aliases and no anchors is asked for both that it has, and may refuse: it costs nothing',
    ],
  },
  {
    peer: 'lnd',
    what: 'The short channel id of a channel is set once, when it has the confirmations that LND waits for (MarkAsOpen in chanstate/open_channel.go, called by funding/manager.go), and never again but for one without confirmations; and of blocks that another chain takes back its graph forgets the channels (DisconnectBlockAtHeight in graph/builder.go). So a channel that is confirmed elsewhere after that keeps its old id there, and has no edge to be paid over. Read in its source, not played.',
    rule: 'BOLT 2 has who opens and who accepts wait for `minimum_depth`, "a number of blocks it considers reasonable to avoid double-spending of the funding transaction", and says nothing of a chain that takes back more.',
    weDo: 'We take the new id. In `reorg` it waits for three confirmations, and two are taken back: there it has no old id yet.',
    shownBy: [
      'engine/channel/scenarios/announcement.test.ts › announcement_signatures -- exchanged anew when the funding transaction moved to another place',
      'engine/channel/scenarios/opening-rules.test.ts › channel_ready -- the alias is the same wherever in the chain the channel comes to stand',
      'reorg',
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
    peer: 'lnd',
    what: 'It takes a payment of more than twice what its invoice asks for: it looks at the least amount alone (ResultHtlcSetTotalTooLow in invoices/update.go). So does LDK (`verify` in lightning/src/ln/inbound_payment.rs).',
    rule: 'BOLT 4: "if the amount paid is more than twice the amount expected: […] SHOULD return an `incorrect_or_unknown_payment_details` error."',
    weDo: 'As payee we refuse it, as said (`refused-by-us`). As payer we pay what is asked for: only a node of ours that was made to lie shows it (`refused-by-payee`).',
    shownBy: [
      'engine/payment/incoming-machine.test.ts › is accepted up to twice the amount, and with three blocks less than asked',
      'refused-by-us',
      'refused-by-payee',
    ],
  },
  {
    peer: 'lnd',
    what: 'It answers a `shutdown` with another script than was committed to by `error` (ErrUpfrontShutdownScriptMismatch in lnwallet/chancloser/chancloser.go).',
    rule: 'BOLT 2: "MAY send a `warning`. MUST fail the connection."',
    weDo: 'We never send one, so that no channel of ours meets it; one of theirs costs it the connection, as said. In `upfront-shutdown` a node of ours is made to.',
    shownBy: [
      'engine/channel/scenarios/closing.test.ts › shutdown -- another script than was committed to: refused by ourselves',
      'engine/channel/scenarios/closing.test.ts › shutdown -- another script than was committed to: costs the peer the connection',
      'upfront-shutdown',
    ],
  },
  {
    peer: 'lnd',
    what: 'It answers who asks for gossip only where that one offers `gossip_queries` (`initGossipSync` in peer/brontide.go). To who does not LDK sends all that it hears, unasked (lightning/src/ln/peer_handler.rs).',
    rule: 'BOLT 7: "Not offering this feature means a node is not worth querying for gossip"; the messages "are universally supported", and a node "MUST NOT relay any gossip messages it did not generate itself, unless explicitly requested." Both read the bit as it was meant before.',
    weDo: "We keep nobody else's messages and offer the bit all the same, or had no map of them.",
    shownBy: [
      'engine/node/graph/gossip-desk.test.ts › is asked for the map, and what it tells is checked, put on it and kept',
      'gossip-from-them',
      'three-hops',
    ],
  },
  {
    peer: 'lnd',
    what: 'Of two connections that both sides dialled at once it keeps the one that the node with the lower id dialled (shouldDropLocalConnection in server.go).',
    rule: 'BOLT 1: "Implementations MUST use a single connection per peer", and nothing says which.',
    weDo: 'The same; apart by ten seconds or more the newer one stays, as the old one is dead and we may not know it yet.',
    shownBy: [
      'engine/peer/connections.test.ts › at the same moment from both sides: both keep the same one',
      'connect',
      'cuts',
    ],
  },
  {
    peer: 'lnd',
    what: 'A transaction of its own may pay as little as a satoshi for each virtual byte (AbsoluteFeePerKwFloor in lnwallet/chainfee/rates.go: 250 per 1,000 weight), a hundredth below our floor (253).',
    rule: 'BOLT 2: a node "SHOULD set the initial `fee_satoshis` according to its estimate of cost of inclusion in a block": what that is each finds for itself.',
    weDo: 'To a peer without `fee_range` whose fee is in between we agree at once, where it is relayed at all.',
    shownBy: [
      'engine/channel/scenarios/closing.test.ts › closing_signed -- without fee_range: no fee below which nothing is relayed, and estimates a hundredth apart: agreed at once',
    ],
  },
];
