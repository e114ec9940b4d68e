import type { Point } from '../../base/ids.ts';
import { msat } from '../../base/units.ts';
import type { Side } from '../../commitment/params.ts';
import type { Add, FeeUpdate, Ledger, LiveHtlc, Removal, UpdateStep } from '../ledger.ts';
import type { Proposals } from '../session.ts';

type Moves = Partial<Record<UpdateStep, UpdateStep | 'gone'>>;

/** By signing the peer's commitment. */
const ON_SIGN = { ours: { 0: 1, 7: 8 }, theirs: { 2: 3, 5: 6 } } as const satisfies Record<string, Moves>;
/** By the peer's revocation of the one before. */
const ON_ACK = { ours: { 1: 2, 8: 'gone' }, theirs: { 3: 4, 6: 7 } } as const satisfies Record<string, Moves>;
/** By the peer's signature of ours, and our revocation of the one before, which go together. */
const ON_SIGNED = { ours: { 2: 4, 5: 7 }, theirs: { 0: 2, 7: 'gone' } } as const satisfies Record<
  string,
  Moves
>;

/** Changes that the peer's commitment does not have yet: commitment_signed has something to say. */
export function owesSignature(ledger: Ledger, opener: Side): boolean {
  for (const { step } of ledger.outgoing.values()) if (step === 0 || step === 7) return true;
  for (const { step } of ledger.incoming.values()) if (step === 2 || step === 5) return true;
  const waiting = opener === 'local' ? 0 : 2;
  return ledger.feeUpdates.some(({ step }) => step === waiting);
}

/** The same of the peer: it revoked with something that our commitment does not have yet. */
export function owedSignature(ledger: Ledger, opener: Side): boolean {
  for (const { step } of ledger.outgoing.values()) if (step === 2) return true;
  for (const { step } of ledger.incoming.values()) if (step === 7) return true;
  return opener === 'local' && ledger.feeUpdates.some(({ step }) => step === 2);
}

export function sign(ledger: Ledger, opener: Side): Ledger {
  return {
    ...ledger,
    outgoing: moveEach(ledger.outgoing, ON_SIGN.ours).kept,
    incoming: moveEach(ledger.incoming, ON_SIGN.theirs).kept,
    ...moveFees(ledger, opener === 'local' ? ON_SIGN.ours : ON_SIGN.theirs),
    unacked: { sentAtLocalNumber: ledger.localNumber },
  };
}

export type Acknowledged = {
  readonly ledger: Ledger;
  /** Outgoing HTLCs whose removal is irrevocable. */
  readonly gone: readonly LiveHtlc[];
  /** Incoming HTLCs that are irrevocably committed from now on. */
  readonly committed: readonly Add[];
};

/** The peer revoked its commitment `remoteNumber` and gave the point of the one after the next. */
export function acknowledge(ledger: Ledger, nextPoint: Point, opener: Side): Acknowledged {
  const committed: Add[] = [];
  const outgoing = moveEach(ledger.outgoing, ON_ACK.ours);
  const incoming = moveEach(ledger.incoming, ON_ACK.theirs, (htlc, step) => {
    if (step === 4) committed.push(htlc.add);
    return { ...htlc, step };
  });
  return {
    ledger: settle(
      {
        ...ledger,
        outgoing: outgoing.kept,
        incoming: incoming.kept,
        ...moveFees(ledger, opener === 'local' ? ON_ACK.ours : ON_ACK.theirs),
        remoteNumber: ledger.remoteNumber + 1,
        remotePoint: ledger.remoteNextPoint ?? ledger.remotePoint,
        remoteNextPoint: nextPoint,
        unacked: null,
      },
      outgoing.gone,
    ),
    gone: outgoing.gone,
    committed,
  };
}

export type Signed = {
  readonly ledger: Ledger;
  /** Incoming HTLCs whose removal is irrevocable. */
  readonly gone: readonly LiveHtlc[];
  /** Outgoing HTLCs that the peer signed away just now, with how. */
  readonly removed: readonly LiveHtlc[];
};

