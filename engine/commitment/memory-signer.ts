import { assert, unreachable } from '../base/assert.ts';
import type { Point } from '../base/ids.ts';
import { p2pkh } from '../bitcoin/script.ts';
import { segwitSighashes } from '../bitcoin/sighash.ts';
import { SIGHASH_ALL } from '../bitcoin/sighash-type.ts';
import { witnessSignature } from '../bitcoin/signature.ts';
import { publicKey, signEcdsa, signEcdsaLowR } from '../crypto/secp256k1.ts';
import type { Secret } from '../crypto/secret.ts';
import { FIRST_INDEX, perCommitmentSecrets } from '../crypto/shachain.ts';
import type { ChannelSecrets } from './channel-keys.ts';
import { unlocking, type ClaimKey } from './claim.ts';
import { assembleFundingSpend, fundingSighash } from './funding.ts';
import { htlcSighashes } from './htlc-tx.ts';
import { commitmentKeys, deriveKeySecret, deriveRevocationSecret } from './keys.ts';
import { localKeys, remoteKeys } from './keys-by-secrets.ts';
import type { Basepoints, Funding } from './params.ts';
import type { ChannelSigner } from './signer.ts';

const pointOf = (secret: Secret): Point => publicKey(secret.expose());

/** Points are asked for again and again: of the current commitment, of the next, of the one after. */
const REMEMBERED_POINTS = 6;

/** A signer whose secrets are in this process's memory. */
export function memorySigner(secrets: ChannelSecrets): ChannelSigner {
  const basepoints: Basepoints = {
    payment: pointOf(secrets.payment),
    delayedPayment: pointOf(secrets.delayedPayment),
    htlc: pointOf(secrets.htlc),
    revocation: pointOf(secrets.revocation),
  };
  const fundingPairs = new Map<number, { readonly secret: Secret; readonly point: Point }>();
  const fundingPair = (keyIndex: number): { readonly secret: Secret; readonly point: Point } => {
    const known = fundingPairs.get(keyIndex);
    if (known !== undefined) return known;
    const secret = secrets.funding(keyIndex);
    const pair = { secret, point: pointOf(secret) };
    fundingPairs.set(keyIndex, pair);
    return pair;
  };
  const secretAt = perCommitmentSecrets(secrets.shachainSeed);
  const releaseSecret = (number: number): Uint8Array => secretAt(FIRST_INDEX - number);

  const points = new Map<number, Point>();
  const point = (number: number): Point => {
    const known = points.get(number);
    if (known !== undefined) return known;
    const derived = publicKey(releaseSecret(number));
    points.set(number, derived);
    for (const oldest of points.keys()) {
      if (points.size <= REMEMBERED_POINTS) break;
      points.delete(oldest);
    }
    return derived;
  };

  const secretOf = (key: ClaimKey): Uint8Array => {
    switch (key.tag) {
      case 'payment':
        return secrets.payment.expose();
      case 'delayed':
        return deriveKeySecret(
          secrets.delayedPayment.expose(),
          basepoints.delayedPayment,
          key.perCommitmentPoint,
        );
      case 'htlc':
        return deriveKeySecret(secrets.htlc.expose(), basepoints.htlc, key.perCommitmentPoint);
      case 'revocation':
        return deriveRevocationSecret(
          secrets.revocation.expose(),
          basepoints.revocation,
          key.perCommitmentSecret,
          key.perCommitmentPoint,
        );
      case 'funding':
        return fundingPair(key.keyIndex).secret.expose();
      default:
        return unreachable(key);
    }
  };

  const signFunding = (hash: Uint8Array, { keyIndex }: Pick<Funding, 'keyIndex'>): Uint8Array =>
    signEcdsa(hash, fundingPair(keyIndex).secret.expose());

  return {
    basepoints,
    fundingKey: (keyIndex) => fundingPair(keyIndex).point,
    point,
    releaseSecret,

    prepareKeys(params, commitment) {
      if (commitment.owner === 'remote') {
        const { perCommitmentPoint } = commitment;
        const derivation = remoteKeys(secrets, params, perCommitmentPoint);
        return commitmentKeys(params, 'remote', perCommitmentPoint, derivation);
      }
      const own = point(commitment.number);
      return commitmentKeys(
        params,
        'local',
        own,
        localKeys(secrets, params, () => releaseSecret(commitment.number), own),
      );
    },

    signRemoteCommitment(commitment) {
      assert(commitment.owner === 'remote', 'not the peer’s commitment');
      const { tx, params, keys } = commitment;
      const secret = secretOf({ tag: 'htlc', perCommitmentPoint: keys.perCommitmentPoint });
      return {
        signature: signFunding(fundingSighash(tx, 0, params.funding), params.funding),
        htlcSignatures: htlcSighashes(commitment).map((hash) => signEcdsa(hash, secret)),
      };
    },

    signLocalCommitment({ owner, tx, params: { funding } }, remoteSignature) {
      assert(owner === 'local', 'not our commitment');
      const signature = signFunding(fundingSighash(tx, 0, funding), funding);
      return assembleFundingSpend(tx, 0, funding, signature, remoteSignature);
    },

    signFundingSpend: (tx, index, funding) => signFunding(fundingSighash(tx, index, funding), funding),

    signAnnouncement: (hash, keyIndex) => signFunding(hash, { keyIndex }),

    signClaims(tx, claims) {
      const sighash = segwitSighashes(tx);
      const inputs = tx.inputs.map((input, index) => {
        const claim = claims[index];
        if (!claim) return input;
        const { outPoint, sequence } = input;
        assert(
          outPoint.txId === claim.outPoint.txId &&
            outPoint.index === claim.outPoint.index &&
            sequence === claim.sequence,
          'the claim of another input',
        );
        const code = claim.lock.tag === 'p2wpkh' ? p2pkh(claim.lock.publicKey) : claim.lock.witnessScript;
        // BOLT 5 §Generation of HTLC Transactions: "The local signature MUST use SIGHASH_ALL"
        const hash = sighash(index, code, claim.amount, SIGHASH_ALL);
        const signature = witnessSignature(signEcdsaLowR(hash, secretOf(claim.key)), SIGHASH_ALL);
        return { ...input, witness: [...claim.before, signature, ...unlocking(claim)] };
      });
      return { ...tx, inputs };
    },
  };
}
