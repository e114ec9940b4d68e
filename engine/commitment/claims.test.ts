import { describe, expect, it } from 'vitest';
import { equalBytes, fromHex } from '../base/bytes.ts';
import { feeratePerKw, sat, weight } from '../base/units.ts';
import { dustLimitOf } from '../bitcoin/dust.ts';
import { feeAtLeast } from '../bitcoin/fee.ts';
import { p2pkh, p2wpkh, p2wsh, witnessProgram } from '../bitcoin/script.ts';
import { segwitSighashes } from '../bitcoin/sighash.ts';
import { parseWitnessSignature } from '../bitcoin/signature.ts';
import { txIdOf, weightOf, type Tx } from '../bitcoin/tx.ts';
import { publicKey, verifyEcdsa } from '../crypto/secp256k1.ts';
import { channelPair, preimageOf, seenFromOtherEnd, specWith } from '../testkit/commitment-pair.ts';
import { buildClaimTx, buildHtlcTx, claimTxWeight } from './claim-tx.ts';
import { claimWeight, type Claim } from './claim.ts';
import { buildCommitment, type HtlcOutput } from './commitment.ts';
import { anchorClaim, htlcDelayedClaim, htlcTransactionClaim, localDelayedClaim } from './local-claims.ts';
import type { FormatId } from './params.ts';
import { revokedClaims, revokedCommitment, revokedHtlcTxClaims } from './penalty.ts';
import { remoteHtlcClaim, remoteMainClaim } from './remote-claims.ts';
import { verifyRemoteSignatures } from './signatures.ts';
import type { ChannelSigner } from './signer.ts';

const CAPACITY = 10_000_000;
const DESTINATION = witnessProgram(1, new Uint8Array(32).fill(9));
const NUMBER = 7;
const HTLCS = { outgoing: [20_000, 30_000, 100], incoming: [40_000, 50_000, 200] };

/** Alice's commitment at alice (local) and at bob (remote). */
function setUp(format: FormatId) {
  const { alice, bob } = channelPair(format);
  const spec = specWith(CAPACITY, HTLCS);
  const point = alice.signer.point(NUMBER);
  const local = buildCommitment(alice.params, 'local', NUMBER, point, spec);
  const remote = buildCommitment(bob.params, 'remote', NUMBER, point, seenFromOtherEnd(spec));
  const signatures = bob.signer.signRemoteCommitment(remote);
  return { alice, bob, local, remote, signatures };
}

/** What a node checks of the input: the output's script is the claim's lock, and the signature in it is valid. */
function checkSigned(tx: Tx, index: number, claim: Claim, key: Uint8Array): void {
  const { witness, sequence } = tx.inputs[index]!;
  const { lock } = claim;
  const code = lock.tag === 'p2wpkh' ? p2pkh(lock.publicKey) : lock.witnessScript;
  const script = lock.tag === 'p2wpkh' ? p2wpkh(lock.publicKey) : p2wsh(lock.witnessScript);
  expect(script).toEqual(claim.script);
  expect(witness.at(-1)).toEqual(lock.tag === 'p2wpkh' ? lock.publicKey : lock.witnessScript);
  expect(sequence).toBe(claim.sequence);
  expect(tx.lockTime).toBeGreaterThanOrEqual(claim.lockTime);
  const parsed = parseWitnessSignature(witness[claim.before.length]!)!;
  expect(parsed.type).toBe(1);
  const hash = segwitSighashes(tx)(index, code, claim.amount, 1);
  expect(verifyEcdsa(parsed.signature, hash, key)).toBe(true);
}

/** Builds, signs, checks the weight. */
function spend(signer: ChannelSigner, claims: readonly Claim[]): Tx {
  const unsigned = buildClaimTx(claims, DESTINATION, feeratePerKw(500));
  if (!unsigned.ok) throw new Error(unsigned.error.code);
  const tx = signer.signClaims(unsigned.value, claims);
  const expected = claimTxWeight(claims, tx.outputs);
  expect(weightOf(tx)).toBeLessThanOrEqual(expected);
  // A signature in 256 has an s that is a byte shorter.
  expect(weightOf(tx)).toBeGreaterThanOrEqual(expected - claims.length);
  const paid = claims.reduce((sum, claim) => sum + claim.amount, 0n) - tx.outputs[0]!.amount;
  expect(paid).toBe(feeAtLeast(feeratePerKw(500), expected));
  return tx;
}

