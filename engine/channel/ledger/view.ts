import { msat, type FeeratePerKw } from '../../base/units.ts';
import type { Side } from '../../commitment/params.ts';
import type { CommitmentSpec } from '../../commitment/spec.ts';
import type { Add, Ledger, Removal, UpdateStep } from '../ledger.ts';
import { NO_PROPOSALS, type Proposals } from '../session.ts';

/**
 * Which updates one commitment transaction has: an HTLC that its proposer has brought from `first` to `last` is in it,
 * before that it is not added, after that it is removed. By who proposed it: outgoing HTLCs are ours.
 */
export type View = {
  readonly outgoing: readonly [first: UpdateStep, last: UpdateStep];
  readonly incoming: readonly [first: UpdateStep, last: UpdateStep];
};

/** Our latest commitment. */
export const LOCAL: View = { outgoing: [3, 5], incoming: [1, 7] };
/** Ours as the peer would sign it now: with what it proposed, and what it has revoked of ours. */
export const NEXT_LOCAL: View = { outgoing: [2, 4], incoming: [0, 6] };
/** The peer's latest that it has not revoked. */
export const REMOTE: View = { outgoing: [2, 8], incoming: [4, 6] };
/** The peer's latest that we signed: the same as `REMOTE` unless a revocation is awaited. */
export const SIGNED_REMOTE: View = { outgoing: [1, 7], incoming: [3, 5] };
/** The peer's as we would sign it now. */
export const NEXT_REMOTE: View = { outgoing: [0, 6], incoming: [2, 4] };
/** Ours once all that is proposed now is signed. */
export const EVENTUAL_LOCAL: View = { outgoing: [0, 4], incoming: [0, 4] };

type Visit = (add: Add, step: UpdateStep, removal: Removal | null) => void;

/** Every HTLC with the step it is at, what the peer proposed and did not sign yet included. */
export function eachHtlc(ledger: Ledger, proposals: Proposals, visit: Visit): void {
  for (const htlc of ledger.outgoing.values()) {
    const removal = proposals.removals.get(htlc.add.id);
    if (removal === undefined) visit(htlc.add, htlc.step, htlc.removal);
    else visit(htlc.add, 5, removal);
  }
  for (const htlc of ledger.incoming.values()) visit(htlc.add, htlc.step, htlc.removal);
  for (const add of proposals.adds) visit(add, 0, null);
}

/** The fee rate of a view. `opener` is who sends update_fee. */
export function feerateOf(ledger: Ledger, view: View, opener: Side, proposals = NO_PROPOSALS): FeeratePerKw {
  const [first] = opener === 'local' ? view.outgoing : view.incoming;
  if (proposals.feerate !== null && first === 0) return proposals.feerate;
  return ledger.feeUpdates.findLast(({ step }) => step >= first)?.feerate ?? ledger.feerate;
}

/** What a commitment transaction of this view is made from. */
export function specOf(
  ledger: Ledger,
  view: View,
  opener: Side,
  proposals: Proposals = NO_PROPOSALS,
): CommitmentSpec {
  const htlcs: Add[] = [];
  let toLocal: bigint = ledger.local;
  let toRemote: bigint = ledger.remote;
  eachHtlc(ledger, proposals, (add, step, removal) => {
    const outgoing = add.direction === 'outgoing';
    const [first, last] = outgoing ? view.outgoing : view.incoming;
    if (step < first) return;
    if (step <= last) {
      htlcs.push(add);
      if (outgoing) toLocal -= add.amount;
      else toRemote -= add.amount;
    } else if (removal?.tag === 'fulfill') {
      toLocal += outgoing ? 0n - add.amount : add.amount;
      toRemote += outgoing ? add.amount : 0n - add.amount;
    }
  });
  return {
    htlcs,
    feerate: feerateOf(ledger, view, opener, proposals),
    toLocal: msat(toLocal),
    toRemote: msat(toRemote),
  };
}
