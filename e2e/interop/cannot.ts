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
const NO_STORAGE = 'It offers no peer storage: no bit 43 in its `init`, see below';
const NO_LSP = 'It sells no channels over LSPS2: no bit 729 and no LSPS messages';
const NO_FORWARDING = 'Leyden is a wallet: it relays for nobody (README.md)';
const NO_FEERATE = {
  lnd: 'LND looks at the fee rate of its commitments only once in 10 to 60 minutes, at random (DefaultMinLinkFeeUpdateTimeout in htlcswitch/link.go)',
  'ldk-node':
    'ldk-node takes its fee rates from what bitcoind makes of the blocks (estimatesmartfee in src/chain/bitcoind.rs): no scenario can choose them',
  electrum:
    'Electrum takes fee rates from outside only by a command of its own tests (test_inject_fee_etas), adds half and rounds (lnpeer.py, fee_policy.py)',
  leyden:
    'A fee rate for commitments is what the chain servers say: `fees-by-us` is the same from the other side',
} as const;

/** The only way for a scenario not to run: said here, with its reason, and printed in the table. */
const CANNOT: readonly Cannot[] = [
  { peer: 'electrum', scenario: 'pay-chosen-in', why: ELECTRUM_AMOUNT },
  { peer: 'electrum', scenario: 'keysend', why: ELECTRUM_KEYSEND },
  { peer: 'ldk-wasm', scenario: 'peer-storage', why: NO_STORAGE },
  { peer: 'lnd', scenario: 'peer-storage', why: NO_STORAGE },
  { peer: 'electrum', scenario: 'peer-storage', why: NO_STORAGE },
  { peer: 'lnd', scenario: 'channel-bought', why: NO_LSP },
  { peer: 'electrum', scenario: 'channel-bought', why: NO_LSP },
  { peer: 'leyden', scenario: 'channel-bought', why: NO_FORWARDING },
  { peer: 'leyden', scenario: 'two-hops', why: NO_FORWARDING },
  { peer: 'lnd', scenario: 'fees-by-them', why: NO_FEERATE.lnd },
  { peer: 'ldk-node', scenario: 'fees-by-them', why: NO_FEERATE['ldk-node'] },
  { peer: 'electrum', scenario: 'fees-by-them', why: NO_FEERATE.electrum },
  { peer: 'leyden', scenario: 'fees-by-them', why: NO_FEERATE.leyden },
];

export const whyNot = (peer: ImplementationName, scenario: ScenarioName): string | null =>
  CANNOT.find((one) => one.peer === peer && one.scenario === scenario)?.why ?? null;
