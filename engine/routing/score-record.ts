import { nodeId } from '../codec/ids.ts';
import { mapped, type Field, type Infer } from '../codec/field.ts';
import { varInt } from '../codec/integers.ts';
import { record } from '../codec/record.ts';
import { list } from '../codec/sequences.ts';
import { struct } from '../codec/struct.ts';
import { scid } from '../codec/units.ts';
import type { Belief, Scorer } from './scorer.ts';

/** Whole millisatoshis: bounds are rounded so that they hold less, not more. */
const belief: Field<Belief> = mapped(
  struct({ scid, low: varInt, high: varInt, capacity: varInt, at: varInt }),
  (value) => (value.low <= value.high && value.high <= value.capacity ? value : null),
  ({ low, high, ...rest }) => ({ ...rest, low: Math.floor(low), high: Math.ceil(high) }),
);

/** Table `meta`, key `SCORES_KEY`. It tells whom was paid over which channels: sealed with all that is private. */
export const scoresRecord = record(1, {
  beliefs: list(belief),
  channels: list(struct({ what: scid, until: varInt })),
  nodes: list(struct({ what: nodeId, until: varInt })),
});

/** The newest are kept: the record is rewritten as a whole. */
const MOST_KEPT = 5_000;

export type Scores = Infer<typeof scoresRecord>;

export function scoresOf(scorer: Scorer): Scores {
  const shuns = [...scorer.shuns];
  return {
    beliefs: [...scorer.beliefs].slice(-MOST_KEPT),
    channels: shuns.flatMap(({ what, until }) => (typeof what === 'bigint' ? [{ what, until }] : [])),
    nodes: shuns.flatMap(({ what, until }) => (typeof what === 'bigint' ? [] : [{ what, until }])),
  };
}

/** Into a scorer that may have learnt since it began: what it knows by itself stays. */
export function recall(scorer: Scorer, { beliefs, channels, nodes }: Scores): void {
  scorer.recall(beliefs);
  for (const { what, until } of [...channels, ...nodes]) scorer.shun(what, until);
}
