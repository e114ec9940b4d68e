import { outPointKey } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { feeratePerKw, sat, weight, type FeeratePerKw, type Sat } from '../../base/units.ts';
import { feerateOf } from '../../bitcoin/fee.ts';
import { weightOf } from '../../bitcoin/tx.ts';
import type { TxPurpose } from '../../bitcoin/watch.ts';
import { claimWeight, type Claim } from '../../commitment/claim.ts';
import { LIFT_WEIGHT } from '../../commitment/expected-weights.ts';
import { changeScript } from '../../wallet/addresses.ts';
import { isSpendable } from '../../wallet/balance.ts';
import { ledgerOf, type Coin } from '../../wallet/ledger.ts';
import { coinsSpentBy, feeToReplace } from '../../wallet/replacement-fee.ts';
import { buildAttached, publishReserved, type AttachedRequest } from '../../wallet/reservations.ts';
import { coinWeight } from '../../wallet/spend-plan.ts';
import { burdenOf, type Burden } from '../../wallet/waiting-parents.ts';
import type { ForeignInput } from '../../wallet/spend-request.ts';
import type { WalletRefusal } from '../../wallet/wallet-refusal.ts';
import type { WalletScript, WalletState } from '../../wallet/wallet-state.ts';
import type { Attempt } from './attempt.ts';
import type { Built, Means, Unbuilt } from './build.ts';
import type { Group } from './group.ts';
import type { Price } from './price.ts';

/** Outpoint, empty scriptSig and sequence. */
const BARE_INPUT = 4 * 41;

const foreignInput = (claim: Claim): ForeignInput => ({
  outPoint: claim.outPoint,
  sequence: claim.sequence,
  output: { amount: claim.amount, script: claim.script },
  witnessWeight: claimWeight(claim) - BARE_INPUT,
});

type Wish = Omit<AttachedRequest, 'feerate' | 'purpose' | 'maxFee'>;

/**
 * HTLC transactions of one lock time in one: with inputs of the wallet for their fee behind, and change.
 * BOLT 5 §Generation of HTLC Transactions: "they have a zero fee and MUST be combined with other inputs to arrive at a
 * reasonable fee."; "if `option_anchors` applies: MUST combine it with inputs contributing sufficient fee to ensure timely
 * inclusion in a block."
 */
export function buildAttachedClaims(
  means: Means,
  group: Group,
  replaces: readonly Attempt[],
  price: Price,
): Result<Built, Unbuilt> {
  const claims = group.claims.map(({ claim }) => claim);
  const [first] = claims;
  if (first === undefined) return err({ code: 'too-dear' });
  const before = coinsOf(means, replaces);
  const wish: Wish = {
    foreign: claims.map(foreignInput),
    outputs: claims.flatMap(({ pairedOutput }) => pairedOutput ?? []),
    // Both signatures of an HTLC transaction hold them.
    lockTime: first.lockTime,
    version: first.version,
    required: before,
    ...changeOf(means.wallet, replaces),
  };
  const purpose: TxPurpose = claims.some(({ kind }) => kind === 'htlc-success')
    ? 'htlc-success'
    : 'htlc-timeout';
  const { most } = group;
  const bare = claims.reduce((units, claim) => units + claimWeight(claim), 0);
  const order = { purpose, claims, price, most, replaces };
  return withCoins(means, replaces, (coins) => {
    const from = price.withinReach ? farthest(coins, bare) : coins;
    if (from.every(({ at }) => at !== null)) return complete(means, { ...order, wish: { ...wish, from } });
    // What a coin waits for is paid for as well, so that it has to be known which is taken.
    const sets = price.withinReach ? [[...before, ...from]] : coinSets(before, from);
    return firstThatReaches(sets, (required) =>
      complete(means, { ...order, wish: { ...wish, required, from: [] } }),
    );
  });
}

