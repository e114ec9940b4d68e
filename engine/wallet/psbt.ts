import { base64 } from '@scure/base';
import { Transaction } from '@scure/btc-signer';
import { equalBytes } from '../base/bytes.ts';
import { outPointKey, type OutPoint, type TxId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { sat, type Sat, type Timestamp } from '../base/units.ts';
import { NETWORKS } from '../base/network.ts';
import { SIGHASH_ALL, SIGHASH_DEFAULT } from '../bitcoin/sighash-type.ts';
import { inMoneyRange, parseTx } from '../bitcoin/tx-parse.ts';
import { txIdOf, type Tx, type TxOutput } from '../bitcoin/tx.ts';
import { draftSpend } from './build-spend.ts';
import type { KeyTree } from './key-tree.ts';
import { ACCOUNT_PURPOSE, BRANCH_NUMBER } from './key-origin.ts';
import { isSignedByUs } from './believable.ts';
import { ledgerOf } from './ledger.ts';
import type { OwnScript } from './own-script.ts';
import { spendWish, type SendQuote, type SendRequest } from './send.ts';
import { signTx, type SpentOutput } from './sign-tx.ts';
import type { WalletRefusal } from './wallet-refusal.ts';
import type { WalletState, WalletStep } from './wallet-state.ts';

/** What a PSBT would do, by what this wallet knows itself: what it says of our coins is not believed. */
export type PsbtSummary = {
  readonly tx: Tx;
  /** From our coins. */
  readonly spent: Sat;
  /** To our addresses. */
  readonly returned: Sat;
  readonly payments: readonly TxOutput[];
  /** Null when it does not say what inputs of others bring. */
  readonly fee: Sat | null;
};

const LONGEST = 1_000_000;
/** How the magic bytes of BIP 174 look in base64. */
const MAGIC = 'cHNidP';
const HARDENED = 0x8000_0000;

const invalid = (detail: string): { readonly ok: false; readonly error: WalletRefusal } =>
  err({ code: 'invalid-argument', field: 'psbt', detail: detail.slice(0, 200) });

export type CreatedPsbt = WalletStep & SendQuote & { readonly psbt: string; readonly txId: TxId };

/**
 * A send for another signer or a coordinator: BIP 174 text (base64). Its coins are set aside until `publishReserved`
 * with the signed transaction, or `releaseReservation`.
 */
export function createPsbt(
  state: WalletState,
  request: SendRequest,
  now: Timestamp,
): Result<CreatedPsbt, WalletRefusal> {
  const wish = spendWish(state, request);
  const drafted = wish.ok ? draftSpend(state, wish.value) : wish;
  if (!drafted.ok) return drafted;
  const { draft, plan, tx, txId, spent } = drafted.value;
  const { fee, change, weight } = plan;
  const sendsAll = request.amount === 'all';
  draft.putReservation({ id: txId, tx, fee, purpose: 'wallet-send', createdAt: now, sendsAll });
  const step = draft.finish();
  const amount = plan.outputs[0]?.amount ?? sat(0);
  return ok({ ...step, psbt: exportPsbt(step.state, tx, spent), txId, amount, fee, change, weight });
}

/** `tx` unsigned, with the outputs that its inputs spend (one for each) and the paths of our keys. */
export function exportPsbt(state: WalletState, tx: Tx, spent: readonly SpentOutput[]): string {
  const psbt = new Transaction({
    version: tx.version,
    lockTime: tx.lockTime,
    allowUnknownInputs: true,
    allowUnknownOutputs: true,
  });
  for (const [i, { outPoint, sequence }] of tx.inputs.entries()) {
    const { output, own = null } = spent[i] ?? {};
    psbt.addInput({
      txid: outPoint.txId,
      index: outPoint.index,
      sequence,
      ...(output === undefined ? {} : { witnessUtxo: { script: output.script, amount: output.amount } }),
      ...(own === null ? {} : keyFields(state, own)),
    });
  }
  for (const { amount, script } of tx.outputs) {
    const own = ledgerOf(state).ownScript(script);
    psbt.addOutput({ amount, script, ...(own === null ? {} : keyFields(state, own)) });
  }
  return base64.encode(psbt.toPSBT());
}

/** BIP 174 and BIP 371: which of our keys an input or output is made for. */
function keyFields(state: WalletState, { kind, branch, index, publicKey }: OwnScript): object {
  const { coinType } = NETWORKS[state.network];
  const account = [ACCOUNT_PURPOSE[kind], coinType, 0].map((step) => HARDENED + step);
  const path = [...account, BRANCH_NUMBER[branch], index];
  const der = { fingerprint: state.accounts.fingerprint, path };
  const internal = publicKey.subarray(1);
  return kind === 'p2tr'
    ? { tapInternalKey: internal, tapBip32Derivation: [[internal, { hashes: [], der }]] }
    : { bip32Derivation: [[publicKey, der]] };
}

type Parsed = {
  readonly psbt: Transaction;
  readonly tx: Tx;
  /** Null for an input whose coin the PSBT does not show. */
  readonly spent: readonly (SpentOutput | null)[];
};

function parsePsbt(state: WalletState, text: string): Result<Parsed, WalletRefusal> {
  if (text.length > LONGEST) return invalid('too long');
  if (!text.trimStart().startsWith(MAGIC)) return invalid('not a PSBT');
  let psbt: Transaction;
  try {
    psbt = Transaction.fromPSBT(base64.decode(text.trim()), {
      allowUnknownInputs: true,
      allowUnknownOutputs: true,
    });
  } catch (error) {
    return invalid(error instanceof Error ? error.message : 'not a PSBT');
  }
  const tx = parseTx(psbt.unsignedTx);
  if (!tx.ok) return invalid('its transaction cannot be read');
  const spent: (SpentOutput | null)[] = [];
  for (const [i, { outPoint }] of tx.value.inputs.entries()) {
    const ours = ledgerOf(state).ownOutput(outPoint);
    const shown = shownOutput(psbt, i, outPoint);
    if (ours === null) spent.push(shown && { output: shown, own: null });
    else if (
      shown !== null &&
      (shown.amount !== ours.output.amount || !equalBytes(shown.script, ours.output.script))
    )
      return invalid('it misstates one of our coins');
    else spent.push(ours);
  }
  const paidIn = spent.flatMap((item) => (item === null ? [] : [item.output]));
  if (!inMoneyRange(tx.value.outputs) || !inMoneyRange(paidIn))
    return invalid('it has more money than there is');
  return ok({ psbt, tx: tx.value, spent });
}

function shownOutput(psbt: Transaction, index: number, outPoint: OutPoint): TxOutput | null {
  const { witnessUtxo, nonWitnessUtxo } = psbt.getInput(index);
  const output = witnessUtxo ?? nonWitnessUtxo?.outputs[outPoint.index];
  return output === undefined ? null : { amount: sat(output.amount), script: output.script };
}

/** For the question whether to sign. */
export function inspectPsbt(state: WalletState, text: string): Result<PsbtSummary, WalletRefusal> {
  const parsed = parsePsbt(state, text);
  if (!parsed.ok) return parsed;
  const { tx, spent } = parsed.value;
  const ledger = ledgerOf(state);
  const sum = (outputs: readonly TxOutput[]): Sat =>
    sat(outputs.reduce((total, { amount }) => total + amount, 0n));
  const known = spent.filter((item) => item !== null);
  const paidIn = sum(known.map(({ output }) => output));
  const paidOut = sum(tx.outputs);
  return ok({
    tx,
    spent: sum(known.flatMap(({ own, output }) => (own === null ? [] : [output]))),
    returned: sum(tx.outputs.filter(({ script }) => ledger.ownScript(script) !== null)),
    payments: tx.outputs.filter(({ script }) => ledger.ownScript(script) === null),
    fee: known.length < spent.length || paidIn < paidOut ? null : sat(paidIn - paidOut),
  });
}

/** The transaction of a PSBT in which every signature stands, and which spends a coin of ours that is free for it. */
export function completePsbt(state: WalletState, text: string): Result<Tx, WalletRefusal> {
  const parsed = parsePsbt(state, text);
  if (!parsed.ok) return parsed;
  const { psbt, tx: unsigned, spent } = parsed.value;
  if (!spent.some((item) => item !== null && item.own !== null))
    return invalid('it spends none of our coins');
  const id = txIdOf(unsigned);
  if (unsigned.inputs.some(({ outPoint }) => isTaken(state, outPoint, id)))
    return invalid('it spends a coin that is spent, or set aside for another transaction');
  try {
    if (!psbt.isFinal) psbt.finalize();
    const tx = parseTx(psbt.extract());
    if (!tx.ok) return invalid('its transaction cannot be read');
    // Once published it is kept, whatever servers say to it: so it has to be one that they can take.
    const isOurs = state.reservations.has(id);
    return isOurs && !isSignedByUs(state, tx.value) ? invalid('a signature is of something else') : tx;
  } catch (error) {
    return invalid(error instanceof Error ? error.message : 'signatures are missing');
  }
}

/** One that was set aside and is still waiting, as `createPsbt` gave it; null when there is none of that id. */
export function waitingPsbt(state: WalletState, id: TxId): string | null {
  const reservation = state.reservations.get(id);
  if (reservation?.purpose !== 'wallet-send') return null;
  const ledger = ledgerOf(state);
  const spent = reservation.tx.inputs.flatMap(({ outPoint }) => ledger.ownOutput(outPoint) ?? []);
  return spent.length < reservation.tx.inputs.length ? null : exportPsbt(state, reservation.tx, spent);
}

function isTaken(state: WalletState, outPoint: OutPoint, by: TxId): boolean {
  if (ledgerOf(state).spenderOf(outPoint) !== null) return true;
  const key = outPointKey(outPoint);
  return [...state.reservations.values()].some(
    ({ id, tx }) => id !== by && tx.inputs.some((input) => outPointKey(input.outPoint) === key),
  );
}

export type SignedPsbt = {
  readonly psbt: string;
  /** Complete and ready to broadcast; null while signatures of others are missing. */
  readonly tx: Tx | null;
};

/** Signs our inputs, for all outputs as they are, and finalises what is complete. Changes nothing in the wallet. */
export function signPsbt(state: WalletState, keys: KeyTree, text: string): Result<SignedPsbt, WalletRefusal> {
  const parsed = parsePsbt(state, text);
  if (!parsed.ok) return parsed;
  const { psbt, tx, spent } = parsed.value;
  const shown = spent.filter((item) => item !== null);
  const ours = spent.flatMap((item, i) => (item !== null && item.own !== null ? [{ i, own: item.own }] : []));
  if (ours.length === 0) return invalid('it spends none of our coins');
  if (tx.inputs.some(({ outPoint }) => isTaken(state, outPoint, txIdOf(tx))))
    return invalid('it spends a coin that is spent, or set aside for another transaction');
  if (shown.length < spent.length && ours.some(({ own }) => own.kind === 'p2tr'))
    return invalid('it does not show the coins of others, to which taproot signatures commit');
  for (const { i } of ours) {
    const { sighashType = SIGHASH_ALL } = psbt.getInput(i);
    if (sighashType !== SIGHASH_ALL && sighashType !== SIGHASH_DEFAULT)
      return invalid('it asks for a signature that others could use for another transaction');
  }
  const missing: SpentOutput = { output: { amount: sat(0), script: new Uint8Array(0) }, own: null };
  const signed = signTx(
    tx,
    spent.map((item) => item ?? missing),
    keys,
  );
  try {
    for (const { i, own } of ours) {
      const [first, publicKey] = signed.inputs[i]?.witness ?? [];
      if (first === undefined) continue;
      const output = spent[i]?.output;
      psbt.updateInput(
        i,
        {
          ...(output === undefined ? {} : { witnessUtxo: { script: output.script, amount: output.amount } }),
          ...(own.kind === 'p2tr' || publicKey === undefined
            ? { tapKeySig: first }
            : { partialSig: [[publicKey, first]] }),
        },
        true,
      );
      psbt.finalizeIdx(i);
    }
    const complete = psbt.isFinal ? parseTx(psbt.extract()) : null;
    return ok({ psbt: base64.encode(psbt.toPSBT()), tx: complete?.ok ? complete.value : null });
  } catch (error) {
    return invalid(error instanceof Error ? error.message : 'it cannot be completed');
  }
}
