import type { ImplementationName } from './implementation.ts';
import type { ScenarioName } from './scenario-lines.ts';

/** What an implementation cannot do, and where it says so. */
export type Cannot = {
  readonly peer: ImplementationName;
  readonly scenario: ScenarioName;
  readonly why: string;
};

const ELECTRUM_AMOUNT =
  'Electrum pays no invoice without an amount from its daemon: `lnpay` has no argument for one (electrum/commands.py)';
const ELECTRUM_INTERNAL =
  'Electrum\'s daemon answers "internal error while executing RPC" where a peer refused, and does not say what that said (electrum/daemon.py): over TCP it is heard as we say it';
const ELECTRUM_KEYSEND =
  'Electrum neither sends nor takes keysend: it has no command for it (electrum/commands.py)';
const ELECTRUM_GOSSIP =
  'Electrum passes on what others say only once its own map counts as synced, which takes 200 channels (get_sync_progress_estimate in electrum/lnworker.py): each end of a channel of theirs is asked for its own half';
const ELECTRUM_MAP =
  'No command of Electrum lists the channels that it knows: `gossip_info` counts them (electrum/commands.py)';
const LDK_TAKES_MORE =
  'LDK takes what is more than twice as much as it asked for, which BOLT 4 has a payee refuse (`SHOULD`): it looks at the least amount alone (`verify` in lightning/src/ln/inbound_payment.rs)';
const LND_TAKES_MORE =
  'LND takes what is more than twice as much as it asked for, which BOLT 4 has a payee refuse (`SHOULD`): it looks at the least amount alone (ResultHtlcSetTotalTooLow in invoices/update.go)';
const LND_FAILS =
  'LND answers a `shutdown` with another script than was committed to by `error`, where BOLT 2 has it fail the connection: the channel is closed alone, and nobody is paid by a closing transaction, see below';
const LDK_TAKES_LATE =
  'LDK takes what comes up to two hours after an invoice has expired, as it knows the time by blocks (`calculate_absolute_expiry` in lightning/src/ln/inbound_payment.rs)';
const RESTS = {
  'ldk-node':
    'It is killed only while nothing is in flight and its disk is at rest, we at any time: killed between the writes of a monitor and its manager, LDK closes the channel when it starts again, see below',
  electrum:
    'It is killed only while nothing is in flight, we at any time: killed between what it saves of an HTLC and what it says of it, Electrum never says that again, see below',
} as const;
const RESTS_AT_EACH_STEP =
  'It is killed at each step once its disk is at rest: killed between the writes of a monitor and its manager, LDK closes the channel when it starts again, see below';
const LDK_SIGNS_ALL =
  'LDK signs at once any fee that it would have relayed (`ChannelCloseMinimum` in lightning/src/chain/chaininterface.rs, for which the program around it answers), and says no other: nothing is negotiated';
const NO_STORAGE = 'It offers no peer storage: no bit 43 in its `init`, see below';
const NO_LSP = 'It sells no channels over LSPS2 (bLIP 52): nothing in its source speaks LSPS';
const NO_BLINDED =
  'It makes no BOLT 11 invoice with blinded hops: that is of LND alone (bLIP 39, which is no BOLT)';
const NO_FORWARDING = 'Leyden is a wallet: it relays for nobody (README.md)';
const ALWAYS_COMMITS = {
  'ldk-node':
    "ldk-node has no setting for it: LDK's default is to commit (commit_upfront_shutdown_pubkey), as in all scenarios here",
  leyden:
    'Leyden always commits where the peer lets it (engine/channel/phases/opening/open.ts and accept.ts), as in all scenarios here',
} as const;
const NEVER_COMMITS =
  'Electrum commits to no script, to have "the flexibility to decide an address at closing time" (`make_local_config_for_new_channel` in lnworker.py): only ours is committed to';
const WITH_ANCHORS = {
  electrum: 'Electrum requires anchors of every peer: bit 22, see below',
  leyden: 'Both ends of Leyden prefer anchors and have no setting for it (engine/channel/default-config.ts)',
} as const;
const TRUSTS_NOBODY =
  'Leyden uses nothing unconfirmed but what its user bought of an LSP: it refuses the type (engine/channel/phases/opening/channel-type.ts)';
const NO_GOSSIP =
  'Leyden tells of its own end of a public channel and passes on nothing of others (README.md): each end is asked for its own half';
const NO_UNCONFIRMED =
  'LDK takes a channel of type `option_zeroconf` and has no setting to ask for one (`get_initial_channel_type` in lightning/src/ln/channel.rs)';
const NO_ALIAS_TYPE = {
  'ldk-node':
    'ldk-node has no setting to ask for `option_scid_alias` in the type (`negotiate_scid_privacy` of LDK is left as it is): the alias is said in `channel_ready` alone',
  electrum:
    'Electrum never asks for `option_scid_alias` in the type, "because LND rejects it" (lnpeer.py): the alias is said in `channel_ready` alone',
} as const;
const NO_SIMPLE_CLOSE = 'It closes by `closing_signed` alone: no bit 61 in its `init`, see below';
const NO_FEERATE =
  'LND looks at the fee rate of its commitments only once in 10 to 60 minutes, at random, and has no setting for it (DefaultMinLinkFeeUpdateTimeout in htlcswitch/link.go): what takes up to an hour each time is not waited for here';