const byId = (htlcs: readonly HtlcOutput[], direction: string, id: bigint): HtlcOutput =>
  htlcs.find(({ htlc }) => htlc.direction === direction && htlc.id === id)!;

describe.each(['static-remotekey', 'anchors-zero-fee'] as const)('%s', (format) => {
  const anchors = format === 'anchors-zero-fee';
  const { alice, bob, local, remote, signatures } = setUp(format);

  it('is the same transaction at both ends', () => {
    expect(remote.txId).toBe(local.txId);
    expect(verifyRemoteSignatures(local, signatures)).toBeNull();
    expect(local.htlcs.length).toBe(4);
  });

  describe('our commitment', () => {
    it('to_local after our delay', () => {
      const claim = localDelayedClaim(local)!;
      expect(claim.sequence).toBe(144);
      checkSigned(spend(alice.signer, [claim]), 0, claim, local.keys.ownerDelayed);
    });

    it('HTLC transactions, and their outputs after our delay', () => {
      const outgoing = byId(local.htlcs, 'outgoing', 0n);
      const incoming = byId(local.htlcs, 'incoming', 1n);
      for (const output of [outgoing, incoming]) {
        const theirs = signatures.htlcSignatures[local.htlcs.indexOf(output)]!;
        const preimage = output === incoming ? preimageOf(output.htlc) : null;
        const claim = htlcTransactionClaim(local, output, theirs, preimage);
        const signed = alice.signer.signClaims(buildHtlcTx(claim), [claim]);
        checkSigned(signed, 0, claim, local.keys.ownerHtlc);
        // The peer's signature holds for the transaction as it is.
        const theirsInWitness = parseWitnessSignature(signed.inputs[0]!.witness[1]!)!;
        expect(theirsInWitness.type).toBe(anchors ? 0x83 : 0x01);
        const hash = segwitSighashes(signed)(
          0,
          claim.lock.tag === 'p2wsh' ? claim.lock.witnessScript : new Uint8Array(),
          claim.amount,
          anchors ? 0x83 : 0x01,
        );
        expect(verifyEcdsa(theirsInWitness.signature, hash, local.keys.otherHtlc)).toBe(true);
        expect(weightOf(signed)).toBeLessThanOrEqual(claimTxWeight([claim], signed.outputs));
        expect(signed.lockTime).toBe(output === outgoing ? 500 : 0);

        const second = htlcDelayedClaim(local, output, txIdOf(signed), 0);
        expect(second.script).toEqual(signed.outputs[0]!.script);
        expect(second.amount).toBe(signed.outputs[0]!.amount);
        expect(second.sequence).toBe(144);
        checkSigned(spend(alice.signer, [second]), 0, second, local.keys.ownerDelayed);
      }
      expect(() => htlcTransactionClaim(local, incoming, signatures.signature, null)).toThrow();
      expect(() => buildClaimTx([localDelayedClaim(local)!], DESTINATION, feeratePerKw(1))).not.toThrow();
    });

    it('an HTLC transaction with inputs and outputs of the wallet behind', () => {
      const output = byId(local.htlcs, 'outgoing', 0n);
      const theirs = signatures.htlcSignatures[local.htlcs.indexOf(output)]!;
      const claim = htlcTransactionClaim(local, output, theirs, null);
      const base = buildHtlcTx(claim);
      const joined: Tx = {
        ...base,
        inputs: [
          ...base.inputs,
          {
            outPoint: { txId: local.txId, index: 99 },
            sequence: 0,
            scriptSig: fromHex(''),
            witness: [fromHex('aa')],
          },
        ],
        outputs: [...base.outputs, { amount: sat(1234), script: DESTINATION }],
      };
      const signed = alice.signer.signClaims(joined, [claim]);
      checkSigned(signed, 0, claim, local.keys.ownerHtlc);
      expect(signed.inputs[1]).toEqual(joined.inputs[1]);
      const script = claim.lock.tag === 'p2wsh' ? claim.lock.witnessScript : new Uint8Array();
      const type = anchors ? 0x83 : 0x01;
      const hash = segwitSighashes(signed)(0, script, claim.amount, type);
      // Only SINGLE|ANYONECANPAY survives company.
      expect(verifyEcdsa(theirs, hash, local.keys.otherHtlc)).toBe(anchors);
    });

    it('anchor', () => {
      const claim = anchorClaim(local);
      expect(claim !== null).toBe(anchors);
      if (claim === null) return;
      expect(claim.amount).toBe(330n);
      const tx = alice.signer.signClaims(
        {
          version: 2,
          inputs: [
            { outPoint: claim.outPoint, sequence: claim.sequence, scriptSig: fromHex(''), witness: [] },
          ],
          outputs: [{ amount: sat(0), script: fromHex('6a') }],
          lockTime: 0,
        },
        [claim],
      );
      checkSigned(tx, 0, claim, alice.params.funding.localKey);
    });
  });

  describe('the peer’s commitment', () => {
    it('to_remote, also without knowing the commitment', () => {
      const claim = remoteMainClaim(bob.params, local.tx)!;
      expect(claim.sequence).toBe(anchors ? 1 : 0xfffffffd);
      checkSigned(spend(bob.signer, [claim]), 0, claim, bob.signer.basepoints.payment);
      expect(remoteMainClaim(bob.params, { ...local.tx, outputs: [] })).toBeNull();
    });

    it('HTLCs by preimage and after their expiry', () => {
      // Bob's view: alice's outgoing HTLCs are his incoming ones.
      const incoming = byId(remote.htlcs, 'incoming', 1n);
      const success = remoteHtlcClaim(remote, incoming, preimageOf({ direction: 'outgoing', id: 1n }));
      expect(success).toMatchObject({ kind: 'claim-htlc-success', lockTime: 0, sequence: anchors ? 1 : 0 });
      checkSigned(spend(bob.signer, [success]), 0, success, remote.keys.otherHtlc);

      const outgoing = byId(remote.htlcs, 'outgoing', 1n);
      const timeout = remoteHtlcClaim(remote, outgoing, null);
      expect(timeout).toMatchObject({ kind: 'claim-htlc-timeout', lockTime: 501, htlc: { id: 1n } });
      const tx = spend(bob.signer, [timeout]);
      expect(tx.lockTime).toBe(501);
      checkSigned(tx, 0, timeout, remote.keys.otherHtlc);
      expect(() => remoteHtlcClaim(remote, outgoing, new Uint8Array(32))).toThrow();
      expect(() => remoteHtlcClaim(local, outgoing, null)).toThrow();
    });

    it('anchor', () => {
      const claim = anchorClaim(remote);
      expect(claim !== null).toBe(anchors);
      if (claim !== null) expect(claim.key).toEqual({ tag: 'funding', keyIndex: 0 });
      expect(claim?.outPoint).not.toEqual(anchorClaim(local)?.outPoint ?? null);
    });
  });

  describe('a revoked commitment', () => {
    const secret = alice.signer.releaseSecret(NUMBER);
    const revoked = revokedCommitment(bob.params, secret);
    const signed = alice.signer.signLocalCommitment(local, signatures.signature);
    // More HTLCs than this commitment has: those of the channel's life.
    const history = seenFromOtherEnd(
      specWith(CAPACITY, {
        outgoing: [...HTLCS.outgoing, 60_000],
        incoming: [...HTLCS.incoming, 70_000],
      }),
    ).htlcs;

    it('loses everything to us in one transaction', () => {
      const claims = revokedClaims(revoked, signed, history);
      expect(claims.map(({ kind }) => kind).sort()).toEqual([
        'htlc-penalty',
        'htlc-penalty',
        'htlc-penalty',
        'htlc-penalty',
        'main-penalty',
        'remote-main',
      ]);
      const total = claims.reduce((sum, claim) => sum + claim.amount, 0n);
      const whole = signed.outputs.reduce((sum, output) => sum + output.amount, 0n);
      expect(total).toBe(whole - (anchors ? 660n : 0n));
      const tx = spend(bob.signer, claims);
      const revocation = remote.keys.revocation;
      expect(publicKey(secret)).toEqual(remote.keys.perCommitmentPoint);
      for (const [index, claim] of claims.entries())
        checkSigned(
          tx,
          index,
          claim,
          claim.kind === 'remote-main' ? bob.signer.basepoints.payment : revocation,
        );
      // BOLT 5 §Penalty Transactions Weight Calculation counts signatures of 73 bytes, ours have 71.
      const most = { 'main-penalty': 324, 'htlc-penalty': 416, 'remote-main': anchors ? 280 : 272 };
      for (const claim of claims)
        expect(claimWeight(claim)).toBeLessThanOrEqual(most[claim.kind as keyof typeof most]);
    });

    it('and so do the HTLC transactions made from it', () => {
      const output = byId(local.htlcs, 'outgoing', 0n);
      const theirs = signatures.htlcSignatures[local.htlcs.indexOf(output)]!;
      const claim = htlcTransactionClaim(local, output, theirs, null);
      const htlcTx = alice.signer.signClaims(buildHtlcTx(claim), [claim]);
      const two = { ...htlcTx, outputs: [{ amount: sat(7), script: DESTINATION }, ...htlcTx.outputs] };
      const [penalty, ...more] = revokedHtlcTxClaims(revoked, two);
      expect(more).toEqual([]);
      expect(penalty).toMatchObject({ kind: 'htlc-delayed-penalty', outPoint: { index: 1 } });
      checkSigned(spend(bob.signer, [penalty!]), 0, penalty!, remote.keys.revocation);
    });

    it('is not known by another secret', () => {
      const other = revokedCommitment(bob.params, alice.signer.releaseSecret(NUMBER + 1));
      const kinds = revokedClaims(other, signed, history).map(({ kind }) => kind);
      expect(kinds).toEqual(['remote-main']);
    });
  });
});

