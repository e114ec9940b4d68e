import { compareBytes, equalBytes } from '../base/bytes.ts';
import { SIGHASH_ALL } from '../bitcoin/sighash-type.ts';
import { segwitSighashes } from '../bitcoin/sighash.ts';
import { outPointKey } from '../base/ids.ts';
import { parseWitnessSignature, witnessSignature } from '../bitcoin/signature.ts';
import { withWitness, type Tx, type TxOutput } from '../bitcoin/tx.ts';
import { verifyEcdsa } from '../crypto/secp256k1.ts';
import type { LockedOutput } from './format.ts';
import type { Funding } from './params.ts';
import { fundingScript, wshOutput } from './scripts.ts';

const FUNDING_SCRIPT_LENGTH = 71;

type FundingKeys = Pick<Funding, 'localKey' | 'remoteKey'>;

/** BOLT 3 §Funding Transaction Output. */
export const fundingLock = ({ localKey, remoteKey }: FundingKeys): LockedOutput =>
  wshOutput(fundingScript(localKey, remoteKey));

export const fundingOutput = (funding: FundingKeys & Pick<Funding, 'amount'>): TxOutput => ({
  amount: funding.amount,
  script: fundingLock(funding).script,
});

/** A witness script of two keys in that form: whose they are it does not say. */
export const isFundingScript = (bytes: Uint8Array): boolean =>
  bytes.length === FUNDING_SCRIPT_LENGTH &&
  equalBytes(bytes, fundingScript(bytes.subarray(2, 35), bytes.subarray(36, 69)));

/** What both sides sign when input `index` of `tx` spends the funding output. */
export const fundingSighash = (tx: Tx, index: number, funding: Funding): Uint8Array =>
  segwitSighashes(tx)(index, fundingScript(funding.localKey, funding.remoteKey), funding.amount, SIGHASH_ALL);

/** The peer's signature (64 bytes) of a commitment of ours, a closing transaction or a splice. */
export const verifyFundingSignature = (
  tx: Tx,
  index: number,
  funding: Funding,
  remoteSignature: Uint8Array,
): boolean => verifyEcdsa(remoteSignature, fundingSighash(tx, index, funding), funding.remoteKey);

/** BOLT 3 §Commitment Transaction: "witness: 0 <signature_for_pubkey1> <signature_for_pubkey2>" */
export function assembleFundingSpend(
  tx: Tx,
  index: number,
  funding: Funding,
  localSignature: Uint8Array,
  remoteSignature: Uint8Array,
): Tx {
  const local = witnessSignature(localSignature, SIGHASH_ALL);
  const remote = witnessSignature(remoteSignature, SIGHASH_ALL);
  const localFirst = compareBytes(funding.localKey, funding.remoteKey) < 0;
  return withWitness(tx, index, [
    new Uint8Array(),
    ...(localFirst ? [local, remote] : [remote, local]),
    fundingScript(funding.localKey, funding.remoteKey),
  ]);
}

/**
 * Whether `tx` spends the funding output with a valid signature of each side, and can be mined: what no server can make
 * up. Any other witness is not relayed, or not valid.
 */
export function isSignedByBoth(tx: Tx, funding: Funding): boolean {
  const index = tx.inputs.findIndex(
    ({ outPoint }) => outPointKey(outPoint) === outPointKey(funding.outPoint),
  );
  const { witness } = tx.inputs[index] ?? { witness: [] };
  const [nothing, first, second, script] = witness;
  if (witness.length !== 4 || nothing?.length !== 0 || first === undefined || second === undefined)
    return false;
  if (script === undefined || !equalBytes(script, fundingScript(funding.localKey, funding.remoteKey)))
    return false;
  const hash = fundingSighash(tx, index, funding);
  const localFirst = compareBytes(funding.localKey, funding.remoteKey) < 0;
  const keys = localFirst ? [funding.localKey, funding.remoteKey] : [funding.remoteKey, funding.localKey];
  return [first, second].every((bytes, i) => {
    const parsed = parseWitnessSignature(bytes);
    const key = keys[i];
    return parsed?.type === SIGHASH_ALL && key !== undefined && verifyEcdsa(parsed.signature, hash, key);
  });
}