const LDK_IS_SILENT =
  'Where LDK learns that its disk is an old one it stops itself, on purpose, and asks for nothing (`channel_reestablish` in lightning/src/ln/channel.rs), see below: then a person here closes alone';
const ELECTRUM_STANDS =
  'Where it said `channel_ready` or `announcement_signatures` in vain, or a channel ends while it is reestablished, Electrum stands still, see below: whoever is not back by then is started anew';

/** The only way for a scenario not to run: said here, with its reason, and printed in the table. */
const CANNOT: readonly Cannot[] = [
  { peer: 'electrum', scenario: 'static-remotekey-by-us', why: WITH_ANCHORS.electrum },
  { peer: 'electrum', scenario: 'static-remotekey-by-them', why: WITH_ANCHORS.electrum },
  { peer: 'leyden', scenario: 'static-remotekey-by-us', why: WITH_ANCHORS.leyden },
  { peer: 'leyden', scenario: 'static-remotekey-by-them', why: WITH_ANCHORS.leyden },
  { peer: 'ldk-wasm', scenario: 'zero-conf', why: NO_UNCONFIRMED },
  { peer: 'ldk-node', scenario: 'zero-conf', why: NO_UNCONFIRMED },
  { peer: 'leyden', scenario: 'zero-conf-by-us', why: TRUSTS_NOBODY },
  { peer: 'ldk-wasm', scenario: 'simple-close', why: NO_SIMPLE_CLOSE },
  { peer: 'ldk-node', scenario: 'simple-close', why: NO_SIMPLE_CLOSE },
  { peer: 'electrum', scenario: 'simple-close', why: NO_SIMPLE_CLOSE },
  { peer: 'electrum', scenario: 'pay-chosen-in', why: ELECTRUM_AMOUNT },
  { peer: 'electrum', scenario: 'keysend', why: ELECTRUM_KEYSEND },
  { peer: 'ldk-wasm', scenario: 'peer-storage', why: NO_STORAGE },
  { peer: 'lnd', scenario: 'peer-storage', why: NO_STORAGE },
  { peer: 'electrum', scenario: 'peer-storage', why: NO_STORAGE },
  { peer: 'lnd', scenario: 'channel-bought', why: NO_LSP },
  { peer: 'electrum', scenario: 'channel-bought', why: NO_LSP },
  { peer: 'leyden', scenario: 'channel-bought', why: NO_FORWARDING },
  { peer: 'leyden', scenario: 'two-hops', why: NO_FORWARDING },
  { peer: 'leyden', scenario: 'three-hops', why: NO_FORWARDING },
  { peer: 'leyden', scenario: 'blinded-hops', why: NO_BLINDED },
  { peer: 'ldk-wasm', scenario: 'blinded-hops', why: NO_BLINDED },
  { peer: 'ldk-node', scenario: 'blinded-hops', why: NO_BLINDED },
  { peer: 'electrum', scenario: 'blinded-hops', why: NO_BLINDED },
  { peer: 'leyden', scenario: 'refused-by-them', why: NO_FORWARDING },
  { peer: 'lnd', scenario: 'fees-by-them', why: NO_FEERATE },
];

/** Who cannot do the one cannot do the other. */
const AS: Readonly<Partial<Record<ScenarioName, ScenarioName>>> = {
  'channel-bought-ways': 'channel-bought',
  'channel-bought-killed': 'channel-bought',
  'channel-bought-killed-paying': 'channel-bought',
  'cuts-fees-by-them': 'fees-by-them',
  'cuts-bump-by-us': 'simple-close',
  'cuts-bump-by-them': 'simple-close',
};

/** Of a scenario that runs, what it goes without. */
export type Part =
  | 'hangs-up'
  | 'goes-on'
  | 'asks-for-the-end'
  | 'committed'
  | 'not-committed'
  | 'outlives-another-script'
  | 'pays-unconfirmed'
  | 'killed-in-flight'
  | 'haggles'
  | 'opens-again'
  | 'asks-for-alias'
  | 'quotes-us'
  | 'passes-gossip-on'
  | 'follows-fees'
  | 'lists-its-map'
  | 'relays'
  | 'too-little'
  | 'too-much'
  | 'unknown-hash'
  | 'wrong-secret'
  | 'expired';

type CannotPart = Cannot & { readonly part: Part };

