import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { paymentHash, txId } from '../base/ids.ts';
import { blockDelta, blockHeight, feeratePerKw, msat, sat } from '../base/units.ts';
import { segwitSighashes } from '../bitcoin/sighash.ts';
import { SIGHASH_ALL } from '../bitcoin/sighash-type.ts';
import { parseWitnessSignature } from '../bitcoin/signature.ts';
import { serializeTx, withWitness, type Tx } from '../bitcoin/tx.ts';
import { parseTxHex } from '../bitcoin/tx-parse.ts';
import { sha256 } from '../crypto/hash.ts';
import { publicKey, verifyEcdsa } from '../crypto/secp256k1.ts';
import { Secret } from '../crypto/secret.ts';
import { balancesOf } from './balances.ts';
import type { ChannelSecrets } from './channel-keys.ts';
import { buildHtlcTx } from './claim-tx.ts';
import { buildCommitment, type Commitment } from './commitment.ts';
import anchorsFixture from './fixtures/bolt3-anchors.json' with { type: 'json' };
import fixture from './fixtures/bolt3-static-remotekey.json' with { type: 'json' };
import { htlcSighashes, htlcTransaction } from './htlc-tx.ts';
import { commitmentKeys } from './keys.ts';
import { htlcTransactionClaim } from './local-claims.ts';
import { memorySigner } from './memory-signer.ts';
import { commitmentNumberOf } from './number.ts';
import type { CommitmentParams, FormatId } from './params.ts';
import { verifyRemoteSignatures } from './signatures.ts';
import type { CommitmentSpec, Htlc } from './spec.ts';

type Vector = {
  readonly name: string;
  readonly toLocalMsat: number;
  readonly toRemoteMsat: number;
  readonly feeratePerKw: number;
  readonly dustLimit?: number;
  readonly baseFee?: number;
  readonly actualFee?: number;
  readonly htlcs: readonly number[];
  readonly remoteSignature: string;
  readonly commitmentTx: string;
  readonly htlcTxs: readonly { readonly remoteSignature: string; readonly tx: string }[];
};

const { points, secrets } = fixture;
const point = publicKey(fromHex(secrets.x_local_per_commitment_secret));
const unused = new Secret(fromHex('55'.repeat(32)));

const secret = (hex: string): Secret => new Secret(fromHex(hex));
const local: ChannelSecrets = {
  funding: () => secret(secrets.local_funding_privkey),
  revocation: unused,
  payment: secret(secrets.local_payment_basepoint_secret),
  delayedPayment: secret(secrets.local_delayed_payment_basepoint_secret),
  htlc: secret(secrets.local_payment_basepoint_secret),
  shachainSeed: unused,
};
const remote: ChannelSecrets = {
  funding: () => secret(secrets.remote_funding_privkey),
  revocation: secret(secrets.remote_revocation_basepoint_secret),
  payment: secret(secrets.remote_payment_basepoint_secret),
  delayedPayment: unused,
  htlc: secret(secrets.remote_payment_basepoint_secret),
  shachainSeed: unused,
};
const localSigner = memorySigner(local);
const remoteSigner = memorySigner(remote);

function paramsOf(format: FormatId, dustLimit: number): CommitmentParams {
  return {
    format,
    funding: {
      outPoint: { txId: txId(fixture.fundingTxId), index: fixture.fundingOutputIndex },
      amount: sat(fixture.fundingAmount),
      keyIndex: 0,
      localKey: fromHex(points.local_funding_pubkey),
      remoteKey: fromHex(points.remote_funding_pubkey),
    },
    opener: 'local',
    local: {
      basepoints: localSigner.basepoints,
      dustLimit: sat(dustLimit),
      delay: blockDelta(fixture.localDelay),
    },
    remote: { basepoints: remoteSigner.basepoints, dustLimit: sat(546), delay: blockDelta(1) },
  };
}

/** The same channel as the peer sees it. */
const mirrored = (params: CommitmentParams): CommitmentParams => ({
  ...params,
  funding: {
    ...params.funding,
    localKey: params.funding.remoteKey,
    remoteKey: params.funding.localKey,
  },
  opener: params.opener === 'local' ? 'remote' : 'local',
  local: params.remote,
  remote: params.local,
});

