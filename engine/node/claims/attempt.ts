import { outPointKey, type TxId } from '../../base/ids.ts';
import { sat, weight, type FeeratePerKw, type Sat } from '../../base/units.ts';
import { feerateOf } from '../../bitcoin/fee.ts';
import { weightOf, type Tx } from '../../bitcoin/tx.ts';
import type { TxPurpose } from '../../bitcoin/watch.ts';
import type { ClaimDemand, Lift } from '../../channel/claim-demand.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import { burdenOf, type Burden } from '../../wallet/waiting-parents.ts';
import type { WalletState, WalletTx } from '../../wallet/wallet-state.ts';

/**
 * A transaction of ours that takes outputs of closing channels and is in no block yet. What was published, at which fee
 * and with which coins is nowhere but in the wallet's own records: they are what a restart finds.
 */
export type Attempt = {
  readonly id: TxId;
  readonly tx: Tx;
  readonly purpose: TxPurpose;
  /** What it spends, as `outPointKey` writes it. */
  readonly keys: ReadonlySet<string>;
  readonly fee: Sat;
  /** What its coins wait for, and it pays for as well. */
  readonly burden: Burden;
};

const CLAIMS: ReadonlySet<TxPurpose> = new Set<TxPurpose>([
  'anchor-bump',
  'htlc-success',
  'htlc-timeout',
  'penalty',
  'claim',
]);

export const isClaim = (purpose: TxPurpose | null): boolean => purpose !== null && CLAIMS.has(purpose);

const claims = new WeakMap<WalletState['txs'], ReadonlyMap<TxId, WalletTx>>();

/** Of all that the wallet ever had, looked for once: a plan asks often, and few are. */
export function claimsIn({ txs }: WalletState): ReadonlyMap<TxId, WalletTx> {
  const known = claims.get(txs) ?? new Map([...txs].filter(([, { purpose }]) => isClaim(purpose)));
  claims.set(txs, known);
  return known;
}

/** Those that may yet confirm, as far as the wallet knows. */
export function attemptsOf(wallet: WalletState, demands: readonly ClaimDemand[]): readonly Attempt[] {
  const ledger = ledgerOf(wallet);
  const amounts = new Map(
    demands.flatMap(({ open }) => open.map(({ claim }) => [outPointKey(claim.outPoint), claim.amount])),
  );
  const attempts: Attempt[] = [];
  for (const [id, entry] of claimsIn(wallet)) {
    const { tx, at, purpose } = entry;
    if (at !== null || purpose === null || !ledger.isLive(id)) continue;
    const keys = new Set(tx.inputs.map(({ outPoint }) => outPointKey(outPoint)));
    const fee = ledger.feeOf(entry) ?? feeBy(tx, (key) => amounts.get(key) ?? null);
    const burden = burdenOf(wallet, tx.inputs, feerateOf(fee, weightOf(tx)));
    attempts.push({ id, tx, purpose, keys, fee, burden });
  }
  return attempts;
}

/** Of one that an earlier version noted without its fee; zero where inputs are not known. */
function feeBy({ inputs, outputs }: Tx, amountOf: (key: string) => Sat | null): Sat {
  let sum = 0n;
  for (const { outPoint } of inputs) {
    const amount = amountOf(outPointKey(outPoint));
    if (amount === null) return sat(0);
    sum += amount;
  }
  for (const { amount } of outputs) sum -= amount;
  return sat(sum > 0n ? sum : 0n);
}

/**
 * BOLT 5 §Revoked Transaction Close Handling: "MUST handle its transactions being invalidated by HTLC transactions."
 * They cannot confirm: another transaction that is in a block spends the same, or is where their parent would be.
 */
export function deadAttempts(
  attempts: readonly Attempt[],
  demands: readonly ClaimDemand[],
): readonly Attempt[] {
  const takenBy = new Map<string, TxId>();
  const lost = new Set<TxId>();
  for (const { open, lost: ids } of demands) {
    for (const { claim, spent } of open)
      if (spent !== null && spent.at !== null) takenBy.set(outPointKey(claim.outPoint), spent.txId);
    for (const id of ids) lost.add(id);
  }
  return attempts.filter(
    ({ id, tx, keys }) =>
      tx.inputs.some(({ outPoint }) => lost.has(outPoint.txId)) ||
      [...keys].some((key) => (takenBy.get(key) ?? id) !== id),
  );
}

/** Every output that these want, as `outPointKey` writes it: claims, and anchors that lift. */
export const wantedBy = (demands: readonly ClaimDemand[]): ReadonlySet<string> =>
  new Set(
    demands.flatMap(({ open, lift }) =>
      [...open.map(({ claim }) => claim), ...(lift === null ? [] : [lift.anchor])].map(({ outPoint }) =>
        outPointKey(outPoint),
      ),
    ),
  );

/**
 * Those for closes that are over, and children of their commitments: an anchor that nobody lifts by any more is not watched,
 * so that nothing else would tell that it was taken. `lost`: all commitments that are not to be lifted.
 */
export function ofEnded(attempts: readonly Attempt[], ended: readonly ClaimDemand[]): readonly Attempt[] {
  const wanted = wantedBy(ended);
  const lost = new Set(ended.flatMap((demand) => demand.lost));
  return attempts.filter(
    ({ tx, keys }) =>
      [...keys].some((key) => wanted.has(key)) || tx.inputs.some(({ outPoint }) => lost.has(outPoint.txId)),
  );
}

/** What these lift: coins of the wallet, which pay for it, come from transactions that it knows. */
export const liftedBy = (attempts: readonly Attempt[], { txs }: WalletState): readonly TxId[] =>
  attempts
    .filter(({ purpose }) => purpose === 'anchor-bump')
    .flatMap(({ tx }) => tx.inputs.map(({ outPoint }) => outPoint.txId))
    .filter((id) => !txs.has(id));

/** What it pays, with its parent where it lifts one. */
export const feerateOfAttempt = (
  { tx, fee, burden }: Pick<Attempt, 'tx' | 'fee' | 'burden'>,
  lift: Lift | null,
): FeeratePerKw =>
  feerateOf(
    sat(fee + burden.fee + (lift?.fee ?? 0n)),
    weight(weightOf(tx) + burden.weight + (lift === null ? 0 : weightOf(lift.parent))),
  );