/** The only way for a part of a scenario not to run: printed beside what passed, and asked of `does` where that plays it otherwise. */
const IN_PART: readonly CannotPart[] = [
  {
    peer: 'electrum',
    scenario: 'connect',
    part: 'hangs-up',
    why: 'Electrum has no command to hang up (electrum/commands.py): its process ends, and starts again',
  },
  ...(
    [
      'cuts',
      'cuts-refused',
      'cuts-reestablish',
      'cuts-reestablish-opening',
      'cuts-reestablish-closing',
      'cuts-opening',
      'cuts-opening-by-them',
      'cuts-announcing',
      'cuts-close-by-us',
      'cuts-close-by-them',
      'cuts-fees',
      'cuts-fees-by-them',
    ] as const
  ).map((scenario) => ({ peer: 'electrum', scenario, part: 'goes-on', why: ELECTRUM_STANDS }) as const),
  ...(['ldk-wasm', 'ldk-node'] as const).map(
    (peer) => ({ peer, scenario: 'loss-of-theirs', part: 'asks-for-the-end', why: LDK_IS_SILENT }) as const,
  ),
  {
    peer: 'electrum',
    scenario: 'loss-of-theirs',
    part: 'asks-for-the-end',
    why: 'That comes back with an old disk Electrum asks for nothing, see below: then a person here closes alone',
  },
  { peer: 'ldk-node', scenario: 'upfront-shutdown', part: 'not-committed', why: ALWAYS_COMMITS['ldk-node'] },
  { peer: 'electrum', scenario: 'upfront-shutdown', part: 'committed', why: NEVER_COMMITS },
  { peer: 'leyden', scenario: 'upfront-shutdown', part: 'not-committed', why: ALWAYS_COMMITS.leyden },
  { peer: 'leyden', scenario: 'scid-alias', part: 'relays', why: NO_FORWARDING },
  { peer: 'electrum', scenario: 'zero-conf', part: 'quotes-us', why: ELECTRUM_INTERNAL },
  { peer: 'ldk-node', scenario: 'scid-alias', part: 'asks-for-alias', why: NO_ALIAS_TYPE['ldk-node'] },
  { peer: 'electrum', scenario: 'scid-alias', part: 'asks-for-alias', why: NO_ALIAS_TYPE.electrum },
  { peer: 'electrum', scenario: 'three-hops', part: 'passes-gossip-on', why: ELECTRUM_GOSSIP },
  { peer: 'electrum', scenario: 'gossip-from-them', part: 'passes-gossip-on', why: ELECTRUM_GOSSIP },
  { peer: 'electrum', scenario: 'gossip-to-them', part: 'passes-gossip-on', why: ELECTRUM_GOSSIP },
  { peer: 'leyden', scenario: 'gossip-from-them', part: 'passes-gossip-on', why: NO_GOSSIP },
  { peer: 'leyden', scenario: 'gossip-to-them', part: 'passes-gossip-on', why: NO_GOSSIP },
  { peer: 'lnd', scenario: 'fee-spike', part: 'follows-fees', why: NO_FEERATE },
  {
    peer: 'electrum',
    scenario: 'zero-conf-by-us',
    part: 'pays-unconfirmed',
    why: 'Electrum pays over a channel once that is in a block: `my_sending_channels` in lnworker.py',
  },
  { peer: 'electrum', scenario: 'cuts-announcing', part: 'lists-its-map', why: ELECTRUM_MAP },
  { peer: 'ldk-node', scenario: 'kill-paying', part: 'killed-in-flight', why: RESTS['ldk-node'] },
  { peer: 'electrum', scenario: 'kill-paying', part: 'killed-in-flight', why: RESTS.electrum },
  ...(['channel-bought-killed', 'channel-bought-killed-paying'] as const).map(
    (scenario) =>
      ({ peer: 'ldk-node', scenario, part: 'killed-in-flight', why: RESTS_AT_EACH_STEP }) as const,
  ),
  { peer: 'ldk-wasm', scenario: 'close-fees-differ', part: 'haggles', why: LDK_SIGNS_ALL },
  {
    peer: 'ldk-node',
    scenario: 'channel-bought-killed',
    part: 'opens-again',
    why: 'Killed up to the funding, ldk-node opens no channel again for the payment that it holds: it fails in the end, and what is asked for anew is paid, see below',
  },
  { peer: 'lnd', scenario: 'upfront-shutdown', part: 'outlives-another-script', why: LND_FAILS },
  { peer: 'lnd', scenario: 'refused-by-payee', part: 'too-much', why: LND_TAKES_MORE },
  { peer: 'ldk-wasm', scenario: 'refused-by-payee', part: 'too-much', why: LDK_TAKES_MORE },
  { peer: 'ldk-node', scenario: 'refused-by-payee', part: 'too-much', why: LDK_TAKES_MORE },
  { peer: 'ldk-wasm', scenario: 'refused-by-payee', part: 'expired', why: LDK_TAKES_LATE },
  { peer: 'ldk-node', scenario: 'refused-by-payee', part: 'expired', why: LDK_TAKES_LATE },
];

export const does = (peer: ImplementationName, part: Part): boolean =>
  !IN_PART.some((one) => one.peer === peer && one.part === part);

/** What of a scenario that runs does not. */
export const partsLeftOut = (peer: ImplementationName, scenario: ScenarioName): readonly string[] =>
  IN_PART.filter((one) => one.peer === peer && one.scenario === scenario).map(({ why }) => why);

export function whyNot(peer: ImplementationName, scenario: ScenarioName): string | null {
  const asked = [scenario, AS[scenario]];
  return CANNOT.find((one) => one.peer === peer && asked.includes(one.scenario))?.why ?? null;
}
