import { concatBytes } from '../base/bytes.ts';
import type { Point } from '../base/ids.ts';
import { sha256 } from '../crypto/hash.ts';
import { multiplySecrets, publicKey, tweakedProduct } from '../crypto/secp256k1.ts';
import type { ChannelSecrets } from './channel-keys.ts';
import { certain, deriveKey, deriveKeySecret, type BothSides, type KeyDerivation } from './keys.ts';

/**
 * The keys of our own commitment. For whoever has the secret behind a point, its product is one with the generator,
 * which takes a third of the time: the same keys as from points, in two thirds of it.
 */
export function localKeys(
  secrets: ChannelSecrets,
  { local, remote }: BothSides,
  perCommitmentSecret: () => Uint8Array,
  perCommitmentPoint: Point,
): KeyDerivation {
  const { delayedPayment, htlc } = local.basepoints;
  const { revocation } = remote.basepoints;
  return {
    ownerDelayed: () =>
      publicKey(deriveKeySecret(secrets.delayedPayment.expose(), delayedPayment, perCommitmentPoint)),
    ownerHtlc: () => publicKey(deriveKeySecret(secrets.htlc.expose(), htlc, perCommitmentPoint)),
    otherHtlc: () => deriveKey(remote.basepoints.htlc, perCommitmentPoint),
    revocation: () => {
      const own = sha256(concatBytes(perCommitmentPoint, revocation));
      return certain(
        tweakedProduct(
          revocation,
          sha256(concatBytes(revocation, perCommitmentPoint)),
          certain(multiplySecrets(perCommitmentSecret(), own)),
        ),
      );
    },
  };
}

/** The keys of the peer's commitment: here the secret of our revocation basepoint helps. */
export function remoteKeys(
  secrets: ChannelSecrets,
  { local, remote }: BothSides,
  perCommitmentPoint: Point,
): KeyDerivation {
  const { htlc, revocation } = local.basepoints;
  return {
    ownerDelayed: () => deriveKey(remote.basepoints.delayedPayment, perCommitmentPoint),
    ownerHtlc: () => deriveKey(remote.basepoints.htlc, perCommitmentPoint),
    otherHtlc: () => publicKey(deriveKeySecret(secrets.htlc.expose(), htlc, perCommitmentPoint)),
    revocation: () => {
      const own = sha256(concatBytes(revocation, perCommitmentPoint));
      return certain(
        tweakedProduct(
          perCommitmentPoint,
          sha256(concatBytes(perCommitmentPoint, revocation)),
          certain(multiplySecrets(secrets.revocation.expose(), own)),
        ),
      );
    },
  };
}
