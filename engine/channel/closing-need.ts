import { feeOf, feeratePerKw, sat, weight, type FeeratePerKw, type Sat } from '../base/units.ts';
import { feeAtLeast } from '../bitcoin/fee.ts';
import {
  commitmentWeight,
  HTLC_TX_WEIGHT,
  liftFee,
  WALLET_INPUT_WEIGHT,
  WALLET_OUTPUT_WEIGHT,
} from '../commitment/expected-weights.ts';
import { mostFeeFor } from './claim-worth.ts';
import { hasOutput } from './due.ts';
import type { Add } from './ledger.ts';
import { feerateOf, LOCAL } from './ledger/view.ts';
import type { Core } from './state.ts';

type Channel = Pick<Core, 'ledger' | 'params'>;

/** An HTLC transaction with a coin of the wallet, and change. */
const COINS = WALLET_INPUT_WEIGHT + WALLET_OUTPUT_WEIGHT;
const HTLC = {
  outgoing: HTLC_TX_WEIGHT.anchors.offered + COINS,
  incoming: HTLC_TX_WEIGHT.anchors.received + COINS,
} as const;

/**
 * What coins of the wallet would have to pay if our commitment went to the chain now, so that HTLCs which are ours to take
 * are taken in time: a child that lifts it, and an HTLC transaction each, at `feerate`. For none more than claims may cost
 * (see claim-worth.ts). Zero where nothing waits that has an output.
 * @param isLifted the child has its coins.
 */
export function closingNeed(channel: Channel, feerate: FeeratePerKw, isLifted = false): Sat {
  const { ledger, params } = channel;
  const awaited = awaitedOf(channel).filter((add) => hasOutput(channel, add));
  if (awaited.length === 0) return sat(0);
  const most = awaited.map(({ amount }) => mostFeeFor(sat(amount / 1000n)));
  const parent = commitmentWeight('anchors', ledger.outgoing.size + ledger.incoming.size);
  // What it pays beyond the rate is not reckoned with: the next commitment may pay less.
  const own = feeratePerKw(Math.min(feerate, feerateOf(ledger, LOCAL, params.opener)));
  const child = liftFee(feerate, { weight: parent, fee: feeOf(own, parent) });
  const each = awaited.map(({ direction }) => feeAtLeast(feerate, weight(HTLC[direction])));
  const first = isLifted ? 0n : least(child, sumOf(most));
  return sat(each.reduce((sum, fee, i) => sum + least(fee, most[i] ?? fee), first));
}

/** Those that we sent and have no preimage of, and those to us whose preimage we gave. */
const awaitedOf = ({ ledger }: Channel): Add[] => [
  ...[...ledger.outgoing.values()].filter(({ removal }) => removal?.tag !== 'fulfill').map(({ add }) => add),
  ...[...ledger.incoming.values()].filter(({ removal }) => removal?.tag === 'fulfill').map(({ add }) => add),
];

const sumOf = (amounts: readonly Sat[]): bigint => amounts.reduce((sum, amount) => sum + amount, 0n);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
