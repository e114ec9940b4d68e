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
const ELECTRUM_KEYSEND =
  'Electrum neither sends nor takes keysend: it has no command for it (electrum/commands.py)';
const ELECTRUM_GOSSIP =
  'Electrum passes on what others say only once its own map has counted as synced for half a minute, and drops what came before (wait_for_sync in electrum/lnworker.py): two minutes on regtest brought its own end of a channel alone';
const NO_STORAGE = 'It offers no peer storage: no bit 43 in its `init`, see below';
const NO_LSP = 'It sells no channels over LSPS2: no bit 729 and no LSPS messages';
const NO_BLINDED =
  'It makes no BOLT 11 invoice with blinded hops: that is of LND alone (bLIP 39, which is no BOLT)';
const NO_FORWARDING = 'Leyden is a wallet: it relays for nobody (README.md)';
const ALWAYS_COMMITS = {
  'ldk-node':
    "ldk-node has no setting for it: LDK's default is to commit (commit_upfront_shutdown_pubkey), as in all scenarios here",
  electrum:
    'Electrum has no setting for it: it always commits (upfront_shutdown_script in lnpeer.py), as in all scenarios here',
  leyden:
    'Leyden always commits where the peer lets it (option_upfront_shutdown_script), as in all scenarios here',
} as const;
const WITH_ANCHORS = {
  electrum: 'Electrum requires anchors of every peer: bit 22, see below',
  leyden: 'Both ends of Leyden prefer anchors and have no setting for it (engine/channel/default-config.ts)',
  lnd: 'LND has no name for `option_static_remotekey` with `option_scid_alias`, which we ask for where both know it (funding/commitment_type_negotiation.go): see below',
} as const;
const TRUSTS_NOBODY =
  'Leyden uses nothing unconfirmed but what its user bought of an LSP: it refuses the type (engine/channel/phases/opening/channel-type.ts)';
const NO_GOSSIP =
  'Leyden tells of its own end of a public channel and passes on nothing of others: half of it gets on a map (README.md)';
const NO_SIMPLE_CLOSE = 'It closes by `closing_signed` alone: no bit 61 in its `init`, see below';
const NO_FEERATE = {
  lnd: 'LND looks at the fee rate of its commitments only once in 10 to 60 minutes, at random (DefaultMinLinkFeeUpdateTimeout in htlcswitch/link.go)',
  'ldk-node':
    'ldk-node takes its fee rates from what bitcoind makes of the blocks (estimatesmartfee in src/chain/bitcoind.rs): no scenario can choose them',
  leyden:
    'A fee rate for commitments is what the chain servers say: `fees-by-us` is the same from the other side',
} as const;

/** The only way for a scenario not to run: said here, with its reason, and printed in the table. */
const CANNOT: readonly Cannot[] = [
  { peer: 'electrum', scenario: 'three-hops', why: ELECTRUM_GOSSIP },
  { peer: 'electrum', scenario: 'gossip-from-them', why: ELECTRUM_GOSSIP },
  { peer: 'electrum', scenario: 'static-remotekey-by-us', why: WITH_ANCHORS.electrum },
  { peer: 'electrum', scenario: 'static-remotekey-by-them', why: WITH_ANCHORS.electrum },
  { peer: 'leyden', scenario: 'static-remotekey-by-us', why: WITH_ANCHORS.leyden },
  { peer: 'leyden', scenario: 'static-remotekey-by-them', why: WITH_ANCHORS.leyden },
  { peer: 'lnd', scenario: 'static-remotekey-by-us', why: WITH_ANCHORS.lnd },
  { peer: 'leyden', scenario: 'zero-conf-by-us', why: TRUSTS_NOBODY },
  { peer: 'leyden', scenario: 'gossip-from-them', why: NO_GOSSIP },
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
  { peer: 'leyden', scenario: 'gossip-to-them', why: NO_FORWARDING },
  {
    peer: 'electrum',
    scenario: 'gossip-to-them',
    why: 'No command of Electrum lists the channels that it knows: `gossip_info` counts them (electrum/commands.py)',
  },
  { peer: 'ldk-node', scenario: 'upfront-shutdown', why: ALWAYS_COMMITS['ldk-node'] },
  { peer: 'electrum', scenario: 'upfront-shutdown', why: ALWAYS_COMMITS.electrum },
  { peer: 'leyden', scenario: 'upfront-shutdown', why: ALWAYS_COMMITS.leyden },
  { peer: 'lnd', scenario: 'fees-by-them', why: NO_FEERATE.lnd },
  { peer: 'ldk-node', scenario: 'fees-by-them', why: NO_FEERATE['ldk-node'] },
  { peer: 'leyden', scenario: 'fees-by-them', why: NO_FEERATE.leyden },
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

export function whyNot(peer: ImplementationName, scenario: ScenarioName): string | null {
  const asked = AS[scenario] ?? scenario;
  return CANNOT.find((one) => one.peer === peer && one.scenario === asked)?.why ?? null;
}
