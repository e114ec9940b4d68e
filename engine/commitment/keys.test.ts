import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { isSecretKey, publicKey } from '../crypto/secp256k1.ts';
import { Secret } from '../crypto/secret.ts';
import { channelPair } from '../testkit/commitment-pair.ts';
import { channelSecrets } from './channel-keys.ts';
import fixture from './fixtures/bolt3-keys.json' with { type: 'json' };
import {
  commitmentKeys,
  deriveKey,
  deriveKeySecret,
  deriveRevocationKey,
  deriveRevocationSecret,
} from './keys.ts';
import { memorySigner } from './memory-signer.ts';
import { commitmentNumberOf, LAST_COMMITMENT_NUMBER, obscuredNumber } from './number.ts';

describe('BOLT 3 Appendix E', () => {
  const basePoint = fromHex(fixture.basePoint);
  const point = fromHex(fixture.perCommitmentPoint);
  const baseSecret = fromHex(fixture.baseSecret);
  const perCommitmentSecret = fromHex(fixture.perCommitmentSecret);
  it('starts from points of these secrets', () => {
    expect(publicKey(baseSecret)).toEqual(basePoint);
    expect(publicKey(perCommitmentSecret)).toEqual(point);
  });
  it('derivation of pubkey from basepoint and per_commitment_point', () => {
    expect(toHex(deriveKey(basePoint, point))).toBe(fixture.localPubkey);
  });
  it('derivation of private key from basepoint secret and per_commitment_secret', () => {
    expect(toHex(deriveKeySecret(baseSecret, basePoint, point))).toBe(fixture.localPrivkey);
  });
  it('derivation of revocation pubkey from basepoint and per_commitment_point', () => {
    expect(toHex(deriveRevocationKey(basePoint, point))).toBe(fixture.revocationPubkey);
  });
  it('derivation of revocation secret from basepoint_secret and per_commitment_secret', () => {
    expect(toHex(deriveRevocationSecret(baseSecret, basePoint, perCommitmentSecret, point))).toBe(
      fixture.revocationPrivkey,
    );
  });
  it('needs points', () => {
    expect(() => deriveKey(new Uint8Array(33).fill(2, 0, 1), point)).toThrow();
  });
});

describe('commitment keys', () => {
  const { alice, bob } = channelPair('anchors-zero-fee');
  const point = alice.signer.point(3);
  it('are the same at both ends, by the side that owns the commitment', () => {
    expect(commitmentKeys(alice.params, 'local', point)).toEqual(commitmentKeys(bob.params, 'remote', point));
    expect(commitmentKeys(alice.params, 'local', point)).not.toEqual(
      commitmentKeys(alice.params, 'remote', point),
    );
  });
  it('are the same with the secrets and without', () => {
    fc.assert(
      fc.property(fc.nat(1000), (number) => {
        // Other objects for the same basepoints: what one way remembers the other must not find.
        const copied = structuredClone({ local: bob.params.local, remote: bob.params.remote });
        const own = alice.signer.prepareKeys(alice.params, { owner: 'local', number });
        const perCommitmentPoint = alice.signer.point(number);
        expect(own).toEqual(commitmentKeys(copied, 'remote', perCommitmentPoint));
        const theirs = bob.signer.prepareKeys(bob.params, { owner: 'remote', perCommitmentPoint });
        expect(theirs).toEqual(own);
        expect(commitmentKeys(bob.params, 'remote', perCommitmentPoint)).toBe(theirs);
      }),
      { numRuns: 20 },
    );
  });
  it('are not those of another peer who has one basepoint of it', () => {
    const basepoints = { ...alice.params.remote.basepoints, htlc: publicKey(new Uint8Array(32).fill(9)) };
    const other = { ...alice.params, remote: { ...alice.params.remote, basepoints } };
    const [known, fresh] = [alice.params, other].map((params) => commitmentKeys(params, 'local', point));
    expect(toHex(fresh!.otherHtlc)).toBe(toHex(deriveKey(basepoints.htlc, point)));
    expect(fresh!.otherHtlc).not.toEqual(known!.otherHtlc);
  });
  it('are forgotten when many newer ones came', () => {
    const first = commitmentKeys(alice.params, 'local', point);
    for (let number = 10; number < 18; number++)
      commitmentKeys(alice.params, 'local', alice.signer.point(number));
    const again = commitmentKeys(alice.params, 'local', point);
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });
});

