import { outPointKey } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { sat, weight, type Sat } from '../base/units.ts';
import { dustLimitOf } from '../bitcoin/dust.ts';
import { feeAtLeast, FEERATE_FLOOR, feerateToSatPerVb } from '../bitcoin/fee.ts';
import { outputSize, type TxOutput } from '../bitcoin/tx.ts';
import { CEILING } from '../chain/fee-estimates.ts';
import { isSpendable } from './balance.ts';
import { effectiveValue, selectCoins, type Candidate } from './coin-selection.ts';
import { inputWeight, witnessLengths } from './input-weight.ts';
import { ledgerOf, type Coin } from './ledger.ts';
import type { SpendPlan, SpendRequest } from './spend-request.ts';
import type { WalletRefusal } from './wallet-refusal.ts';
import type { WalletState } from './wallet-state.ts';

/** A request seen as numbers. */
type Frame = {
  readonly required: readonly Coin[];
  readonly spendable: readonly Coin[];
  readonly candidates: readonly Candidate[];
  /** Of all but chosen coins, drain and change. */
  readonly baseWeight: number;
  /** By inputs that are set: foreign and required ones. */
  readonly broughtIn: bigint;
  /** What the parent lacks. */
  readonly extraFee: Sat;
  readonly keepBack: Sat;
  readonly leastFee: Sat;
};

const sumOf = (amounts: readonly { readonly amount: Sat }[]): bigint =>
  amounts.reduce((sum, { amount }) => sum + amount, 0n);
const outputWeight = (script: Uint8Array): number => 4 * outputSize(script);
export const coinWeight = (coin: Coin): number => inputWeight(witnessLengths(coin.own.kind));
const larger = (a: Sat, b: Sat): Sat => (a > b ? a : b);

/** Chooses coins and fee. Changes nothing. */
export function planSpend(state: WalletState, request: SpendRequest): Result<SpendPlan, WalletRefusal> {
  const { feerate, outputs, drainTo, mostFee } = request;
  if (feerate < FEERATE_FLOOR)
    return err({ code: 'fee-too-low', minimumSatPerVb: feerateToSatPerVb(FEERATE_FLOOR) });
  if (feerate > CEILING) return err({ code: 'fee-too-high', maximumSatPerVb: feerateToSatPerVb(CEILING) });
  for (const { amount, script } of outputs)
    if (amount < dustLimitOf(script)) return err({ code: 'below-dust', minimumSat: dustLimitOf(script) });
  const frame = frameOf(state, request);
  const plan = drainTo === undefined ? planWithChange(request, frame) : planDrain(request, drainTo, frame);
  if (plan === null) return err(shortage(state, request, frame));
  const drained = drainTo && plan.outputs[outputs.length];
  if (drained !== undefined && drained.amount < dustLimitOf(drained.script))
    return err({ code: 'below-dust', minimumSat: dustLimitOf(drained.script) });
  if (mostFee !== undefined && plan.fee > mostFee)
    return err({ code: 'fee-above-limit', feeMsat: plan.fee * 1_000n, limitMsat: mostFee * 1_000n });
  return ok(plan);
}

function frameOf(state: WalletState, request: SpendRequest): Frame {
  const { foreign = [], required = [], outputs, feerate, parent } = request;
  const taken = new Set(required.map(({ outPoint }) => outPointKey(outPoint)));
  const spendable = (request.from ?? ledgerOf(state).coins.filter(isSpendable)).filter(
    ({ outPoint }) => !taken.has(outPointKey(outPoint)),
  );
  const inputs = foreign.length + required.length + spendable.length;
  // Version, lock time, BIP 144's marker and flag; counts take three bytes past 252.
  const head = 4 * 8 + 2 + 4 * (inputs > 252 ? 3 : 1) + 4 * (outputs.length + 2 > 252 ? 3 : 1);
  const lacking = parent === undefined ? 0n : feeAtLeast(feerate, parent.weight) - parent.fee;
  return {
    required,
    spendable,
    candidates: spendable.map((coin) => ({
      amount: coin.output.amount,
      weight: coinWeight(coin),
      confirmed: coin.at !== null,
    })),
    baseWeight:
      foreign.reduce((sum, { witnessWeight }) => sum + 4 * 41 + witnessWeight, head) +
      required.reduce((sum, coin) => sum + coinWeight(coin), 0) +
      outputs.reduce((sum, { script }) => sum + outputWeight(script), 0),
    broughtIn: sumOf([...foreign, ...required].map(({ output }) => output)),
    extraFee: sat(lacking > 0n ? lacking : 0n),
    keepBack: stillToKeep(state, request.keepBack ?? sat(0), [...required, ...spendable]),
    leastFee: request.leastFee ?? sat(0),
  };
}

