import type { TxId } from '../base/ids.ts';
import type { TxPurpose } from '../bitcoin/watch.ts';
import type { MayTell } from '../chain/broadcast.ts';
import type { StoreFailure } from '../storage/store.ts';
import { ledgerOf } from '../wallet/ledger.ts';
import type { WalletState } from '../wallet/wallet-state.ts';
import type { Core } from './core.ts';
import type { NodeOptions } from './node-options.ts';

/** A browser may never answer after a sleep, and the first lock of a long disk keeps all else waiting for minutes. */
const PATIENCE_MS = 15_000;
/** For one that is slow each time. */
const MOST_PATIENCE_MS = 60_000;

/** Whoever goes on from this disk, if anybody does, offers what is on it by itself. */
const OVER: ReadonlySet<StoreFailure['code']> = new Set(['fenced', 'lost', 'closed']);

/**
 * What a person may take back in another tab. All else follows from a close, and was on the disk before anybody asks here: whoever
 * has the disk wants it told as well, so that a disk that fails holds nothing of it back. It does hold back what is decided after it
 * failed, a penalty or a claim near its deadline too: that is on no disk, and nobody asks for it.
 */
const TAKEN_BACK: ReadonlySet<TxPurpose | null> = new Set(['funding', 'wallet-send']);

/**
 * Whether servers may be told, by what the disk says of who writes to it. A tab that wakes up offers again what it kept, before it
 * hears that another has the wallet now. Where the disk does not say, nothing is told that another could have taken back.
 */
export function mayTell(
  core: Pick<Core, 'wallet'> & {
    readonly options: Pick<NodeOptions, 'clock'> & { readonly store: Pick<NodeOptions['store'], 'commit'> };
  },
): MayTell {
  const { store, clock } = core.options;
  let isSilent = false;
  let patienceMs = PATIENCE_MS;
  /** Null: it does not say. */
  const isWriter = async (): Promise<boolean | null> => {
    if (isSilent) return null;
    return new Promise((resolve) => {
      const askedAt = clock.monotonicMs();
      const cancel = clock.after(patienceMs, () => {
        isSilent = true;
        resolve(null);
      });
      void store.commit([]).then((outcome) => {
        isSilent = false;
        cancel();
        // What came too late tells for how long the next answer is worth waiting for.
        const tookMs = clock.monotonicMs() - askedAt;
        patienceMs = Math.min(Math.max(PATIENCE_MS, 2 * tookMs), MOST_PATIENCE_MS);
        if (outcome.ok) resolve(true);
        else resolve(OVER.has(outcome.error.code) ? false : null);
      });
    });
  };
  const purposeOf = (id: TxId): TxPurpose | null => core.wallet.txs.get(id)?.purpose ?? null;
  return async (purpose, ids) =>
    (await isWriter()) ?? ![purpose, ...[...ids].map(purposeOf)].some((one) => TAKEN_BACK.has(one));
}

/**
 * Of what a run told the chain before it halted, what the next one does not tell on: a commit of which it is not known whether the
 * disk has it may have taken it back. Payments that stand are told by the next run itself.
 */
export function isOverAfterHalt(
  wallet: WalletState,
): (purpose: TxPurpose, ids: ReadonlySet<TxId>) => boolean {
  const ledger = ledgerOf(wallet);
  return (purpose, ids) =>
    TAKEN_BACK.has(purpose) || [...ids].some((id) => wallet.txs.has(id) && !ledger.isLive(id));
}
