import type { Difference } from './difference.ts';

export const OF_LDK: readonly Difference[] = [
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
    weDo: 'As funder we offer up to our most urgent estimate or, where that is more, twice our normal one, 1,000 satoshis above it at most; where a person chose a rate that is dearer than both, up to an eighth above it. Each new connection negotiates again with the estimates of then, and after a day without an agreement the channel is closed alone. In the scenarios both hear of the same fee rates, but where those are to differ.',
    shownBy: [
      'engine/channel/scenarios/other-nodes.test.ts › is another one on the next connection, once our estimates have risen',
      'engine/channel/scenarios/closing.test.ts › closing_signed -- no answer for a day: the commitment is published',
      'close-fees-differ',
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
    peer: 'ldk-wasm',
    what: 'It takes what comes up to two hours after its invoice has expired: it knows the time by blocks, which may be that far ahead (`calculate_absolute_expiry` in lightning/src/ln/inbound_payment.rs). So does ldk-node.',
    rule: 'BOLT 11, of a payee: "after the `timestamp` plus `expiry` has passed: SHOULD NOT accept a payment."',
    weDo: 'We pay no invoice that has expired, also where it waited in line, and give back what comes for one of ours.',
    shownBy: [
      'engine/payment/outgoing-machine.test.ts › an invoice that expired while its payment waited in line is not paid, and nothing is kept',
      'engine/payment/incoming-machine.test.ts › is given back after the expiry',
      'refused-by-payee',
    ],
  },
  {
    peer: 'ldk-wasm',
    what: 'Once it has published a closing transaction it knows the channel no more: connected again it answers `channel_reestablish` by an `error` and by a `channel_reestablish` of zeros (internal_channel_reestablish in lightning/src/ln/channelmanager.rs).',
    rule: 'BOLT 2: "if `next_commitment_number` is zero: MUST immediately fail the channel and broadcast any relevant latest commitment transaction." By that ours would race what both agreed on, for more fees and a delay.',
    weDo: 'Where only the fee of a close was left to say, the chain is looked at first: what it published counts, and ours goes there only where the chain shows nothing.',
    shownBy: [
      'engine/channel/scenarios/closed-unheard.test.ts › gets no commitment of ours beside what both agreed on',
      'engine/channel/scenarios/closed-unheard.test.ts › is not waited for where the chain shows nothing of it',
      'cuts-close-by-us',
    ],
  },
  {
    peer: 'ldk-wasm',
    what: 'It closes a channel by force where `update_fee` goes down to a rate that it finds too low; a raise it takes whatever it thinks of it (`check_remote_fee` in lightning/src/ln/channel.rs).',
    rule: 'BOLT 2: "if the `update_fee` is too low for timely processing, OR is unreasonably large: MUST send a `warning` and close the connection, or send an `error` and fail the channel". LDK is right, and sterner than it has to be.',
    weDo: 'We go down only where it is worth it and never below what is relayed; who is given a fee rate so that it signs is given a raise of one. As accepter we close no channel over a fee rate.',
    shownBy: [
      'engine/channel/scenarios/owed-signature.test.ts › a peer that revoked and does not sign is given a fee rate next to the one that it has, and signs',
      'fees-by-us',
      'fee-spike',
    ],
  },
  {
    peer: 'ldk-wasm',
    what: 'Its refusals as a hop carry no `channel_update`.',
    rule: 'BOLT 4: "the `channel_update` field is no longer mandatory and nodes are expected to transition away from including it." LDK is right.',
    weDo: 'We read one where it comes, for the payment that it belongs to alone, and need none where the map has other terms by then; a hop whose terms nobody tells is gone around.',
    shownBy: [
      'engine/payment/attempt-verdict.test.ts › is not needed where the map has it meanwhile; what the node told before goes before the map',
      'refused-by-them',
    ],
  },
  {
    peer: 'ldk-wasm',
    what: 'It closes a channel by force where another chain takes the funding back once it was ready ("Funding transaction was un-confirmed", lightning/src/ln/channel.rs).',
    rule: 'BOLT 2 has each wait for `minimum_depth` "to avoid double-spending of the funding transaction"; what is to be done where that was too little it does not say.',
    weDo: 'We keep the channel, count its confirmations anew, and use it again once it has them; what LDK publishes then is taken like any commitment. In `reorg` it waits for three, and two are taken back.',
    shownBy: [
      'engine/node/reorganised.test.ts › a channel whose funding no block has any more is not funded, until one has it again',
      'engine/channel/scenarios/chain.test.ts › the peer closes: known in the mempool, claimed when mined',
      'reorg',
    ],
  },
];
