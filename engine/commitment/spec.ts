import type { PaymentHash } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { msat, type BlockHeight, type FeeratePerKw, type Msat } from '../base/units.ts';
import { otherSide, type Side } from './params.ts';

/** An HTLC as a commitment transaction sees it. `outgoing`: we offered it. */
export type Htlc = {
  readonly direction: 'incoming' | 'outgoing';
  readonly id: bigint;
  readonly amount: Msat;
  readonly paymentHash: PaymentHash;
  readonly cltvExpiry: BlockHeight;
};

/** The contents of one commitment, always as we see them, also for the peer's commitment. */
export type CommitmentSpec = {
  /** In the order in which they were added. */
  readonly htlcs: readonly Htlc[];
  readonly feerate: FeeratePerKw;
  /** Before fees and anchors. */
  readonly toLocal: Msat;
  readonly toRemote: Msat;
};

/** An update message of BOLT 2, as much as the algebra needs: the messages themselves fit. */
export type Change =
  | {
      readonly name: 'update_add_htlc';
      readonly id: bigint;
      readonly amount: Msat;
      readonly paymentHash: PaymentHash;
      readonly cltvExpiry: BlockHeight;
    }
  | {
      readonly name: 'update_fulfill_htlc' | 'update_fail_htlc' | 'update_fail_malformed_htlc';
      readonly id: bigint;
    }
  | { readonly name: 'update_fee'; readonly feeratePerKw: FeeratePerKw };

export type SpecError =
  /** `side` offers more than it has, when all changes are counted. */
  | { readonly code: 'insufficient-balance'; readonly side: Side }
  /** `side` settles an HTLC that the other side has not in this commitment, or settles one twice. */
  | { readonly code: 'unknown-htlc'; readonly side: Side; readonly id: bigint };

/**
 * The spec after the changes that each side proposed: additions first, then removals, then fees, so that the result
 * does not depend on how the two lists interleave.
 */
export function applyChanges(
  spec: CommitmentSpec,
  localChanges: readonly Change[],
  remoteChanges: readonly Change[],
): Result<CommitmentSpec, SpecError> {
  // Signed: what one change takes, a later one of the same batch may give back.
  const balance: Record<Side, bigint> = { local: spec.toLocal, remote: spec.toRemote };
  const removed: Record<Side, Map<bigint, boolean>> = { local: new Map(), remote: new Map() };
  const htlcs = [...spec.htlcs];
  let feerate = spec.feerate;
  const sides = [
    { side: 'local', changes: localChanges },
    { side: 'remote', changes: remoteChanges },
  ] as const;

  for (const { side, changes } of sides)
    for (const change of changes)
      switch (change.name) {
        case 'update_add_htlc':
          balance[side] -= change.amount;
          htlcs.push(htlcOf(change, side));
          break;
        case 'update_fulfill_htlc':
        case 'update_fail_htlc':
        case 'update_fail_malformed_htlc': {
          const settled = removed[otherSide(side)];
          if (settled.has(change.id)) return err({ code: 'unknown-htlc', side, id: change.id });
          settled.set(change.id, change.name === 'update_fulfill_htlc');
          break;
        }
        case 'update_fee':
          feerate = change.feeratePerKw;
          break;
      }

  const kept: Htlc[] = [];
  for (const htlc of htlcs) {
    const offerer: Side = htlc.direction === 'outgoing' ? 'local' : 'remote';
    const fulfilled = removed[offerer].get(htlc.id);
    if (fulfilled === undefined) kept.push(htlc);
    else {
      removed[offerer].delete(htlc.id);
      const payee = fulfilled ? otherSide(offerer) : offerer;
      balance[payee] += htlc.amount;
    }
  }
  for (const { side } of sides) {
    for (const id of removed[otherSide(side)].keys()) return err({ code: 'unknown-htlc', side, id });
    if (balance[side] < 0n) return err({ code: 'insufficient-balance', side });
  }

  return ok({ htlcs: kept, feerate, toLocal: msat(balance.local), toRemote: msat(balance.remote) });
}

const htlcOf = (change: Change & { readonly name: 'update_add_htlc' }, side: Side): Htlc => ({
  direction: side === 'local' ? 'outgoing' : 'incoming',
  id: change.id,
  amount: change.amount,
  paymentHash: change.paymentHash,
  cltvExpiry: change.cltvExpiry,
});