describe('commitment numbers', () => {
  const { alice, bob } = channelPair('static-remotekey');
  it.each([0, 1, 0xff_ffff, 0x100_0000, 0x1234_5678_9abc, LAST_COMMITMENT_NUMBER])(
    '%i is hidden, and found by both',
    (number) => {
      const { sequence, lockTime } = obscuredNumber(alice.params, number);
      expect(sequence >>> 24).toBe(0x80);
      expect(lockTime >>> 24).toBe(0x20);
      const { outPoint } = alice.params.funding;
      const tx = {
        version: 2,
        inputs: [{ outPoint, sequence, scriptSig: new Uint8Array(), witness: [] }],
        outputs: [],
        lockTime,
      };
      expect(commitmentNumberOf(alice.params, tx)).toBe(number);
      expect(commitmentNumberOf(bob.params, tx)).toBe(number);
      expect(commitmentNumberOf(bob.params, { ...tx, lockTime: 0 })).toBeNull();
      expect(commitmentNumberOf(bob.params, { ...tx, inputs: [] })).toBeNull();
    },
  );
  it.each([-1, 0.5, LAST_COMMITMENT_NUMBER + 1])('%d is none', (number) => {
    expect(() => obscuredNumber(alice.params, number)).toThrow();
  });
});

describe('channel secrets', () => {
  const seed = new Secret(new Uint8Array(32).fill(1));
  const payment = new Secret(new Uint8Array(32).fill(2));
  const secrets = channelSecrets(seed, payment);
  const all = (): Secret[] => [
    secrets.funding(0),
    secrets.funding(1),
    secrets.revocation,
    secrets.payment,
    secrets.delayedPayment,
    secrets.htlc,
    secrets.shachainSeed,
  ];
  it('differ from each other', () => {
    expect(new Set(all().map((secret) => toHex(secret.expose()))).size).toBe(7);
    for (const secret of all()) expect(isSecretKey(secret.expose())).toBe(true);
  });
  // Frozen: money of open channels depends on these. Computed apart, by RFC 5869 in another language.
  it('never change', () => {
    expect(all().map((secret) => toHex(secret.expose()))).toEqual([
      '99405b0486ff6a02d288d1f1fc4b2e09729d3541c80144046143cffd0aa59adb',
      '3e386a9ce95f4a9aefab6cb4651c9a2b5123b24de487c1cb767c358f249aa27d',
      '7fdc43b18b9cba6e6abd38f5a2208faab45346f58fb37c16fa1fb70afd57ff81',
      '0202020202020202020202020202020202020202020202020202020202020202',
      '53e8a83c8df6bfbfff4a2e4aa1b455d8a6c9f4f149b09f3d39d66cdf82f9906d',
      '2c4963b19c3209ecd3e10ce9ab5cf805cfe2d75ff0c4b930bbadf0f6657b0505',
      'dffe54c73584a476aaded7149d48812d7feee21507231c2fb760680a66904caf',
    ]);
  });
  it('make a signer that releases what its points were made of', () => {
    const signer = memorySigner(secrets);
    for (const number of [0, 1, 2, 3, 4, 5, 0]) {
      const point = signer.point(number);
      expect(publicKey(signer.releaseSecret(number))).toEqual(point);
    }
    expect(signer.point(0)).not.toEqual(signer.point(1));
    expect(signer.basepoints.payment).toEqual(publicKey(payment.expose()));
    expect(signer.fundingKey(1)).toEqual(publicKey(secrets.funding(1).expose()));
  });
});
