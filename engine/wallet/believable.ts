import type { TxId } from '../base/ids.ts';
import { p2pkh } from '../bitcoin/script.ts';
import { isSignedBy } from '../bitcoin/signed-input.ts';
import { SIGHASH_ALL, SIGHASH_DEFAULT } from '../bitcoin/sighash-type.ts';
import { taprootSighashes } from '../bitcoin/sighash.ts';
import { MAX_MONEY } from '../bitcoin/tx-parse.ts';
import { txIdOf, type Tx, type TxOutput } from '../bitcoin/tx.ts';
import { verifySchnorr } from '../crypto/secp256k1.ts';
import { ledgerOf, type OwnOutput } from './ledger.ts';
import type { SeenTx } from './record-tx.ts';
import type { WalletState } from './wallet-state.ts';

/** What this node signed for others to publish, by its id: that somebody did is no surprise. */
export type SignedAway = Pick<ReadonlyMap<TxId, Tx>, 'has'>;

/**
 * Whether what a server shows may be taken in. A block has work behind it. Of what is in none nobody but that server may
 * ever have heard: it is believed where it spends a coin of ours by our signature alone, else it would hide a payment
 * that took the same coin; and with all that others have under way it brings no more than there is.
 */
export function isBelievable(
  state: WalletState,
  { tx, at }: Pick<SeenTx, 'tx' | 'at'>,
  signedAway: SignedAway,
): boolean {
  if (at !== null) return true;
  const id = txIdOf(tx);
  if (state.txs.has(id) || state.reservations.has(id)) return true;
  if (signedAway.has(id) && !takesOurs(state, tx)) return true;
  const others = [...state.txs.values()].filter((entry) => entry.at === null && entry.purpose === null);
  const claimed = [tx, ...others.map((entry) => entry.tx)].reduce((sum, one) => sum + paidTo(state, one), 0n);
  return claimed <= MAX_MONEY && isSignedByUs(state, tx);
}

/** A payment of ours has gone out since from a coin of it: of two, the id alone does not tell which goes on. */
function takesOurs(state: WalletState, { inputs }: Tx): boolean {
  const ledger = ledgerOf(state);
  return inputs.some(({ outPoint }) => {
    const spender = ledger.spenderOf(outPoint);
    return spender !== null && state.txs.get(spender)?.purpose !== null;
  });
}

function paidTo(state: WalletState, { outputs }: Tx): bigint {
  const ledger = ledgerOf(state);
  return outputs.reduce((sum, { amount, script }) => sum + (ledger.ownScript(script) ? amount : 0n), 0n);
}

/** Each input that is ours; true where none is. False too where that cannot be told: taproot beside inputs of others. */
export function isSignedByUs(state: WalletState, tx: Tx): boolean {
  const ledger = ledgerOf(state);
  const spent = tx.inputs.map(({ outPoint }) => ledger.ownOutput(outPoint));
  return tx.inputs.every(({ outPoint }, index) => {
    const ours = spent[index];
    if (ours == null) return true;
    const { kind, publicKey } = ours.own;
    if (kind === 'p2tr') return isSignedByTaproot(tx, index, spent);
    const witnessScript = p2pkh(publicKey);
    return isSignedBy(tx, outPoint, { key: publicKey, witnessScript, amount: ours.output.amount });
  });
}

/**
 * By the key alone. Such a signature is over all that the transaction spends: beside inputs of others, which are not
 * known here, it cannot be told, and then a block has to decide.
 */
function isSignedByTaproot(tx: Tx, index: number, spent: readonly (OwnOutput | null)[]): boolean {
  const outputs = spent.flatMap((one): readonly TxOutput[] => (one === null ? [] : [one.output]));
  const ours = spent[index]?.output.script.subarray(2);
  const [signature, ...more] = tx.inputs[index]?.witness ?? [];
  if (ours === undefined || signature === undefined || more.length > 0) return false;
  if (outputs.length !== tx.inputs.length) return false;
  const type = signature.length === 64 ? SIGHASH_DEFAULT : signature.length === 65 ? signature[64] : null;
  if (type !== SIGHASH_DEFAULT && type !== SIGHASH_ALL) return false;
  return verifySchnorr(signature.subarray(0, 64), taprootSighashes(tx, outputs)(index, type), ours);
}