const htlcOf = (id: number): Htlc => {
  const found = fixture.htlcs.find((htlc) => htlc.id === id)!;
  return {
    direction: found.direction === 'incoming' ? 'incoming' : 'outgoing',
    id: BigInt(found.id),
    amount: msat(found.amountMsat),
    paymentHash: paymentHash(toHex(sha256(fromHex(found.preimage)))),
    cltvExpiry: blockHeight(found.cltvExpiry),
  };
};
const preimageOf = (htlc: Htlc): Uint8Array | null =>
  htlc.direction === 'incoming'
    ? fromHex(fixture.htlcs.find(({ id }) => BigInt(id) === htlc.id)!.preimage)
    : null;

const specOf = (vector: Vector): CommitmentSpec => ({
  htlcs: vector.htlcs.map(htlcOf),
  feerate: feeratePerKw(vector.feeratePerKw),
  toLocal: msat(vector.toLocalMsat),
  toRemote: msat(vector.toRemoteMsat),
});
const mirroredSpec = (spec: CommitmentSpec): CommitmentSpec => ({
  ...spec,
  toLocal: spec.toRemote,
  toRemote: spec.toLocal,
  htlcs: spec.htlcs.map((htlc) => ({
    ...htlc,
    direction: htlc.direction === 'incoming' ? 'outgoing' : 'incoming',
  })),
});

const compact = (der: string): Uint8Array => parseWitnessSignature(fromHex(`${der}01`))!.signature;
const parsed = (hex: string): Tx => {
  const result = parseTxHex(hex);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
};

const suites: readonly { format: FormatId; vectors: readonly Vector[] }[] = [
  { format: 'static-remotekey', vectors: fixture.vectors },
  { format: 'anchors-zero-fee', vectors: anchorsFixture.vectors },
];

describe('BOLT 3 Appendix C: keys', () => {
  const params = paramsOf('static-remotekey', fixture.localDustLimit);
  it('derives the basepoints and the keys of the commitment', () => {
    expect(toHex(localSigner.basepoints.payment)).toBe(points.local_payment_basepoint);
    expect(toHex(remoteSigner.basepoints.htlc)).toBe(points.remote_htlc_basepoint);
    expect(toHex(localSigner.fundingKey(0))).toBe(points.local_funding_pubkey);
    const keys = commitmentKeys(params, 'local', point);
    expect(toHex(keys.ownerHtlc)).toBe(points.local_htlcpubkey);
    expect(toHex(keys.otherHtlc)).toBe(points.remote_htlcpubkey);
    expect(toHex(keys.ownerDelayed)).toBe(points.local_delayedpubkey);
    expect(toHex(keys.revocation)).toBe(points.local_revocation_pubkey);
    expect(toHex(keys.otherPayment)).toBe(points.remote_payment_basepoint);
  });
  it('remembers the keys of a point', () => {
    expect(commitmentKeys(params, 'local', point.slice())).toBe(commitmentKeys(params, 'local', point));
    expect(commitmentKeys(params, 'remote', point)).not.toBe(commitmentKeys(params, 'local', point));
  });
  it('obscures commitment number 0 as the factor itself', () => {
    const spec = specOf(fixture.vectors[0]!);
    const { tx } = buildCommitment(params, 'local', 0, point, spec);
    const number = (tx.inputs[0]!.sequence % 2 ** 24) * 2 ** 24 + (tx.lockTime % 2 ** 24);
    expect(number.toString(16)).toBe(fixture.obscuringFactor);
  });
});

