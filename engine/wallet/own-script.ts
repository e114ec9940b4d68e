import { HDKey } from '@scure/bip32';
import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import type { Point } from '../base/ids.ts';
import { p2tr, p2wpkh } from '../bitcoin/script.ts';
import { taggedHash } from '../crypto/hash.ts';
import { tweakPoint } from '../crypto/secp256k1.ts';
import { BRANCH_NUMBER, type Branch, type KeyOrigin, type ScriptKind } from './key-origin.ts';

/** A scriptPubKey of the wallet and the key behind it. */
export type OwnScript = KeyOrigin & {
  readonly script: Uint8Array;
  /** The derived key: not yet tweaked for taproot. */
  readonly publicKey: Point;
};

/** Public and the same for all time: one node per account branch, as parsing an xpub costs milliseconds. */
const branches = new Map<string, HDKey>();

function branchNode(xpub: string, branch: Branch): HDKey {
  const name = `${xpub}/${branch}`;
  const node = branches.get(name) ?? HDKey.fromExtendedKey(xpub).deriveChild(BRANCH_NUMBER[branch]);
  branches.set(name, node);
  return node;
}

/** `xpub` is the account's, as `KeyTree.accountXpub` gives it. */
export function deriveScript(xpub: string, origin: KeyOrigin): OwnScript {
  const { publicKey } = branchNode(xpub, origin.branch).deriveChild(origin.index);
  assert(publicKey !== null, 'a public node has a key');
  return { ...origin, publicKey, script: scriptOf(origin.kind, publicKey) };
}

export const scriptOf = (kind: ScriptKind, publicKey: Point): Uint8Array =>
  kind === 'p2wpkh' ? p2wpkh(publicKey) : p2tr(taprootOutputKey(publicKey));

/** BIP 341 with no script path, as BIP 86 has it: "Q = P + int(hashTapTweak(bytes(P)))G". x only, 32 bytes. */
export function taprootOutputKey(publicKey: Point): Uint8Array {
  const internal = publicKey.subarray(1);
  const even = concatBytes(Uint8Array.of(2), internal);
  const output = tweakPoint(even, taggedHash('TapTweak', internal));
  assert(output !== null, 'a tweak that is no scalar: one in 2^128');
  return output.subarray(1);
}
