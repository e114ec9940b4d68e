import type { Goal, Ground, Path } from './ground.ts';
import { leastCost } from './least-cost.ts';
import { layOut, occupy, widthOf, type PlannedPart } from './planned-part.ts';

export type Plan = {
  readonly parts: readonly PlannedPart[];
  readonly fee: number;
  /** Fees and weights of all parts. */
  readonly cost: number;
  /** That all parts arrive. */
  readonly chance: number;
};

/** `width`: each part takes all that its path can carry: fewest parts, however unlikely. */
export type Manner = { readonly first: number; readonly width: boolean };

/**
 * Parts for `goal.amount`, at most `maxParts`, one path after the other, each around what those before it use. The
 * first is tried with `first`; whenever no path can carry so much, with half of it. Null when that ends in nothing.
 */
export function* planParts(
  ground: Ground,
  goal: Goal,
  maxParts: number,
  { first, width }: Manner,
): Generator<undefined, Plan | null> {
  const parts: PlannedPart[] = [];
  let left = goal.amount;
  let fee = 0;
  let aim = first;
  const undo = (): null => {
    for (const part of parts) occupy(ground, part, -1);
    return null;
  };
  while (left > 0) {
    const least = Math.ceil(left / (maxParts - parts.length));
    if (parts.length === maxParts) return undo();
    const amount = Math.min(left, Math.max(aim, least));
    const asked = { ...goal, amount, maxFee: goal.maxFee - fee };
    yield;
    const path = yield* leastCost(ground, asked);
    const part = path === null ? null : widest(ground, asked, path, width ? left : amount);
    if (path === null || part === null || part.fee > asked.maxFee) {
      if (amount <= least) return undo();
      aim = Math.max(least, Math.floor(amount / 2));
      continue;
    }
    occupy(ground, part, 1);
    parts.push(part);
    left -= part.amount;
    fee += part.fee;
  }
  const chance = parts.reduce((all, part) => all * part.chance, 1);
  const all = joined(ground, goal, parts);
  undo();
  const sum = (of: 'fee' | 'cost'): number => all.reduce((total, part) => total + part[of], 0);
  return { parts: all, fee: sum('fee'), cost: sum('cost'), chance };
}

/** As much as the path carries, from `goal.amount` up to `most`. */
function widest(ground: Ground, goal: Goal, path: Path, most: number): PlannedPart | null {
  if (most > goal.amount) {
    const wide = Math.min(most, widthOf(ground, path));
    const part = wide > goal.amount ? layOut(ground, path.edges, goal, wide) : null;
    if (part !== null && part.fee <= goal.maxFee) return part;
  }
  return layOut(ground, path.edges, goal, goal.amount);
}

/** Parts over the same channels made one where they can carry it: an HTLC and its base fees less. */
function joined(ground: Ground, goal: Goal, parts: readonly PlannedPart[]): readonly PlannedPart[] {
  const byPath = new Map<string, PlannedPart>();
  const apart: PlannedPart[] = [];
  for (const part of parts) {
    const edges = part.steps.map(({ edge }) => edge);
    const key = edges.join();
    const same = byPath.get(key);
    if (same === undefined) {
      byPath.set(key, part);
      continue;
    }
    occupy(ground, same, -1);
    occupy(ground, part, -1);
    const both = layOut(ground, edges, goal, same.amount + part.amount);
    occupy(ground, same, 1);
    occupy(ground, part, 1);
    // Rounding: what one part pays may be a thousandth more than what two do.
    if (both === null || both.fee > same.fee + part.fee) apart.push(part);
    else byPath.set(key, both);
  }
  return [...byPath.values(), ...apart];
}
