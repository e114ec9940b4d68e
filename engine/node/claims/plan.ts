import { outPointKey, type TxId } from '../../base/ids.ts';
import {
  feeratePerKw,
  sat,
  type BlockHeight,
  type FeeratePerKw,
  type Sat,
  type Timestamp,
} from '../../base/units.ts';
import type { Write } from '../../base/write.ts';
import { txIdOf, type Tx } from '../../bitcoin/tx.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import type { ChainReader } from '../../chain/chain-reader.ts';
import type { ClaimDemand, Lift } from '../../channel/claim-demand.ts';
import type { KeyTree } from '../../wallet/key-tree.ts';
import { abandonTx, noteTx } from '../../wallet/record-tx.ts';
import { coinsSpentBy } from '../../wallet/replacement-fee.ts';
import type { WalletState, WalletStep } from '../../wallet/wallet-state.ts';
import { closingScript } from '../closing-script.ts';
import { attemptsOf, deadAttempts, feerateOfAttempt, ofEnded, wantedBy, type Attempt } from './attempt.ts';
import { spentOn } from './budget.ts';
import { buildGroup, type Means, type Replacing, type Unbuilt } from './build.ts';
import { byUrgency, groupsOf, type Group } from './group.ts';
import { feerateFor, isDoubted, priceOf, type Price } from './price.ts';

/** What one channel wants, and who signs for it. `wish`: the user wants it to pay at least this rate. */
export type Claimant<K> = {
  readonly name: K;
  readonly demand: ClaimDemand;
  readonly signer: Means['signer'];
  readonly wish?: FeeratePerKw;
};

export type Situation = {
  readonly wallet: WalletState;
  readonly keys: KeyTree;
  readonly height: BlockHeight;
  readonly feerates: Feerates;
  readonly now: Timestamp;
  /** Attempts that every server refuses for their fee, and commitments that a child could pay for. */
  readonly tooLow: Pick<ReadonlySet<TxId>, 'has'>;
  /** Transactions of the wallet that no server knows of. */
  readonly unknown?: ReadonlySet<TxId>;
  /** What closes had wanted that are over. */
  readonly ended?: readonly ClaimDemand[];
  /** As `ChainReader` has it. */
  readonly isInBestChain?: ChainReader['isInBestChain'];
};

/** A claim that the wallet has too few coins for; what they reach may be on its way. */
export type Shortage<K> = { readonly name: K; readonly group: Group; readonly missing: Sat };

export type Planned<K> = Replacing & { readonly name: K };

/** The wallet after it, and its writes. Commit, then broadcast. */
export type ClaimPlan<K> = WalletStep & {
  readonly built: readonly Planned<K>[];
  /** Attempts that gave way, or cannot confirm any more: not to be broadcast again. */
  readonly over: readonly TxId[];
  readonly shortages: readonly Shortage<K>[];
  /** What could not be made, as the wallet knows of a block that spends an input of it already. */
  readonly unmade: readonly Group[];
};

/** It comes to rest long before, as what takes the place of another pays more, and nothing more than its bound. */
const MOST_ROUNDS = 16;

/**
 * What is to be done for all claims now. The same again does nothing: attempts that are on their way and good enough
 * stand in the wallet, and are all that this looks at.
 */
export function planClaims<K>(claimants: readonly Claimant<K>[], situation: Situation): ClaimPlan<K> {
  const back = stepBack(demandsOf(claimants), situation);
  const first = planRound(claimants, { ...situation, wallet: back.state, taken: back.taken });
  let plan: ClaimPlan<K> = { ...first, commit: [...back.commit, ...first.commit] };
  // Change of one may reach for what came before it, and a bound is met more closely from where coins are chosen already.
  for (let round = 1, more = plan; more.built.length > 0 && round < MOST_ROUNDS; round++) {
    more = planRound(claimants, { ...situation, wallet: plan.state, taken: back.taken, ended: [] });
    plan = joined(plan, more);
  }
  return plan;
}

/** Nobody was told of what the second takes the place of at once: what was there before it is what counts. */
function joined<K>(first: ClaimPlan<K>, second: ClaimPlan<K>): ClaimPlan<K> {
  const over = new Set(second.over);
  const stays = first.built.filter(({ tx }) => !over.has(txIdOf(tx)));
  const gone = new Set(first.built.filter((one) => !stays.includes(one)));
  const built = second.built.map((one) => {
    let feeBefore: bigint = one.feeBefore;
    for (const other of gone)
      if (isRival(other.tx, one.tx)) {
        feeBefore += other.feeBefore - other.fee;
        gone.delete(other);
      }
    return { ...one, feeBefore: sat(feeBefore) };
  });
  return {
    state: second.state,
    commit: [...first.commit, ...second.commit],
    built: [...stays, ...built],
    over: [...first.over, ...second.over],
    shortages: second.shortages,
    unmade: second.unmade,
  };
}

