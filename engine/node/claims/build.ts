import type { TxId } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { feeratePerKw, sat, weight, type Sat, type Timestamp } from '../../base/units.ts';
import { feeAtLeast, FEERATE_FLOOR } from '../../bitcoin/fee.ts';
import type { Tx } from '../../bitcoin/tx.ts';
import type { TxPurpose } from '../../bitcoin/watch.ts';
import { buildClaimTx, claimTxWeight } from '../../commitment/claim-tx.ts';
import type { ChannelSigner } from '../../commitment/signer.ts';
import type { KeyTree } from '../../wallet/key-tree.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import { recordOwn } from '../../wallet/record-own.ts';
import type { WalletState, WalletStep } from '../../wallet/wallet-state.ts';
import type { Attempt } from './attempt.ts';
import { buildAttachedClaims, buildLift } from './build-attached.ts';
import type { Group } from './group.ts';
import type { Price } from './price.ts';

/** A new attempt, signed. The step records it in the wallet: commit, then broadcast. */
export type Built = {
  readonly step: WalletStep;
  readonly tx: Tx;
  readonly fee: Sat;
  readonly purpose: TxPurpose;
};
export type Unbuilt =
  /** No more is paid for it than this; it waits for lower fees, or stays at what it pays. */
  | { readonly code: 'too-dear' }
  /** The wallet has no coins for its fee. */
  | { readonly code: 'short'; readonly missing: Sat }
  /** Something in a block spends an input of it. */
  | { readonly code: 'spent' };

export type Means = {
  readonly wallet: WalletState;
  readonly keys: KeyTree;
  readonly signer: Pick<ChannelSigner, 'signClaims'>;
  /** Transactions of the wallet that no server knows of: coins of these are in nobody's reach until they are mined. */
  readonly unknown: ReadonlySet<TxId>;
  /** Where money goes that comes back. */
  readonly destination: Uint8Array;
  readonly now: Timestamp;
};

/** `feeBefore`: what those pay together whose place it takes. */
export type Replacing = Built & { readonly feeBefore: Sat };

/** Never pays more than `most` of the group, and always more than what it takes the place of. */
export function buildGroup(means: Means, group: Group, price: Price): Result<Replacing, Unbuilt> {
  // Of those that were there when the groups were made, some may have given way to another group's since.
  const ledger = ledgerOf(means.wallet);
  const replaces = group.replaces.filter(({ id }) => ledger.isLive(id));
  const built = buildInPlaceOf(means, group, replaces, price);
  return built.ok ? ok({ ...built.value, feeBefore: feesOf(replaces) }) : built;
}

function buildInPlaceOf(
  means: Means,
  group: Group,
  replaces: readonly Attempt[],
  price: Price,
): Result<Built, Unbuilt> {
  switch (group.shape) {
    case 'plain':
      return buildPlain(means, group, replaces, price);
    case 'attached':
      return buildAttachedClaims(means, group, replaces, price);
    case 'lift':
      return buildLift(means, group, replaces, price);
  }
}

const feesOf = (attempts: readonly Attempt[]): Sat => sat(attempts.reduce((sum, { fee }) => sum + fee, 0n));

function buildPlain(
  { wallet, signer, destination, now }: Means,
  group: Group,
  replaces: readonly Attempt[],
  { feerate, least }: Price,
): Result<Built, Unbuilt> {
  const claims = group.claims.map(({ claim }) => claim);
  const amount = sat(claims.reduce((sum, claim) => sum + claim.amount, 0n));
  const { most } = group;
  const to = destinationOf(replaces) ?? destination;
  const units = claimTxWeight(claims, [{ script: to }]);
  const leastFee = feeToReplace(replaces, units);
  const asked = Math.min(feerate, Math.floor((Number(most) * 1000) / units));
  if (leastFee > most || asked < least) return err({ code: 'too-dear' });
  const built = buildClaimTx(claims, to, feeratePerKw(asked), leastFee);
  if (!built.ok) return err({ code: 'too-dear' });
  const tx = signer.signClaims(built.value, claims);
  const fee = sat(amount - (tx.outputs[0]?.amount ?? 0n));
  const purpose = claims.some(({ kind }) => kind.endsWith('penalty')) ? 'penalty' : 'claim';
  return ok({ step: recordOwn(wallet, { tx, fee, purpose }, now), tx, fee, purpose });
}

/** BIP 125 rules 3 and 4: all that they pay, and relaying the new one. */
const feeToReplace = (replaces: readonly Attempt[], units: number): Sat =>
  replaces.length === 0 ? sat(0) : sat(feesOf(replaces) + feeAtLeast(FEERATE_FLOOR, weight(units)));

/** The address of before: each new one that is never paid would widen the gap that a restore has to bridge. */
const destinationOf = (replaces: readonly Attempt[]): Uint8Array | null =>
  replaces.find(({ tx }) => tx.outputs.length === 1)?.tx.outputs[0]?.script ?? null;
