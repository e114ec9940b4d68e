import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import type { Point } from '../base/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { multiplySecrets, publicKey, tryEcdhOnce } from '../crypto/secp256k1.ts';

/**
 * SHA256 of the compressed product of our node's secret key and `point`; null when it is not a point. A function, so
 * that the secret stays with whoever signs.
 */
export type NodeEcdh = (point: Point) => Uint8Array | null;

/** BOLT 4 §Blinding Ephemeral Onion Keys: "the SHA256 hash value of the concatenation" of key and shared secret. */
export const blindingFactor = (ephemeralKey: Point, sharedSecret: Uint8Array): Uint8Array =>
  sha256(concatBytes(ephemeralKey, sharedSecret));

/** What one session key shares with each of a line of nodes. */
export type SessionHop = { readonly ephemeralKey: Point; readonly sharedSecret: Uint8Array };
export type Session = {
  readonly hops: readonly SessionHop[];
  /** The ephemeral key of the node after the last, for whoever continues the line; null when it was not asked for. */
  readonly nextKey: Point | null;
};

/**
 * BOLT 4 §Packet Construction and §Route Blinding use the same chain: share a secret with a node, blind the ephemeral
 * key with it, go on to the next. The whole session follows from the key, so keeping the key is enough to read the
 * failures that come back.
 * @throws {Bug} when `sessionKey` is not a secret key or a node id is not a point.
 */
export function session(sessionKey: Uint8Array, nodeIds: readonly Point[], wantNextKey = false): Session {
  const hops: SessionHop[] = [];
  let secret = sessionKey;
  for (let i = 0; i < nodeIds.length; i++) {
    const nodeId = nodeIds[i];
    assert(nodeId !== undefined, 'node id');
    const ephemeralKey = publicKey(secret);
    const sharedSecret = tryEcdhOnce(secret, nodeId);
    assert(sharedSecret !== null, 'node id is not a point');
    hops.push({ ephemeralKey, sharedSecret });
    if (i === nodeIds.length - 1 && !wantNextKey) break;
    const next = multiplySecrets(secret, blindingFactor(ephemeralKey, sharedSecret));
    assert(next !== null, 'blinding factor outside the group');
    secret = next;
  }
  return { hops, nextKey: wantNextKey ? publicKey(secret) : null };
}