/** A child of a commitment, through its anchor: pays for both. */
export function buildLift(
  means: Means,
  group: Group,
  replaces: readonly Attempt[],
  price: Price,
): Result<Built, Unbuilt> {
  const { lift } = group;
  if (lift === null) return err({ code: 'too-dear' });
  const { anchor, parent, fee } = lift;
  const change = changeOf(means.wallet, replaces).changeTo ?? changeScript(means.wallet, []);
  const base: Wish = {
    foreign: [foreignInput(anchor)],
    outputs: [],
    drainTo: change.script,
    changeTo: change,
    version: anchor.version,
    parent: { weight: weightOf(parent), fee },
    from: [],
  };
  const { most } = group;
  const before = coinsOf(means, replaces);
  return withCoins(means, replaces, (from) => {
    const order = { purpose: 'anchor-bump', claims: [anchor], price, most, replaces } as const;
    if (price.withinReach) {
      // Half of them: the HTLC transactions for which it is in a hurry need coins as well.
      const coins = farthest([...before, ...from], weightOf(parent) + LIFT_WEIGHT, fee);
      const half = coins.reduce((sum, { output }) => sum + output.amount, 0n) / 2n;
      return complete(means, {
        ...order,
        most: sat(half < most ? half : most),
        wish: { ...base, required: coins },
      });
    }
    // All that goes in comes back in one output, so no more goes in than is needed: the smallest coin that will do.
    return firstThatReaches(coinSets(before, from), (required) =>
      complete(means, { ...order, wish: { ...base, required } }),
    );
  });
}

function firstThatReaches(
  sets: readonly (readonly Coin[])[],
  build: (coins: readonly Coin[]) => Result<Built, Unbuilt>,
): Result<Built, Unbuilt> {
  let outcome: Result<Built, Unbuilt> = err({ code: 'short', missing: sat(0) });
  for (const coins of sets) {
    outcome = build(coins);
    if (outcome.ok || outcome.error.code !== 'short') return outcome;
  }
  return outcome;
}

/**
 * The coins that together reach the highest rate for so much weight: one that brings less than it weighs would lower it,
 * and anybody can send us such.
 */
function farthest(coins: readonly Coin[], bare: number, paid = 0n): readonly Coin[] {
  let [sum, units]: [bigint, number] = [paid, bare];
  const chosen: Coin[] = [];
  for (const coin of coins.toSorted((a, b) => (a.output.amount > b.output.amount ? -1 : 1))) {
    const own = coinWeight(coin);
    if (chosen.length > 0 && coin.output.amount * BigInt(units) <= sum * BigInt(own)) break;
    chosen.push(coin);
    sum += coin.output.amount;
    units += own;
  }
  return chosen;
}

/** What went in before alone; then with one coin more, the smallest first; then with more and more of the largest. */
function coinSets(before: readonly Coin[], from: readonly Coin[]): readonly (readonly Coin[])[] {
  const rising = from.toSorted((a, b) => (a.output.amount < b.output.amount ? -1 : 1));
  const falling = rising.toReversed();
  return [
    ...(before.length > 0 ? [before] : []),
    ...rising.map((coin) => [...before, coin]),
    ...falling.map((_, i) => [...before, ...falling.slice(0, i + 1)]).slice(1),
  ];
}

/**
 * BIP 125 rule 2: "The replacement transaction may only include an unconfirmed input if that input was included in one
 * of the original transactions." And one that waits for another is later than that: taken only where there is no other.
 */
function withCoins(
  { wallet, unknown }: Means,
  replaces: readonly Attempt[],
  build: (from: readonly Coin[]) => Result<Built, Unbuilt>,
): Result<Built, Unbuilt> {
  const spendable = ledgerOf(wallet).coins.filter((coin) => isSpendable(coin) && isInReach(coin, unknown));
  const built = build(spendable.filter(({ at }) => at !== null));
  if (built.ok || built.error.code !== 'short' || replaces.length > 0) return built;
  return build(spendable);
}

const isInReach = ({ at, outPoint }: Coin, unknown: Means['unknown']): boolean =>
  at !== null || !unknown.has(outPoint.txId);

type Order = {
  readonly wish: Wish;
  readonly purpose: TxPurpose;
  readonly claims: readonly Claim[];
  readonly price: Price;
  readonly most: Sat;
  readonly replaces: readonly Attempt[];
};

/** How often the rate is lowered to what the bound allows, or coins reach. */
const TRIES = 6;
/** A fee that does not fall with the rate has change in it that is not worth its output: at so much less it becomes one. */
const CHANGE_SHARE = 3 / 4;

