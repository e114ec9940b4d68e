import { err, ok, type Result } from '../base/result.ts';
import { sat, weight, type Sat, type Weight } from '../base/units.ts';
import { OP } from '../bitcoin/script.ts';
import { compareOutputs } from '../bitcoin/output-order.ts';
import { outputSize, type Tx, type TxOutput } from '../bitcoin/tx.ts';
import type { Funding, Side } from './params.ts';

/** What one side gets: its balance before the closing fee, rounded down, and the script of its shutdown message. */
export type ClosingShare = { readonly amount: Sat; readonly script: Uint8Array };

export type ClosingTerms = {
  readonly funding: Pick<Funding, 'outPoint'>;
  readonly local: ClosingShare;
  readonly remote: ClosingShare;
  readonly fee: Sat;
  readonly feePayer: Side;
};

export type ClosingTx = {
  readonly tx: Tx;
  /** Indexes of the outputs; null for one that was left out. */
  readonly localOutput: number | null;
  readonly remoteOutput: number | null;
};

export type ClosingError =
  /** The payer has less than the fee. */
  | { readonly code: 'fee-too-high'; readonly available: Sat }
  /** Both are below the dust limit. */
  | { readonly code: 'no-outputs' };

type Share = TxOutput & { readonly side: Side };

function afterFee({ local, remote, fee, feePayer }: ClosingTerms): Result<Share[], ClosingError> {
  const payer = feePayer === 'local' ? local : remote;
  if (payer.amount < fee) return err({ code: 'fee-too-high', available: payer.amount });
  const left = (side: Side, share: ClosingShare): Share => ({
    side,
    script: share.script,
    amount: sat(share.amount - (side === feePayer ? fee : 0n)),
  });
  return ok([left('local', local), left('remote', remote)]);
}

function assemble(
  terms: ClosingTerms,
  shares: Share[],
  sequence: number,
  lockTime: number,
): Result<ClosingTx, ClosingError> {
  if (shares.length === 0) return err({ code: 'no-outputs' });
  shares.sort(compareOutputs);
  const place = (side: Side): number | null => {
    const index = shares.findIndex((share) => share.side === side);
    return index < 0 ? null : index;
  };
  return ok({
    tx: {
      version: 2,
      inputs: [{ outPoint: terms.funding.outPoint, sequence, scriptSig: new Uint8Array(), witness: [] }],
      outputs: shares.map(({ amount, script }) => ({ amount, script })),
      lockTime,
    },
    localOutput: place('local'),
    remoteOutput: place('remote'),
  });
}

/**
 * BOLT 3 §Legacy Closing Transaction (closing_signed), unsigned.
 * @param dustLimit ours: "MUST remove any output below its own dust_limit_satoshis".
 * @param omit the side that "MAY eliminate its own output": the other variant, to be tried when a signature of the
 * peer does not fit the first.
 */
export function closingTransaction(
  terms: ClosingTerms,
  dustLimit: Sat,
  omit?: Side,
): Result<ClosingTx, ClosingError> {
  const shares = afterFee(terms);
  if (!shares.ok) return shares;
  const kept = shares.value.filter(({ side, amount }) => side !== omit && amount > 0n && amount >= dustLimit);
  return assemble(terms, kept, 0xffff_ffff, 0);
}

/**
 * BOLT 3 §Closing Transaction (closing_complete), unsigned: `terms.feePayer` is the closer.
 * @param omit the side whose output is left out: the closee for closer_output_only, the closer for closee_output_only.
 */
export function simpleClosingTransaction(
  terms: ClosingTerms,
  lockTime: number,
  omit?: Side,
): Result<ClosingTx, ClosingError> {
  const shares = afterFee(terms);
  if (!shares.ok) return shares;
  const kept = shares.value
    .filter(({ side }) => side !== omit)
    // BOLT 3 §Closing Transaction: "MUST set the output amount to 0 if the scriptpubkey is OP_RETURN"
    .map((share) => (share.script[0] === OP.RETURN ? { ...share, amount: sat(0) } : share));
  return assemble(terms, kept, 0xffff_fffd, lockTime);
}

/** 4·(version, lock time, counts, one input) and a witness with two signatures of 72 bytes, the longest with low S. */
const WITHOUT_OUTPUTS = 4 * (8 + 2 + 41) + 2 + (1 + 1 + 73 + 73 + 72);

/** The most that a closing transaction with these outputs weighs: to turn a fee rate into a fee. */
export const closingWeight = (scripts: readonly Uint8Array[]): Weight =>
  weight(scripts.reduce((sum, script) => sum + 4 * outputSize(script), WITHOUT_OUTPUTS));
