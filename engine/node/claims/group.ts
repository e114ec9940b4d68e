import { outPointKey, type OutPoint, type TxId } from '../../base/ids.ts';
import { blockHeight, sat, type BlockHeight, type FeeratePerKw, type Sat } from '../../base/units.ts';
import type { ClaimDemand, Lift, OpenClaim } from '../../channel/claim-demand.ts';
import { isWorthAt } from '../../channel/claim-worth.ts';
import { isComplete, needsFeeInputs } from '../../commitment/claim.ts';
import { feerateOfAttempt, type Attempt } from './attempt.ts';
import { budgetOf, mostForLift, type Spent } from './budget.ts';

/**
 * Outputs that one transaction takes. `attached`: the wallet pays, each output of an HTLC transaction stands at the index
 * of its input. `plain`: they pay for themselves. `lift`: a child of a commitment, through its anchor.
 */
export type Group = {
  readonly shape: 'attached' | 'plain' | 'lift';
  readonly claims: readonly OpenClaim[];
  readonly lift: Lift | null;
  readonly deadline: BlockHeight | null;
  readonly atRisk: Sat;
  /** No more is paid for it than this: see budget.ts. */
  readonly most: Sat;
  /** None of it is worth what it should pay now. */
  readonly isPoor: boolean;
  /** The transaction that takes just these already. */
  readonly current: Attempt | null;
  /** All that a new transaction would take the place of, `current` among them. */
  readonly replaces: readonly Attempt[];
};

/**
 * So near its deadline a claim stands alone: whoever spends one input of a batch undoes the whole of it.
 * BOLT 5 §Revoked Transaction Close Handling: "if confirmation doesn't happen before reaching `security_delay` blocks
 * from expiry: SHOULD *resolve* revoked outputs in their own, separate penalty transactions.", where "we recommend 18
 * blocks"
 */
const SECURITY_DELAY = 18;
/** We go to the chain 18 blocks before an HTLC expires: those that expire together may still share what they begin with. */
const HTLC_ALONE = 12;
/** Keeps a batch well within what is relayed: 100,000 virtual bytes. */
const MOST_CLAIMS = 50;

export type Terms = {
  readonly height: BlockHeight;
  /** What a claim with this deadline should pay now. */
  readonly rateOf: (deadline: BlockHeight | null) => FeeratePerKw;
  /** Not taken apart for their deadlines: there are no coins for the parts. */
  readonly together: ReadonlySet<TxId>;
  /** Taken in a block by a transaction of the wallet: the channel hears of it in a moment. */
  readonly taken: ReadonlySet<string>;
  readonly spent: Spent;
  /** For what can wait. */
  readonly background: FeeratePerKw;
  /** The user wants it done, for more. */
  readonly isHurried: boolean;
};