describe('claims', () => {
  const { alice, bob, local, remote } = setUp('anchors-zero-fee');

  it('that cost more than they are worth are refused', () => {
    const claim = { ...localDelayedClaim(local)!, amount: sat(1000) };
    const fee = feeAtLeast(feeratePerKw(5000), claimTxWeight([claim], [{ script: DESTINATION }]));
    expect(buildClaimTx([claim], DESTINATION, feeratePerKw(5000))).toEqual({
      ok: false,
      error: { code: 'uneconomical', amount: 1000n, fee },
    });
    const least = sat(fee + dustLimitOf(DESTINATION));
    expect(buildClaimTx([{ ...claim, amount: least }], DESTINATION, feeratePerKw(5000)).ok).toBe(true);
    const less = sat(least - 1n);
    expect(buildClaimTx([{ ...claim, amount: less }], DESTINATION, feeratePerKw(5000)).ok).toBe(false);
  });

  it('are signed for their own input only', () => {
    const claim = localDelayedClaim(local)!;
    const tx = buildClaimTx([claim], DESTINATION, feeratePerKw(500));
    if (!tx.ok) throw new Error(tx.error.code);
    const other = remoteMainClaim(bob.params, local.tx)!;
    expect(() => alice.signer.signClaims(tx.value, [other])).toThrow();
    expect(alice.signer.signClaims(tx.value, [null])).toEqual(tx.value);
  });

  it('of the wrong side are a Bug', () => {
    expect(() => localDelayedClaim(remote)).toThrow();
    expect(() => bob.signer.signLocalCommitment(remote, new Uint8Array(64))).toThrow();
    expect(() => alice.signer.signRemoteCommitment(local)).toThrow();
  });

  it('weigh the same whatever the order', () => {
    const claims = [localDelayedClaim(local)!, anchorClaim(local)!];
    expect(claimTxWeight(claims, [{ script: DESTINATION }])).toBe(
      claimTxWeight(claims.toReversed(), [{ script: DESTINATION }]),
    );
    expect(claimTxWeight([], [])).toBe(weight(42));
    expect(equalBytes(claims[0]!.script, claims[1]!.script)).toBe(false);
  });
});