/** The peer signed our next commitment, with all that it proposed; we revoke the one before. */
export function receiveSignature(ledger: Ledger, proposals: Proposals, opener: Side): Signed {
  const merged = mergeProposals(ledger, proposals, opener);
  const removed: LiveHtlc[] = [];
  const outgoing = moveEach(merged.outgoing, ON_SIGNED.ours, (htlc, step) => {
    const moved = { ...htlc, step };
    if (step === 7) removed.push(moved);
    return moved;
  });
  const incoming = moveEach(merged.incoming, ON_SIGNED.theirs);
  return {
    ledger: settle(
      {
        ...merged,
        outgoing: outgoing.kept,
        incoming: incoming.kept,
        ...moveFees(merged, opener === 'local' ? ON_SIGNED.ours : ON_SIGNED.theirs),
        localNumber: ledger.localNumber + 1,
      },
      incoming.gone,
    ),
    gone: incoming.gone,
    removed,
  };
}

function mergeProposals(ledger: Ledger, proposals: Proposals, opener: Side): Ledger {
  let { outgoing, incoming, nextIncomingId } = ledger;
  if (proposals.adds.length > 0) {
    const merged = new Map(incoming);
    for (const add of proposals.adds) merged.set(add.id, { add, step: 0, removal: null });
    incoming = merged;
    nextIncomingId += BigInt(proposals.adds.length);
  }
  if (proposals.removals.size > 0) outgoing = withRemovals(outgoing, proposals.removals);
  const feeUpdates: readonly FeeUpdate[] =
    proposals.feerate !== null && opener === 'remote'
      ? [...ledger.feeUpdates, { feerate: proposals.feerate, step: 0 }]
      : ledger.feeUpdates;
  return { ...ledger, outgoing, incoming, nextIncomingId, feeUpdates };
}

/** HTLCs at step 4 taken to step 5. */
export function withRemovals(
  htlcs: ReadonlyMap<bigint, LiveHtlc>,
  removals: ReadonlyMap<bigint, Removal>,
): ReadonlyMap<bigint, LiveHtlc> {
  const changed = new Map(htlcs);
  for (const [id, removal] of removals) {
    const htlc = htlcs.get(id);
    if (htlc?.step === 4) changed.set(id, { ...htlc, step: 5, removal });
  }
  return changed;
}

/** The money of fulfilled HTLCs changes hands for good. */
function settle(ledger: Ledger, gone: readonly LiveHtlc[]): Ledger {
  let local: bigint = ledger.local;
  let remote: bigint = ledger.remote;
  for (const { add, removal } of gone) {
    if (removal?.tag !== 'fulfill') continue;
    const gained = add.direction === 'incoming' ? add.amount : 0n - add.amount;
    local += gained;
    remote -= gained;
  }
  return gone.length === 0 ? ledger : { ...ledger, local: msat(local), remote: msat(remote) };
}

function moveEach(
  htlcs: ReadonlyMap<bigint, LiveHtlc>,
  moves: Moves,
  move: (htlc: LiveHtlc, step: UpdateStep) => LiveHtlc = (htlc, step) => ({ ...htlc, step }),
): { readonly kept: ReadonlyMap<bigint, LiveHtlc>; readonly gone: readonly LiveHtlc[] } {
  const gone: LiveHtlc[] = [];
  let kept: Map<bigint, LiveHtlc> | null = null;
  for (const [id, htlc] of htlcs) {
    const to = moves[htlc.step];
    if (to === undefined) continue;
    kept ??= new Map(htlcs);
    if (to === 'gone') {
      kept.delete(id);
      gone.push(htlc);
    } else kept.set(id, move(htlc, to));
  }
  return { kept: kept ?? htlcs, gone };
}

function moveFees(ledger: Ledger, moves: Moves): Pick<Ledger, 'feerate' | 'feeUpdates'> {
  const moved = ledger.feeUpdates.map((update): FeeUpdate => {
    const to = moves[update.step];
    return to === undefined || to === 'gone' ? update : { feerate: update.feerate, step: to };
  });
  const settled = moved.findLastIndex(({ step }) => step === 4);
  return {
    feerate: moved[settled]?.feerate ?? ledger.feerate,
    feeUpdates: settled < 0 ? moved : moved.slice(settled + 1),
  };
}
