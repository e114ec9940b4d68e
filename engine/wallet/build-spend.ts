import { equalBytes } from '../base/bytes.ts';
import type { TxId } from '../base/ids.ts';
import { ok, type Result } from '../base/result.ts';
import { compareOutputs } from '../bitcoin/output-order.ts';
import { txIdOf, type Tx, type TxInput } from '../bitcoin/tx.ts';
import { changeScript, keepScript } from './addresses.ts';
import type { KeyTree } from './key-tree.ts';
import { planSpend } from './spend-plan.ts';
import type { SpendPlan, SpendRequest } from './spend-request.ts';
import { signTx, type SpentOutput } from './sign-tx.ts';
import { WalletDraft } from './wallet-draft.ts';
import type { WalletRefusal } from './wallet-refusal.ts';
import type { WalletScript, WalletState } from './wallet-state.ts';

/** BIP 125: replaceable, and lock time enabled. */
const REPLACEABLE = 0xffff_fffd;

export type SpendWish = Omit<SpendRequest, 'changeScript'> & {
  readonly lockTime?: number;
  /** nVersion, where what it spends demands another than 2. */
  readonly version?: number;
  /** Where change goes, where that is settled: a replacement pays to the addresses of what it replaces. */
  readonly changeTo?: WalletScript;
};

/** A transaction of the wallet. `draft` holds the state with its change address, and is not finished. */
export type BuiltSpend = {
  readonly draft: WalletDraft;
  readonly plan: SpendPlan;
  readonly tx: Tx;
  readonly txId: TxId;
};

/** What a spend would be, without making it. */
export function quoteSpend(
  state: WalletState,
  wish: SpendWish,
): Result<SpendPlan & { readonly changeTo: WalletScript }, WalletRefusal> {
  const paid = wish.outputs.map(({ script }) => script);
  const changeTo =
    wish.changeTo ?? changeScript(state, wish.drainTo === undefined ? paid : [...paid, wish.drainTo]);
  const plan = planSpend(state, { ...wish, changeScript: changeTo.script });
  return plan.ok ? ok({ ...plan.value, changeTo }) : plan;
}

/** Unsigned, with what its inputs spend. */
export type DraftedSpend = BuiltSpend & { readonly spent: readonly SpentOutput[] };

/** The transaction without signatures: its id is final, as all inputs are segwit. */
export function draftSpend(state: WalletState, wish: SpendWish): Result<DraftedSpend, WalletRefusal> {
  const quoted = quoteSpend(state, wish);
  if (!quoted.ok) return quoted;
  const { changeTo, ...plan } = quoted.value;
  const draft = new WalletDraft(state);
  if (plan.outputs.some(({ script }) => equalBytes(script, changeTo.script))) keepScript(draft, changeTo);
  const { tx, spent } = unsignedTx(plan, wish.lockTime ?? state.tipHeight, wish.version);
  return ok({ draft, plan, tx, txId: txIdOf(tx), spent });
}

export function buildSpend(
  state: WalletState,
  keys: KeyTree,
  wish: SpendWish,
): Result<BuiltSpend, WalletRefusal> {
  const drafted = draftSpend(state, wish);
  if (!drafted.ok) return drafted;
  const { tx, spent } = drafted.value;
  return ok({ ...drafted.value, tx: signTx(tx, spent, keys) });
}

/**
 * BIP 69 order, so that change has no place of its own; but foreign inputs and the outputs aligned with them keep
 * their places. The lock time is the tip's height, as of Bitcoin Core's wallet: it makes fee sniping pointless.
 */
function unsignedTx(
  plan: Pick<SpendPlan, 'foreign' | 'coins' | 'outputs'>,
  lockTime: number,
  version = 2,
): { readonly tx: Tx; readonly spent: readonly SpentOutput[] } {
  const ours = plan.coins
    .map(({ outPoint, output, own }) => ({ outPoint, output, own, sequence: REPLACEABLE }))
    .sort((a, b) =>
      a.outPoint.txId === b.outPoint.txId
        ? a.outPoint.index - b.outPoint.index
        : a.outPoint.txId < b.outPoint.txId
          ? -1
          : 1,
    );
  const foreign = plan.foreign.map(({ outPoint, output, sequence }) => ({
    outPoint,
    output,
    own: null,
    sequence,
  }));
  const all = [...foreign, ...ours];
  const inputs = all.map(({ outPoint, sequence }): TxInput => ({
    outPoint,
    sequence,
    scriptSig: new Uint8Array(0),
    witness: [],
  }));
  const outputs = foreign.length > 0 ? plan.outputs : plan.outputs.toSorted(compareOutputs);
  return { tx: { version, inputs, outputs, lockTime }, spent: all };
}