function complete(means: Means, order: Order): Result<Built, Unbuilt> {
  const { wish, purpose, claims, most, replaces } = order;
  const { wallet, keys, signer, now } = means;
  const paid = sat(replaces.reduce((sum, { fee }) => sum + fee, 0n));
  let { feerate } = order.price;
  let before: bigint | null = null;
  for (let i = 0; i < TRIES; i++) {
    const parent = parentsOf(wallet, wish, feerate);
    const priced = { ...wish, parent, feerate, mostFee: most };
    const least = replaces.length === 0 ? ok(sat(0)) : feeToReplace(wallet, priced, paid);
    const reserved = least.ok
      ? buildAttached(
          wallet,
          keys,
          { ...wish, parent, feerate, maxFee: most, purpose, leastFee: least.value },
          now,
        )
      : least;
    if (reserved.ok) {
      const { state, txId, tx } = reserved.value;
      const signed = signer.signClaims(tx, claims);
      const published = publishReserved(state, txId, now, { complete: signed });
      if (!published.ok) return err(unbuilt(published.error));
      const commit = [...reserved.value.commit, ...published.value.commit];
      const step = { state: published.value.state, commit };
      return ok({ step, tx: signed, fee: reserved.value.fee, purpose });
    }
    const { error } = reserved;
    const limited = error.code === 'fee-above-limit' ? error.feeMsat : null;
    const lower = Math.floor(
      feerate *
        affordable(error, order, parent) *
        (limited !== null && limited === before ? CHANGE_SHARE : 1),
    );
    before = limited;
    if (lower < order.price.least || lower >= feerate || lower <= rateOfParent(wish))
      return err(unbuilt(error));
    feerate = feeratePerKw(lower);
  }
  return err({ code: 'too-dear' });
}

/** What is to be mined with it: the parent that it lifts, and what its coins wait for. */
function parentsOf(wallet: WalletState, { parent, required = [] }: Wish, feerate: FeeratePerKw): Burden {
  const burden = burdenOf(wallet, required, feerate);
  if (parent === undefined) return burden;
  return { weight: weight(parent.weight + burden.weight), fee: sat(parent.fee + burden.fee) };
}

/**
 * What share of the rate that was asked may be paid, or can; all of it where that is not what it failed by. The rate is of
 * a parent too, and what that pays counts.
 */
function affordable(refusal: WalletRefusal, { price }: Order, parent: Burden): number {
  const paid = Number(parent.fee);
  if (refusal.code === 'fee-above-limit')
    return (Number(refusal.limitMsat) / 1000 + paid) / (Number(refusal.feeMsat) / 1000 + paid);
  if (refusal.code !== 'insufficient-funds' || !price.withinReach) return 1;
  return (Number(refusal.feeSat - refusal.missingSat) + paid) / (Number(refusal.feeSat) + paid);
}

/** A child that brings no more than that is money for nothing. */
const rateOfParent = ({ parent }: Wish): number =>
  parent === undefined ? 0 : feerateOf(parent.fee, parent.weight);

function unbuilt(refusal: WalletRefusal): Unbuilt {
  switch (refusal.code) {
    case 'insufficient-funds':
      return { code: 'short', missing: sat(refusal.missingSat) };
    case 'only-unconfirmed-funds':
    case 'below-dust':
      return { code: 'short', missing: sat(0) };
    default:
      return { code: 'too-dear' };
  }
}

/** Those that the replaced transactions spend, as far as they can be spent. What it claims is in its way, too: only one of them can ever confirm. */
function coinsOf({ wallet, unknown }: Means, replaces: readonly Attempt[]): readonly Coin[] {
  const coins = new Map<string, Coin>();
  for (const { tx } of replaces)
    for (const coin of coinsSpentBy(wallet, tx))
      if (isInReach(coin, unknown)) coins.set(outPointKey(coin.outPoint), coin);
  return [...coins.values()];
}

/** The change address of before: each new one that is never paid would widen the gap that a restore has to bridge. */
function changeOf(wallet: WalletState, replaces: readonly Attempt[]): { readonly changeTo?: WalletScript } {
  const ledger = ledgerOf(wallet);
  for (const { tx } of replaces)
    for (const { script } of tx.outputs) {
      const own = ledger.ownScript(script);
      if (own?.branch === 'change') return { changeTo: own };
    }
  return {};
}
