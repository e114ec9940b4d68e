import * as fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { wasmBackend } from '../testkit/wasm-backend.ts';
import { sha256 } from './hash.ts';
import type { Secp256k1 } from './secp256k1-backend.ts';
import { nobleSecp256k1 as noble } from './secp256k1-noble.ts';
import { installSecp256k1, wrongSignature } from './secp256k1.ts';

const N = BigInt('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
const ofNumber = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));
const hashOf = (...seed: number[]): Uint8Array => sha256(Uint8Array.from(seed));

let wasm: Secp256k1;
beforeAll(async () => {
  wasm = await wasmBackend();
  installSecp256k1(wasm);
});

type Signed = { readonly signatures: Uint8Array[]; readonly hashes: Uint8Array[]; readonly key: Uint8Array };

function signed(secret: Uint8Array, hashes: Uint8Array[]): Signed {
  return {
    key: wasm.publicKey(secret),
    hashes,
    signatures: hashes.map((hash) => wasm.signEcdsa(hash, secret)),
  };
}

const many = (count: number, seed = 1): Signed =>
  signed(
    hashOf(seed),
    Array.from({ length: count }, (_, i) => hashOf(seed, i & 0xff, i >> 8)),
  );

const accepts = ({ signatures, hashes, key }: Signed): boolean => wasm.areSignatures(signatures, hashes, key);
const judge = ({ signatures, hashes, key }: Signed): number | null => wrongSignature(signatures, hashes, key);

describe('many signatures by one key', () => {
  it('are accepted together, up to more than a commitment has, and by one key after another', () => {
    for (const [count, seed] of [
      [966, 2],
      [32, 3],
      [483, 1],
    ] as const)
      expect(accepts(many(count, seed))).toBe(true);
  });

  it('are judged one by one when they are few', () => {
    expect(accepts(many(3))).toBe(false);
    expect(judge(many(3))).toBeNull();
    expect(judge({ signatures: [], hashes: [], key: many(1).key })).toBeNull();
  });

  it('one that was changed by a bit is found', () => {
    const good = many(64);
    fc.assert(
      fc.property(
        fc.nat(63),
        fc.nat(63),
        fc.nat(7),
        fc.constantFrom('signatures', 'hashes'),
        (which, at, bit, of) => {
          const changed = (good[of][which] ?? good.key).slice();
          const byte = at % changed.length;
          changed[byte] = (changed[byte] ?? 0) ^ (1 << bit);
          const bad = { ...good, [of]: good[of].with(which, changed) };
          expect(accepts(bad)).toBe(false);
          expect(judge(bad)).toBe(which);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('the first of several is found, also where one has no 64 bytes', () => {
    const { signatures, hashes, key } = many(40);
    const bad = signatures.with(7, new Uint8Array(63)).with(9, signatures[8] ?? key);
    expect(judge({ signatures: bad, hashes, key })).toBe(7);
  });

  it('by another key are refused', () => {
    expect(accepts({ ...many(40), key: many(1, 2).key })).toBe(false);
  });

  it('with a high S are refused, as alone', () => {
    const { signatures, hashes, key } = many(40);
    const good = signatures[0] ?? key;
    const high = Uint8Array.of(
      ...good.subarray(0, 32),
      ...ofNumber(N - BigInt(`0x${Buffer.from(good.subarray(32)).toString('hex')}`)),
    );
    expect(judge({ signatures: signatures.with(0, high), hashes, key })).toBe(0);
  });

  it.each([0n, N, N + 5n, 2n ** 256n - 1n])('with r or s of %s are refused', (value) => {
    const { signatures, hashes, key } = many(40);
    const good = signatures[3] ?? key;
    for (const at of [0, 32]) {
      const strange = good.slice();
      strange.set(ofNumber(value), at);
      expect(judge({ signatures: signatures.with(3, strange), hashes, key })).toBe(3);
    }
  });

  it('of hashes that are zero, n, or past it are judged as alone', () => {
    for (const value of [0n, N, N + 1n, 2n ** 256n - 1n]) {
      const { hashes } = many(40);
      expect(judge(signed(hashOf(1), hashes.with(5, ofNumber(value))))).toBeNull();
    }
  });

  it.each([1n, 2n, 255n, 256n, N - 1n, (N + 1n) / 2n])(
    'by the key %s, whose multiples meet those of G',
    (secret) => {
      const good = signed(ofNumber(secret), many(40).hashes);
      expect(judge(good)).toBeNull();
      expect(judge({ ...good, signatures: good.signatures.with(4, good.signatures[5] ?? good.key) })).toBe(4);
    },
  );

  it('whose sums meet a multiple half-way are judged one by one', () => {
    // By the key 1 both tables are the same: u1·G + u2·G doubles where their digits are so chosen.
    const key = wasm.publicKey(ofNumber(1n));
    const { signatures, hashes } = signed(ofNumber(1n), many(40).hashes);
    // hash = r: u1 = u2, and the first row of the second table meets the sum.
    const r = signatures[0]?.slice(0, 32) ?? key;
    const strange = Uint8Array.of(...r, ...r);
    const all = { signatures: signatures.with(0, strange), hashes: hashes.with(0, r), key };
    expect(judge(all)).toBe(noble.verifyEcdsa(strange, r, key) ? null : 0);
  });

  it('are judged one by one where a module of ours cannot be made', async () => {
    const compile = vi.spyOn(WebAssembly, 'Module').mockImplementation(function refuse() {
      throw new WebAssembly.CompileError('refused');
    });
    try {
      const other = await wasmBackend();
      const { signatures, hashes, key } = many(40);
      expect(other.areSignatures(signatures, hashes, key)).toBe(false);
    } finally {
      compile.mockRestore();
    }
  });
});
