import { outPointKey } from '../../../base/ids.ts';
import { txIdOf } from '../../../bitcoin/tx.ts';
import type { ChainEvent, Confirmation } from '../../../bitcoin/watch.ts';
import type { Env } from '../../env.ts';
import { coreOf, type Closed, type Closing, type Durable, type Past } from '../../state.ts';

/**
 * BOLT 5 §General Nomenclature: "at least 100 deep" is "far greater than the longest known Bitcoin fork": so many blocks may
 * go, and what has one more above it stays.
 */
const DEEPEST_FORK = 100;

export const pastOf = ({
  failure,
  mutual,
  setAside,
  talk,
  resolved,
  settled,
  history,
  lostData,
}: Closing): Past => ({
  failure,
  mutual,
  setAside,
  talk,
  resolved,
  settled,
  history,
  lostData,
});

/** As it was before it was over; null where that is too long ago. */
export function reopened(closed: Closed): Closing | null {
  const { past, spend } = closed;
  return past === null || spend === null ? null : { ...coreOf(closed), phase: 'closing', spend, ...past };
}

/** One that never was, whose funding transaction is in a block after all; null for any other. */
export const cameToBe = ({ past, spend, ...closed }: Closed): Closing | null =>
  past === null || spend !== null ? null : { ...coreOf(closed), phase: 'closing', spend, ...past };

/** It never was, and might yet be. */
export const mightBe = (durable: Durable): boolean =>
  durable.phase === 'closed' && durable.spend === null && durable.past !== null;

/** With a tick: what nobody goes back behind is forgotten. */
export function forgetPast(closed: Closed, { height }: Env): Closed {
  const { past, spend } = closed;
  if (past === null) return closed;
  const isFinalAt = (at: Confirmation | null): boolean => at === null || height - at.height >= DEEPEST_FORK;
  const rivalAt = closed.active[0].rival?.at ?? null;
  const isFinal =
    spend === null
      ? rivalAt !== null && isFinalAt(rivalAt)
      : isFinalAt(spend.at) && [...past.resolved.values()].every(({ at }) => isFinalAt(at));
  return isFinal ? { ...closed, past: null } : closed;
}

/** The chain says of a close that was over that it is another one than was known. */
export function isOtherwise(
  closing: Closing,
  { outPoint, tx, at }: ChainEvent & { readonly tag: 'spent' },
): boolean {
  // What is in no block yet does not undo what is.
  if (at === null) return false;
  const key = outPointKey(outPoint);
  const isFunding = closing.active.some(({ funding }) => outPointKey(funding.outPoint) === key);
  const known = isFunding ? closing.spend : closing.resolved.get(key);
  return known?.at?.blockHash !== at.blockHash || txIdOf(known.tx) !== txIdOf(tx);
}

export const concerns = ({ spend, resolved }: Closing, txId: string): boolean =>
  [spend, ...resolved.values()].some((known) => known !== null && txIdOf(known.tx) === txId);