function isRival(a: Tx, b: Tx): boolean {
  const spent = new Set(a.inputs.map(({ outPoint }) => outPointKey(outPoint)));
  return b.inputs.some(({ outPoint }) => spent.has(outPointKey(outPoint)));
}

/** `taken`: outputs that a transaction of the wallet takes in a block, of which their channel may not have heard yet. */
type Placed = Situation & { readonly taken: ReadonlySet<string> };

function planRound<K>(claimants: readonly Claimant<K>[], situation: Placed): ClaimPlan<K> {
  const plan = planParts(claimants, situation);
  const idle = idleAttempts(claimants, situation).filter(({ id }) => !plan.over.includes(id));
  if (idle.length === 0) return plan;
  const waiting = ({ state, shortages }: ClaimPlan<K>): number => {
    const live = attemptsOf(state, demandsOf(claimants));
    return shortages.filter(({ group }) => {
      const { deadline, lift } = group;
      const isFor = ({ keys }: Attempt): boolean => isOf(group, keys) || (lift !== null && lifts(keys, lift));
      const isOnItsWay = (one: Attempt): boolean =>
        isFor(one) && feerateOfAttempt(one, lift) >= situation.feerates.minimum;
      return isDoubted(deadline, situation.height) && !idle.some(isFor) && !live.some(isOnItsWay);
    }).length;
  };
  const before = waiting(plan);
  if (before === 0) return plan;
  // Nobody takes these, and what is due soon may be taken for their coins: as if all had come at once.
  const commit: Write[] = [];
  let { wallet } = situation;
  for (const { id } of idle) {
    const step = abandonTx(wallet, id);
    wallet = step.state;
    commit.push(...step.commit);
  }
  const other = planParts(claimants, { ...situation, wallet });
  if (waiting(other) >= before) return plan;
  const over = [...idle.map(({ id }) => id), ...other.over];
  return { ...other, commit: [...commit, ...other.commit], over };
}

/**
 * What holds coins, was refused by every server for its fee, and pays less than any is said to take. One that took the place
 * of another, or that something spends from, is not among them: those may be on their way.
 */
function idleAttempts<K>(
  claimants: readonly Claimant<K>[],
  { wallet, tooLow, feerates }: Situation,
): readonly Attempt[] {
  const demands = demandsOf(claimants);
  const refused = attemptsOf(wallet, demands).filter(({ id }) => tooLow.has(id));
  if (refused.length === 0) return [];
  const known = [...wallet.txs.values()];
  const leftAlone = new Set(
    known.flatMap(({ tx, replacedBy }) => [replacedBy, ...tx.inputs.map(({ outPoint }) => outPoint.txId)]),
  );
  return refused.filter((attempt) => {
    if (leftAlone.has(attempt.id)) return false;
    if (coinsSpentBy(wallet, attempt.tx).length === 0) return false;
    const lift = demands.map((demand) => demand.lift).find((one) => one !== null && lifts(attempt.keys, one));
    return feerateOfAttempt(attempt, lift ?? null) < feerates.minimum;
  });
}

function planParts<K>(claimants: readonly Claimant<K>[], situation: Placed): ClaimPlan<K> {
  const plan = planOnce(claimants, situation, new Set());
  // A batch was taken apart, and the coins did not reach for all of its parts: raised as a whole, where they reach for that.
  const torn = new Set(
    attemptsOf(situation.wallet, demandsOf(claimants))
      .filter(
        ({ id, keys }) => plan.over.includes(id) && plan.shortages.some(({ group }) => isOf(group, keys)),
      )
      .map(({ id }) => id),
  );
  if (torn.size === 0) return plan;
  const whole = planOnce(claimants, situation, torn);
  return whole.shortages.length < plan.shortages.length ? whole : plan;
}

/**
 * What took a claim in a block that is not in the best chain any more is on its way again. The wallet itself looks only in
 * rounds in which no server kept anything to itself, and a deadline does not wait for one.
 */
function stepBack(
  demands: readonly ClaimDemand[],
  { wallet, now, isInBestChain }: Situation,
): WalletStep & Pick<Placed, 'taken'> {
  const wanted = wantedBy(demands);
  const taken = new Set<string>();
  const commit: Write[] = [];
  let state = wallet;
  for (const { tx, at } of wanted.size === 0 ? [] : wallet.txs.values()) {
    const keys = at === null ? [] : tx.inputs.map(({ outPoint }) => outPointKey(outPoint));
    const own = keys.filter((key) => wanted.has(key));
    if (at === null || own.length === 0) continue;
    if (isInBestChain?.(at) === false) {
      const step = noteTx(state, { tx, at: null }, now);
      state = step.state;
      commit.push(...step.commit);
    } else for (const key of own) taken.add(key);
  }
  return { state, commit, taken };
}

