import { assert } from '../base/assert.ts';
import type { Point } from '../base/ids.ts';
import { openChaCha20Poly1305, sealChaCha20Poly1305 } from '../crypto/chacha20.ts';
import { multiplyPoint, multiplySecrets } from '../crypto/secp256k1.ts';
import { blindedNodeIdKey, rhoKey } from './key.ts';
import { blindingFactor, session, type NodeEcdh } from './session.ts';

const NULL_NONCE = new Uint8Array(12);
const NO_AAD = new Uint8Array(0);

export type BlindedHop = { readonly blindedNodeId: Point; readonly encryptedRecipientData: Uint8Array };
/** BOLT 4 §Route Blinding `blinded_path`, with the introduction node as a plain id. */
export type BlindedPath = {
  readonly firstNodeId: Point;
  readonly firstPathKey: Point;
  readonly hops: readonly BlindedHop[];
};

/**
 * BOLT 4 §Route Blinding: "The writer of a blinded_path".
 * @param pathSecret e_0, 32 random bytes.
 * @param hops each node's real id and its encoded `encrypted_data_tlv`; pad them to one length, or their sizes tell
 *   the hops apart.
 * @returns the path, and E_r+1: what the last node would hand on (a path that follows starts there unless it is
 *   overridden).
 * @throws {Bug} when a node id is not a point, or there is no hop.
 */
export function blindPath(
  pathSecret: Uint8Array,
  hops: readonly { readonly nodeId: Point; readonly data: Uint8Array }[],
): { readonly path: BlindedPath; readonly nextPathKey: Point } {
  const { hops: keys, nextKey } = session(
    pathSecret,
    hops.map((hop) => hop.nodeId),
    true,
  );
  const first = hops[0];
  const firstKey = keys[0];
  assert(first !== undefined && firstKey !== undefined && nextKey !== null, 'a blinded path without hops');
  const blinded = hops.map(({ nodeId, data }, i) => {
    const secret = keys[i]?.sharedSecret;
    assert(secret !== undefined, 'session hop');
    const blindedNodeId = multiplyPoint(nodeId, blindedNodeIdKey(secret));
    assert(blindedNodeId !== null, 'blinded node id');
    return {
      blindedNodeId,
      // BOLT 4: "MUST encrypt each encrypted_data_tlv[i] with ChaCha20-Poly1305 using the corresponding rho_i key and
      // an all-zero nonce"
      encryptedRecipientData: sealChaCha20Poly1305(rhoKey(secret), NULL_NONCE, NO_AAD, data),
    };
  });
  return {
    path: { firstNodeId: first.nodeId, firstPathKey: firstKey.ephemeralKey, hops: blinded },
    nextPathKey: nextKey,
  };
}

export type UnblindedData = {
  /** An encoded `encrypted_data_tlv`. */
  readonly data: Uint8Array;
  /** E_i+1, for the next node unless the data overrides it. */
  readonly nextPathKey: Point;
};

/** BOLT 4 §Route Blinding: "The reader of the encrypted_recipient_data". Null when it is not for us, or was changed. */
export function openRecipientData(
  ecdh: NodeEcdh,
  pathKey: Point,
  encryptedRecipientData: Uint8Array,
): UnblindedData | null {
  const secret = ecdh(pathKey);
  if (secret === null) return null;
  const data = openChaCha20Poly1305(rhoKey(secret), NULL_NONCE, NO_AAD, encryptedRecipientData);
  const nextPathKey = multiplyPoint(pathKey, blindingFactor(pathKey, secret));
  return data === null || nextPathKey === null ? null : { data, nextPathKey };
}

/**
 * b_i, the secret key of our blinded id: signs what a payer knows us by (BOLT 12).
 * @throws {Bug} when `nodeSecret` is not a secret key.
 */
export function blindedNodeSecret(nodeSecret: Uint8Array, sharedSecret: Uint8Array): Uint8Array {
  const secret = multiplySecrets(nodeSecret, blindedNodeIdKey(sharedSecret));
  assert(secret !== null, 'blinded node secret');
  return secret;
}