/** How the outputs of one channel are to be taken now. */
export function groupsOf(
  demand: ClaimDemand,
  attempts: readonly Attempt[],
  { height, rateOf, together, taken, spent, background, isHurried }: Terms,
): readonly Group[] {
  const isOurs = ({ outPoint }: { readonly outPoint: OutPoint }): boolean => taken.has(outPointKey(outPoint));
  const due = demand.open.filter((open) => isDue(open, height) && !isOurs(open.claim));
  const own = new Set(attempts.map(({ id }) => id));
  const isTaken = ({ spent }: OpenClaim): boolean => spent !== null && !own.has(spent.txId);
  const alone = (open: OpenClaim): boolean =>
    (open.deadline !== null && open.deadline - height <= aloneWithin(open)) || isTaken(open);
  // A peer can make many of them: beside one that is worth something they would eat the fee that it needs.
  const isPoor = ({ claim, deadline }: OpenClaim): boolean => !isWorthAt(claim, rateOf(deadline));
  const mustPart = (attempt: Attempt, claims: readonly OpenClaim[]): boolean => {
    if (claims.length === 1) return false;
    if (claims.some(together.has(attempt.id) ? isTaken : alone)) return true;
    // Only where it is to rise anyway.
    const isOutgrown = rateOf(earliest(claims)) > feerateOfAttempt(attempt, null);
    return isOutgrown && claims.some(isPoor) && !claims.every(isPoor);
  };
  const of = (claims: readonly OpenClaim[], current: Attempt | null): Group => ({
    ...groupOf(claims, attempts, current, claims.every(isPoor)),
    most: budgetOf(claims, demand, spent, { height, isHurried }),
  });
  const groups: Group[] = [];
  const left = new Map(due.map((open) => [outPointKey(open.claim.outPoint), open]));
  // What is on its way stays together, unless it must not.
  for (const attempt of attempts) {
    const claims = due.filter(({ claim }) => attempt.keys.has(outPointKey(claim.outPoint)));
    if (claims.length === 0 || mustPart(attempt, claims)) continue;
    if (!claims.every(({ claim }) => left.has(outPointKey(claim.outPoint)))) continue;
    for (const { claim } of claims) left.delete(outPointKey(claim.outPoint));
    groups.push(of(claims, attempt));
  }
  const fresh = new Map<string, OpenClaim[]>();
  for (const [key, open] of left) {
    const name = alone(open) ? key : `${kindOf(open)} ${isPoor(open)}`;
    fresh.set(name, [...(fresh.get(name) ?? []), open]);
  }
  for (const claims of fresh.values())
    for (let i = 0; i < claims.length; i += MOST_CLAIMS)
      groups.push(of(claims.slice(i, i + MOST_CLAIMS), null));
  if (demand.lift !== null && !isOurs(demand.lift.anchor))
    groups.push(liftGroup(demand.lift, attempts, mostForLift(demand.lift, background, isHurried)));
  return groups;
}

const isDue = ({ claim, from, spent }: OpenClaim, height: BlockHeight): boolean =>
  from !== null && from <= height + 1 && (spent === null || spent.at === null) && !isComplete(claim);

const aloneWithin = ({ claim }: OpenClaim): number =>
  claim.kind.endsWith('penalty') ? SECURITY_DELAY : HTLC_ALONE;

/**
 * Those of one kind may share a transaction. Both signatures of an HTLC transaction hold its lock time; what the peer
 * can spend is kept from what it cannot, and what waits for nobody from what has a deadline.
 */
const kindOf = ({ claim, contested, deadline }: OpenClaim): string =>
  [
    needsFeeInputs(claim) ? `attached ${claim.lockTime}` : 'plain',
    claim.version,
    contested,
    deadline === null,
  ].join(' ');

function earliest(claims: readonly OpenClaim[]): BlockHeight | null {
  const deadlines = claims.flatMap(({ deadline }) => deadline ?? []);
  return deadlines.length === 0 ? null : blockHeight(Math.min(...deadlines));
}

function groupOf(
  claims: readonly OpenClaim[],
  attempts: readonly Attempt[],
  current: Attempt | null,
  isPoor: boolean,
): Omit<Group, 'most'> {
  const keys = claims.map(({ claim }) => outPointKey(claim.outPoint));
  return {
    shape: claims.every(({ claim }) => needsFeeInputs(claim)) ? 'attached' : 'plain',
    claims,
    lift: null,
    deadline: earliest(claims),
    atRisk: sat(claims.reduce((sum, { claim }) => sum + claim.amount, 0n)),
    isPoor,
    current,
    replaces: attempts.filter((attempt) => keys.some((key) => attempt.keys.has(key))),
  };
}

function liftGroup(lift: Lift, attempts: readonly Attempt[], most: Sat): Group {
  const key = outPointKey(lift.anchor.outPoint);
  const replaces = attempts.filter((attempt) => attempt.keys.has(key));
  const { deadline, atRisk } = lift;
  return {
    shape: 'lift',
    claims: [],
    lift,
    deadline,
    atRisk,
    most,
    isPoor: false,
    current: replaces[0] ?? null,
    replaces,
  };
}

/** Coins may be too few: then those that can be lost come first, and of them the larger; what is not worth it, last. */
export function byUrgency(a: Group, b: Group): number {
  if (a.isPoor !== b.isPoor) return a.isPoor ? 1 : -1;
  const deadline = (a.deadline ?? Infinity) - (b.deadline ?? Infinity);
  if (a.deadline !== b.deadline) return deadline;
  return a.atRisk > b.atRisk ? -1 : a.atRisk < b.atRisk ? 1 : 0;
}
