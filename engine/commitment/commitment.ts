import { fromHex } from '../base/bytes.ts';
import type { Point, TxId } from '../base/ids.ts';
import { msatToSat, sat, type FeeratePerKw, type Sat } from '../base/units.ts';
import { compareOutputs } from '../bitcoin/output-order.ts';
import { txIdOf, type Tx } from '../bitcoin/tx.ts';
import { htlcKind } from './balances.ts';
import type { CommitmentFormat, HtlcKind, LockedOutput } from './format.ts';
import { formatOf } from './formats.ts';
import { commitmentKeys, type CommitmentKeys } from './keys.ts';
import { obscuredNumber } from './number.ts';
import { otherSide, type CommitmentParams, type Side } from './params.ts';
import type { CommitmentSpec, Htlc } from './spec.ts';

/** What a main output is for: `owner` is to_local of BOLT 3, `other` is to_remote. */
export type OutputRole = 'owner' | 'other' | 'owner-anchor' | 'other-anchor' | 'anyone-anchor';

export type MainOutput = LockedOutput & {
  readonly index: number;
  readonly amount: Sat;
  readonly role: OutputRole;
};
export type HtlcOutput = LockedOutput & {
  readonly index: number;
  readonly amount: Sat;
  readonly kind: HtlcKind;
  readonly htlc: Htlc;
};

/** A commitment transaction, unsigned, and what each of its outputs is. Derived from state, never stored. */
export type Commitment = {
  readonly params: CommitmentParams;
  readonly owner: Side;
  readonly number: number;
  readonly keys: CommitmentKeys;
  readonly feerate: FeeratePerKw;
  readonly tx: Tx;
  readonly txId: TxId;
  readonly outputs: readonly MainOutput[];
  /** In the order of the outputs, which is the order of htlc_signature in commitment_signed. */
  readonly htlcs: readonly HtlcOutput[];
};

type Draft = LockedOutput & { readonly amount: Sat } & (
    { readonly role: OutputRole } | { readonly role: 'htlc'; readonly kind: HtlcKind; readonly htlc: Htlc }
  );

/**
 * BOLT 3 §Commitment Transaction Construction: the commitment transaction that `owner` holds.
 * @param perCommitmentPoint of the owner, for this `number`; a point of the curve.
 */
export function buildCommitment(
  params: CommitmentParams,
  owner: Side,
  number: number,
  perCommitmentPoint: Point,
  spec: CommitmentSpec,
): Commitment {
  const keys = commitmentKeys(params, owner, perCommitmentPoint);
  const drafts = draftOutputs(params, owner, keys, spec).sort(compareDrafts);
  const { sequence, lockTime } = obscuredNumber(params, number);
  const tx: Tx = {
    version: formatOf(params.format).version,
    inputs: [{ outPoint: params.funding.outPoint, sequence, scriptSig: new Uint8Array(), witness: [] }],
    outputs: drafts.map(({ amount, script }) => ({ amount, script })),
    lockTime,
  };
  const outputs: MainOutput[] = [];
  const htlcs: HtlcOutput[] = [];
  for (const [index, draft] of drafts.entries()) {
    const { amount, script, lock } = draft;
    if (draft.role === 'htlc')
      htlcs.push({ index, amount, script, lock, kind: draft.kind, htlc: draft.htlc });
    else outputs.push({ index, amount, script, lock, role: draft.role });
  }
  return { params, owner, number, keys, feerate: spec.feerate, tx, txId: txIdOf(tx), outputs, htlcs };
}

function draftOutputs(
  params: CommitmentParams,
  owner: Side,
  keys: CommitmentKeys,
  spec: CommitmentSpec,
): Draft[] {
  const format = formatOf(params.format);
  const other = otherSide(owner);
  const { dustLimit } = params[owner];
  const drafts = htlcDrafts(format, params, owner, keys, spec);
  const hasHtlcs = drafts.length > 0;
  const cost = format.commitmentFee(spec.feerate, drafts.length) + format.anchorCost;
  const amounts = { local: msatToSat(spec.toLocal), remote: msatToSat(spec.toRemote) };
  // The fee may exceed what the opener has left: then the opener has no output, and the rest of it goes unpaid.
  const opener = amounts[params.opener];
  amounts[params.opener] = sat(opener > cost ? opener - cost : 0n);

  const hasOwnerOutput = amounts[owner] > 0n && amounts[owner] >= dustLimit;
  const hasOtherOutput = amounts[other] > 0n && amounts[other] >= dustLimit;
  if (hasOwnerOutput) {
    const output = format.delayedOutput(keys, params[owner].delay);
    drafts.push({ role: 'owner', amount: amounts[owner], ...output });
  }
  if (hasOtherOutput) drafts.push({ role: 'other', amount: amounts[other], ...format.otherOutput(keys) });
  const claimed = drafts.reduce((sum, { amount }) => sum + amount, 0n);
  const unclaimed = params.funding.amount - claimed - cost;
  const anchors = format.anchors({
    hasOwnerOutput,
    hasOtherOutput,
    hasHtlcs,
    unclaimed: sat(unclaimed > 0n ? unclaimed : 0n),
    ownerFundingKey: params.funding[`${owner}Key`],
    otherFundingKey: params.funding[`${other}Key`],
  });
  for (const { whose, amount, script, lock } of anchors)
    drafts.push({ role: `${whose}-anchor`, amount, script, lock });
  return drafts;
}

function htlcDrafts(
  format: CommitmentFormat,
  params: CommitmentParams,
  owner: Side,
  keys: CommitmentKeys,
  spec: CommitmentSpec,
): Draft[] {
  const drafts: Draft[] = [];
  if (spec.htlcs.length === 0) return drafts;
  const lockHtlc = format.htlcOutput(keys);
  const least = {
    offered: params[owner].dustLimit + format.htlcFee(spec.feerate, 'offered'),
    received: params[owner].dustLimit + format.htlcFee(spec.feerate, 'received'),
  };
  for (const htlc of spec.htlcs) {
    const kind = htlcKind(owner, htlc);
    const amount = msatToSat(htlc.amount);
    if (amount < least[kind]) continue;
    const terms = { kind, paymentHash: fromHex(htlc.paymentHash), cltvExpiry: htlc.cltvExpiry };
    drafts.push({ role: 'htlc', kind, htlc, amount, ...lockHtlc(terms) });
  }
  return drafts;
}

// BOLT 3 §Transaction Output Ordering: "finally, for HTLC outputs, in increasing cltv_expiry order". Those that are
// equal in that too give the same HTLC transactions; the id makes the order certain.
function compareDrafts(a: Draft, b: Draft): number {
  const order = compareOutputs(a, b);
  if (order !== 0 || a.role !== 'htlc' || b.role !== 'htlc') return order;
  return a.htlc.cltvExpiry - b.htlc.cltvExpiry || (a.htlc.id < b.htlc.id ? -1 : 1);
}