/** Coins that this spend does not touch are kept as well. */
function stillToKeep(state: WalletState, keepBack: Sat, touched: readonly Coin[]): Sat {
  const inReach = new Set(touched.map(({ outPoint }) => outPointKey(outPoint)));
  const elsewhere = ledgerOf(state).coins.filter(
    (coin) => isSpendable(coin) && !inReach.has(outPointKey(coin.outPoint)),
  );
  const rest = keepBack - sumOf(elsewhere.map(({ output }) => output));
  return sat(rest > 0n ? rest : 0n);
}

const weightWith = ({ baseWeight, candidates }: Frame, indices: readonly number[]): number =>
  indices.reduce((sum, i) => sum + (candidates[i]?.weight ?? 0), baseWeight);

const coinsWith = ({ required, spendable }: Frame, indices: readonly number[]): readonly Coin[] => [
  ...required,
  ...indices.flatMap((i) => spendable[i] ?? []),
];

/** How often the fee is raised to reach a least fee: each time the choice of coins may change. */
const ROUNDS = 8;

function planWithChange(request: SpendRequest, frame: Frame): SpendPlan | null {
  const { feerate, outputs, changeScript } = request;
  const { candidates, keepBack, leastFee } = frame;
  const changeWeight = outputWeight(changeScript);
  const spendingChange = feeAtLeast(feerate, weight(inputWeight(witnessLengths('p2tr'))));
  let extraFee = frame.extraFee;
  for (let round = 0; round < ROUNDS; round++) {
    const chosen = selectCoins(candidates, {
      amount: sumOf(outputs) - frame.broughtIn,
      baseWeight: frame.baseWeight,
      feerate,
      extraFee,
      changeWeight,
      leastChange: larger(dustLimitOf(changeScript), spendingChange),
    });
    if (chosen === null) return null;
    if (chosen.fee < leastFee) {
      extraFee = sat(extraFee + leastFee - chosen.fee);
      continue;
    }
    const stays = frame.broughtIn + sumOf(candidates) - sumOf(outputs) - chosen.fee;
    if (stays < keepBack) return null;
    const change = chosen.change ?? sat(0);
    return {
      foreign: request.foreign ?? [],
      coins: coinsWith(frame, chosen.indices),
      outputs: change > 0n ? [...outputs, { amount: change, script: changeScript }] : outputs,
      change,
      fee: chosen.fee,
      weight: weight(weightWith(frame, chosen.indices) + (change > 0n ? changeWeight : 0)),
    };
  }
  return null;
}

/** Every coin that is worth its own fee; what is kept back returns as change. */
function planDrain(request: SpendRequest, to: Uint8Array, frame: Frame): SpendPlan | null {
  const { feerate, changeScript } = request;
  const { candidates, keepBack } = frame;
  const indices = candidates.flatMap((coin, i) => (effectiveValue(coin, feerate) > 0n ? [i] : []));
  const change = keepBack > 0n ? larger(keepBack, dustLimitOf(changeScript)) : sat(0);
  const kept: readonly TxOutput[] = change > 0n ? [{ amount: change, script: changeScript }] : [];
  const endWeight = outputWeight(to) + (change > 0n ? outputWeight(changeScript) : 0);
  const units = weight(weightWith(frame, indices) + endWeight);
  const fee = larger(sat(feeAtLeast(feerate, units) + frame.extraFee), frame.leastFee);
  const chosen = indices.flatMap((i) => candidates[i] ?? []);
  const amount = frame.broughtIn + sumOf(chosen) - sumOf(request.outputs) - change - fee;
  if (amount <= 0n) return null;
  return {
    foreign: request.foreign ?? [],
    coins: coinsWith(frame, indices),
    outputs: [...request.outputs, { amount: sat(amount), script: to }, ...kept],
    change,
    fee,
    weight: units,
  };
}

/** Why nothing could be planned, with figures: as if all coins were spent. */
function shortage(state: WalletState, request: SpendRequest, frame: Frame): WalletRefusal {
  const { candidates, broughtIn } = frame;
  const pending = sumOf(
    ledgerOf(state).coins.flatMap(({ trusted, reserved, output }) => (trusted || reserved ? [] : [output])),
  );
  const total = sumOf(candidates) + broughtIn;
  if (total === 0n && pending > 0n) return { code: 'only-unconfirmed-funds', pendingSat: pending };
  const { drainTo, feerate, outputs } = request;
  const all = weightWith(frame, [...candidates.keys()]);
  const units = weight(all + (drainTo === undefined ? 0 : outputWeight(drainTo)));
  const fee = larger(sat(feeAtLeast(feerate, units) + frame.extraFee), frame.leastFee);
  const least = drainTo === undefined ? 0n : dustLimitOf(drainTo);
  const missing = sumOf(outputs) + least + fee + frame.keepBack - total;
  return { code: 'insufficient-funds', missingSat: missing > 0n ? missing : 1n, feeSat: fee };
}