describe.each(suites)('BOLT 3 commitment vectors: $format', ({ format, vectors }) => {
  describe.each(vectors)('$name', (vector) => {
    const params = paramsOf(format, vector.dustLimit ?? fixture.localDustLimit);
    const spec = specOf(vector);
    const commitment: Commitment = buildCommitment(params, 'local', fixture.commitmentNumber, point, spec);
    const signatures = {
      signature: compact(vector.remoteSignature),
      htlcSignatures: vector.htlcTxs.map((htlc) => compact(htlc.remoteSignature)),
    };

    it('is the commitment transaction, signed by both', () => {
      const signed = localSigner.signLocalCommitment(commitment, signatures.signature);
      expect(toHex(serializeTx(signed))).toBe(vector.commitmentTx);
      expect(commitmentNumberOf(params, signed)).toBe(fixture.commitmentNumber);
      expect(commitmentNumberOf(mirrored(params), signed)).toBe(fixture.commitmentNumber);
    });

    it('has as many HTLC outputs and the fees that balancesOf says', () => {
      const balances = balancesOf(params, 'local', spec);
      expect(balances.htlcOutputs).toBe(vector.htlcTxs.length);
      if (vector.baseFee !== undefined) expect(balances.fee).toBe(BigInt(vector.baseFee));
      const paid = commitment.tx.outputs.reduce((sum, output) => sum + output.amount, 0n);
      if (vector.actualFee !== undefined) expect(params.funding.amount - paid).toBe(BigInt(vector.actualFee));
    });

    it('is signed by the peer, who builds it from the other side', () => {
      const theirs = buildCommitment(
        mirrored(params),
        'remote',
        fixture.commitmentNumber,
        point,
        mirroredSpec(spec),
      );
      expect(theirs.txId).toBe(commitment.txId);
      expect(remoteSigner.signRemoteCommitment(theirs)).toEqual(signatures);
    });

    it('accepts these signatures and no others', () => {
      expect(verifyRemoteSignatures(commitment, signatures)).toBeNull();
      const wrong = signatures.signature.slice();
      wrong[40] = wrong[40]! ^ 1;
      expect(verifyRemoteSignatures(commitment, { ...signatures, signature: wrong })).toEqual({
        code: 'commitment-signature',
      });
      const { htlcSignatures } = signatures;
      const count = htlcSignatures.length;
      expect(
        verifyRemoteSignatures(commitment, { ...signatures, htlcSignatures: [...htlcSignatures, wrong] }),
      ).toEqual({ code: 'htlc-signature-count', expected: count, received: count + 1 });
      for (const index of htlcSignatures.keys())
        expect(
          verifyRemoteSignatures(commitment, {
            ...signatures,
            htlcSignatures: htlcSignatures.with(index, wrong),
          }),
        ).toEqual({ code: 'htlc-signature', index });
    });

    // BOLT 5 §Generation of HTLC Transactions: "The local signature MUST use SIGHASH_ALL"
    it('gives the HTLC transactions', () => {
      for (const [index, output] of commitment.htlcs.entries()) {
        const expected = parsed(vector.htlcTxs[index]!.tx);
        const theirSignature = signatures.htlcSignatures[index]!;
        const claim = htlcTransactionClaim(commitment, output, theirSignature, preimageOf(output.htlc));
        const unsigned = buildHtlcTx(claim);
        expect(unsigned).toEqual(htlcTransaction(commitment, output));
        const ours = localSigner.signClaims(unsigned, [claim]);
        // All but our own signature is given byte for byte; that has low R here and had not when the vectors were made.
        const theirWitness = expected.inputs[0]!.witness;
        const witness = ours.inputs[0]!.witness.with(2, theirWitness[2]!);
        expect(toHex(serializeTx(withWitness(ours, 0, witness)))).toBe(vector.htlcTxs[index]!.tx);
        if (theirWitness[2]!.length <= 71) expect(ours).toEqual(expected);
        if (output.lock.tag !== 'p2wsh') throw new Error('an HTLC output is P2WSH');
        const hash = segwitSighashes(unsigned)(0, output.lock.witnessScript, output.amount, SIGHASH_ALL);
        for (const own of [theirWitness[2]!, ours.inputs[0]!.witness[2]!]) {
          const { signature, type } = parseWitnessSignature(own)!;
          expect(type).toBe(SIGHASH_ALL);
          expect(verifyEcdsa(signature, hash, commitment.keys.ownerHtlc)).toBe(true);
        }
      }
      expect(commitment.htlcs.length).toBe(vector.htlcTxs.length);
    });

    it('hashes HTLC transactions as BIP 143 does', () => {
      const type = format === 'static-remotekey' ? 0x01 : 0x83;
      expect(htlcSighashes(commitment)).toEqual(
        commitment.htlcs.map((output) =>
          segwitSighashes(htlcTransaction(commitment, output))(
            0,
            output.lock.tag === 'p2wsh' ? output.lock.witnessScript : new Uint8Array(),
            output.amount,
            type,
          ),
        ),
      );
    });
  });
});
