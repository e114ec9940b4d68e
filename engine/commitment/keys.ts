import { assert } from '../base/assert.ts';
import { concatBytes, toHex } from '../base/bytes.ts';
import type { Point } from '../base/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { addSecrets, multiplySecrets, sumOfProducts, tweakPoint } from '../crypto/secp256k1.ts';
import { otherSide, type Basepoints, type Side, type SideParams } from './params.ts';

/** The keys of one commitment transaction. `owner` may broadcast it; `other` holds the revocation basepoint. */
export type CommitmentKeys = {
  readonly perCommitmentPoint: Point;
  /** local_delayedpubkey of BOLT 3. */
  readonly ownerDelayed: Point;
  /** local_htlcpubkey. */
  readonly ownerHtlc: Point;
  /** remote_htlcpubkey. */
  readonly otherHtlc: Point;
  /** remotepubkey: the other side's payment basepoint as it is. */
  readonly otherPayment: Point;
  readonly revocation: Point;
};

// Points that came from the peer were checked to be points when they arrived, and hashes as scalars are out of range
// or cancel out with probability 2^-128: null is a Bug.
export function certain<T>(value: T | null): T {
  assert(value !== null, 'key derivation');
  return value;
}

/** BOLT 3 §Key Derivation: "pubkey = basepoint + SHA256(per_commitment_point || basepoint) * G" */
export const deriveKey = (basepoint: Point, perCommitmentPoint: Point): Point =>
  certain(tweakPoint(basepoint, sha256(concatBytes(perCommitmentPoint, basepoint))));

/** BOLT 3 §Key Derivation: "privkey = basepoint_secret + SHA256(per_commitment_point || basepoint)" */
export const deriveKeySecret = (
  basepointSecret: Uint8Array,
  basepoint: Point,
  perCommitmentPoint: Point,
): Uint8Array => certain(addSecrets(basepointSecret, sha256(concatBytes(perCommitmentPoint, basepoint))));

/**
 * BOLT 3 §revocationpubkey Derivation: "revocationpubkey = revocation_basepoint * SHA256(revocation_basepoint ||
 * per_commitment_point) + per_commitment_point * SHA256(per_commitment_point || revocation_basepoint)"
 */
export function deriveRevocationKey(revocationBasepoint: Point, perCommitmentPoint: Point): Point {
  const a = sha256(concatBytes(revocationBasepoint, perCommitmentPoint));
  const b = sha256(concatBytes(perCommitmentPoint, revocationBasepoint));
  return certain(sumOfProducts(revocationBasepoint, a, perCommitmentPoint, b));
}

/** The secret of `deriveRevocationKey`, once the owner has released `perCommitmentSecret`. */
export function deriveRevocationSecret(
  revocationBasepointSecret: Uint8Array,
  revocationBasepoint: Point,
  perCommitmentSecret: Uint8Array,
  perCommitmentPoint: Point,
): Uint8Array {
  const a = multiplySecrets(
    revocationBasepointSecret,
    sha256(concatBytes(revocationBasepoint, perCommitmentPoint)),
  );
  const b = multiplySecrets(
    perCommitmentSecret,
    sha256(concatBytes(perCommitmentPoint, revocationBasepoint)),
  );
  return certain(addSecrets(certain(a), certain(b)));
}

/** How the keys of one commitment are computed: from points alone, or with secrets of ours (keys-by-secrets.ts). */
export type KeyDerivation = Readonly<
  Record<'ownerDelayed' | 'ownerHtlc' | 'otherHtlc' | 'revocation', () => Point>
>;

/** All that keys depend on beside the per-commitment point; `CommitmentParams` are such. */
export type BothSides = Readonly<Record<Side, Pick<SideParams, 'basepoints'>>>;

function fromPoints(params: BothSides, owner: Side, perCommitmentPoint: Point): KeyDerivation {
  const own = params[owner].basepoints;
  const other = params[otherSide(owner)].basepoints;
  return {
    ownerDelayed: () => deriveKey(own.delayedPayment, perCommitmentPoint),
    ownerHtlc: () => deriveKey(own.htlc, perCommitmentPoint),
    otherHtlc: () => deriveKey(other.htlc, perCommitmentPoint),
    revocation: () => deriveRevocationKey(other.revocation, perCommitmentPoint),
  };
}

const once = <T>(compute: () => T): (() => T) => {
  let value: T | undefined;
  return () => (value ??= compute());
};

/** Enough for the commitments that are alive at once and for those prepared ahead. */
const REMEMBERED = 6;
const derived = new WeakMap<Basepoints, WeakMap<Basepoints, Map<string, CommitmentKeys>>>();

/**
 * The keys of the commitment that `owner` holds with `perCommitmentPoint`. The last few of each channel are remembered:
 * the splices of a channel share them.
 * @throws {Bug} when a point is not on the curve: check what comes from the peer with `isPoint` first.
 */
export function commitmentKeys(
  params: BothSides,
  owner: Side,
  perCommitmentPoint: Point,
  derivation: KeyDerivation = fromPoints(params, owner, perCommitmentPoint),
): CommitmentKeys {
  const own = params[owner].basepoints;
  const other = params[otherSide(owner)].basepoints;
  const ofOwn = derived.get(own) ?? new WeakMap<Basepoints, Map<string, CommitmentKeys>>();
  derived.set(own, ofOwn);
  const known = ofOwn.get(other) ?? new Map<string, CommitmentKeys>();
  ofOwn.set(other, known);
  const name = toHex(perCommitmentPoint);
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;

  // Every other commitment of a payment has no HTLC: the keys of HTLCs are derived when somebody asks.
  const ownerHtlc = once(derivation.ownerHtlc);
  const otherHtlc = once(derivation.otherHtlc);
  const keys: CommitmentKeys = {
    perCommitmentPoint,
    ownerDelayed: derivation.ownerDelayed(),
    get ownerHtlc() {
      return ownerHtlc();
    },
    get otherHtlc() {
      return otherHtlc();
    },
    otherPayment: other.payment,
    revocation: derivation.revocation(),
  };
  known.set(name, keys);
  for (const oldest of known.keys()) {
    if (known.size <= REMEMBERED) break;
    known.delete(oldest);
  }
  return keys;
}