const isOf = ({ claims }: Group, keys: ReadonlySet<string>): boolean =>
  claims.some(({ claim }) => keys.has(outPointKey(claim.outPoint)));

const lifts = (keys: ReadonlySet<string>, { anchor }: Lift): boolean =>
  keys.has(outPointKey(anchor.outPoint));

const demandsOf = <K>(claimants: readonly Claimant<K>[]): readonly ClaimDemand[] =>
  claimants.map(({ demand }) => demand);

const NONE: ReadonlySet<TxId> = new Set();

function planOnce<K>(
  claimants: readonly Claimant<K>[],
  situation: Placed,
  together: ReadonlySet<TxId>,
): ClaimPlan<K> {
  const { keys, height, feerates, now, tooLow, unknown = NONE, taken } = situation;
  const demands = demandsOf(claimants);
  const commit: Write[] = [];
  const over: TxId[] = [];
  let { wallet } = situation;
  const take = (step: WalletStep): void => {
    wallet = step.state;
    commit.push(...step.commit);
  };
  // Given up, or taken by another long ago: coins that were to pay for it are free again.
  // What one had taken the place of stands again when it goes, and may be as dead.
  const { ended = [] } = situation;
  for (let gone; (gone = ofEnded(attemptsOf(wallet, demands), ended)).length > 0;)
    for (const { id } of gone) {
      take(abandonTx(wallet, id));
      over.push(id);
    }
  for (let dead; (dead = deadAttempts(attemptsOf(wallet, demands), demands)).length > 0;)
    for (const { id } of dead) {
      take(abandonTx(wallet, id));
      over.push(id);
    }
  const attempts = attemptsOf(wallet, demands);
  const spent = spentOn(wallet);
  const groups = claimants
    .flatMap((claimant) => {
      const rateOf = (deadline: BlockHeight | null): FeeratePerKw =>
        feeratePerKw(Math.max(claimant.wish ?? 0, feerateFor(deadline, height, feerates)));
      const found = groupsOf(claimant.demand, attempts, {
        height,
        rateOf,
        together,
        taken,
        spent,
        background: feerates.background,
        isHurried: claimant.wish !== undefined,
      });
      return found.map((group) => ({ claimant, group }));
    })
    .sort((a, b) => byUrgency(a.group, b.group));
  const built: Planned<K>[] = [];
  const shortages: Shortage<K>[] = [];
  const unmade: Group[] = [];
  const make = ({ name, signer }: Claimant<K>, group: Group, price: Price): Unbuilt | null => {
    const means: Means = { wallet, keys, signer, unknown, destination: closingScript(wallet), now };
    const made = buildGroup(means, group, price);
    if (!made.ok) return made.error;
    // A coin of it is spent in a block by what the wallet alone knows of: it could never confirm.
    const entry = made.value.step.state.txs.get(txIdOf(made.value.tx));
    if (entry === undefined || entry.at !== null || entry.replacedBy !== null) return { code: 'spent' };
    take(made.value.step);
    built.push({ ...made.value, name });
    over.push(...group.replaces.map(({ id }) => id));
    return null;
  };
  const unreached: { claimant: Claimant<K>; group: Group; price: Price }[] = [];
  const begin = ({ claimant, group }: (typeof groups)[number]): Unbuilt | null => {
    const { name, wish } = claimant;
    const market = { height, feerates, tooLow, ...(wish === undefined ? {} : { wish }) };
    const price = priceOf(group, market);
    if (price === null) return null;
    const failed = make(claimant, group, price);
    if (failed?.code === 'spent') unmade.push(group);
    if (failed?.code !== 'short') return failed;
    shortages.push({ name, group, missing: failed.missing });
    // Estimates may be too high, and late is better than never. Who asks for a rate is told that coins are short of it, and
    // gets no other; what waits for nobody leaves the coins to what has a deadline.
    const least = feeratePerKw(Math.max(price.least, feerates.minimum));
    if (
      wish === undefined &&
      group.deadline !== null &&
      make(claimant, group, { ...price, least, withinReach: true }) !== null &&
      isDoubted(group.deadline, height)
    )
      unreached.push({ claimant, group, price });
    return failed;
  };
  const dear = groups.filter((one) => begin(one)?.code === 'too-dear');
  // What a part of a batch was too small to take the place of may have given way to a larger part since.
  for (const one of dear) if (one.group.replaces.some(({ id }) => over.includes(id))) begin(one);
  // What is left of the coins, where nothing was reached that mempools are said to take: one server may have said so alone.
  for (const { claimant, group, price } of unreached) make(claimant, group, { ...price, withinReach: true });
  return { state: wallet, commit, built, over, shortages, unmade };
}
