import { longBytes, point, varBytes } from '../codec/bytes.ts';
import { decode, encode } from '../codec/field.ts';
import { u32 } from '../codec/integers.ts';
import { list } from '../codec/sequences.ts';
import { struct } from '../codec/struct.ts';
import { blockDelta16, msatU64 } from '../codec/units.ts';
import { msat } from '../base/units.ts';
import { isPoint } from '../crypto/secp256k1.ts';
import type { BlindedTail } from '../onion/blinded-tail.ts';
import { bytesOfWords, wordsOfBytes } from './words.ts';

/** Even: whoever requires it has no other way to be paid. Not of BOLT 9: bLIP 39 §Feature Bit, "from the experimental range". */
export const BOLT11_BLINDED_PATH = 262;

/** A way to a payee that does not say who it is, and what whoever goes it must be able to do. */
export type BlindedEntry = { readonly tail: BlindedTail; readonly features: Uint8Array };

/** bLIP 39 §Tagged Field: `blinded_payinfo`. */
const payInfo = struct({
  feeBase: u32,
  feeProportionalMillionths: u32,
  cltvExpiryDelta: blockDelta16,
  htlcMinimum: msatU64,
  htlcMaximum: msatU64,
  features: varBytes,
  firstPathKey: point,
  // `[byte:num_hops]`: a field of 639 bytes has room for 18, which are written alike as a bigsize.
  hops: list(struct({ blindedNodeId: point, encryptedRecipientData: longBytes })),
});

/** Null when it is not one whole path of keys that are points. */
export function blindedEntryOfWords(words: Uint8Array): BlindedEntry | null {
  const decoded = decode(payInfo, bytesOfWords(words));
  if (!decoded.ok) return null;
  const { features, firstPathKey, hops, feeBase, ...asked } = decoded.value;
  const [first] = hops;
  // An onion cannot be made for what is no point of the curve.
  if (
    first === undefined ||
    ![firstPathKey, ...hops.map(({ blindedNodeId }) => blindedNodeId)].every(isPoint)
  )
    return null;
  // "The `blinded_node_pubkey` of the first `blinded_hop` […] is the real public key of the blinded path's introduction
  // node." Whoever pays goes there by it: its blinded id is not told, and the path key stands for it, so that a payee that
  // introduces itself has two names too.
  const path = {
    firstNodeId: first.blindedNodeId,
    firstPathKey,
    hops: hops.map((hop, i) => (i === 0 ? { ...hop, blindedNodeId: firstPathKey } : hop)),
  };
  return { tail: { path, payInfo: { feeBase: msat(feeBase), ...asked } }, features };
}

export function wordsOfBlindedEntry({ tail: { path, payInfo: asked }, features }: BlindedEntry): Uint8Array {
  const hops = path.hops.map((hop, i) => (i === 0 ? { ...hop, blindedNodeId: path.firstNodeId } : hop));
  const { firstPathKey } = path;
  return wordsOfBytes(
    encode(payInfo, { ...asked, feeBase: Number(asked.feeBase), features, firstPathKey, hops }),
  );
}
