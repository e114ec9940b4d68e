import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assert } from '../../base/assert.ts';
import { fromHex } from '../../base/bytes.ts';
import { traceRecorder } from '../../testkit/trace-recorder.ts';
import { sha256 } from '../hash.ts';
import { wrongAnswer } from '../secp256k1-known-answers.ts';
import { nobleSecp256k1 as noble } from '../secp256k1-noble.ts';
import { wasmSecp256k1 } from '../secp256k1-wasm.ts';
import { readExports } from '../secp256k1-wasm-exports.ts';

// What is held: that the module takes the same branches, gives the same side of each select, reads and writes the same
// places, and copies the same lengths whatever the secret. Not held: what an engine's compiler makes of it.

const FILE = new URL('../../../node_modules/.cache/leyden-curve/secp256k1.wasm', import.meta.url);
const recorder = await traceRecorder(await readFile(FILE));
const wasm = readExports(recorder.exports);
assert(wasm !== null, 'exports');
const { record, parting, untold } = recorder;

/** Hears what is given a secret; what these four are given is public. */
const curve = wasmSecp256k1(
  {
    ...wasm,
    pubkeyParse: untold(wasm.pubkeyParse),
    pubkeySerialize: untold(wasm.pubkeySerialize),
    pubkeyCombine: untold(wasm.pubkeyCombine),
    recoverableSerializeCompact: untold(wasm.recoverableSerializeCompact),
  },
  sha256(Uint8Array.of(1)),
);

const N = BigInt('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
const ofNumber = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0'));
/** Low, high, around half, and of each of the library's 32-bit limbs alone: its comparisons with n end at one. */
const EDGES = [
  [1n, 2n, 3n, N - 1n, N - 2n, N / 2n, N / 2n + 1n, 2n ** 255n, (2n ** 256n - 1n) / 15n],
  [32n, 64n, 96n, 128n, 160n, 192n, 224n].flatMap((bits) => [2n ** bits, N - 2n ** bits]),
]
  .flat()
  .map(ofNumber);
const drawn = fc.sample(
  fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map(sha256)
    .filter((bytes) => noble.isSecretKey(bytes)),
  6,
);
const SECRETS = [...drawn, ...EDGES];

const hash = sha256(Uint8Array.of(2));
const other = sha256(Uint8Array.of(3));
const point = noble.publicKey(other);
const aux = sha256(Uint8Array.of(4));

type Operation = (secret: Uint8Array) => unknown;
const tracesOf = (operation: Operation) => SECRETS.map((secret) => record(() => operation(secret)));

function expectSame([first = new Int32Array(), ...rest]: readonly Int32Array[]): void {
  expect(first.length).toBeGreaterThan(0);
  expect(rest.map((trace) => parting(first, trace))).toEqual(rest.map(() => null));
}

describe('does the same whatever the secret', () => {
  it.each<[string, Operation]>([
    ['isSecretKey', (secret) => curve.isSecretKey(secret)],
    ['publicKey', (secret) => curve.publicKey(secret)],
    ['signEcdsa', (secret) => curve.signEcdsa(hash, secret)],
    ['signEcdsa, the entropy', (secret) => curve.signEcdsa(hash, other, secret)],
    ['signRecoverable', (secret) => curve.signRecoverable(hash, secret)],
    ['ecdh', (secret) => curve.ecdh(secret, point)],
    ['tweakPoint', (secret) => curve.tweakPoint(point, secret)],
    ['negateSecret', (secret) => curve.negateSecret(secret)],
    ['addSecrets', (secret) => curve.addSecrets(secret, other)],
    ['addSecrets, the scalar', (secret) => curve.addSecrets(other, secret)],
    ['multiplySecrets', (secret) => curve.multiplySecrets(secret, other)],
    ['multiplySecrets, the factor', (secret) => curve.multiplySecrets(other, secret)],
  ])('%s', (_, operation) => expectSame(tracesOf(operation)));

  it('what blinds the context, and the key pair of BIP 340', () => {
    const context = wasm.contextCreate(0x301);
    const [secretAt, keypairAt] = [wasm.malloc(32), wasm.malloc(96)];
    const heap = new Uint8Array(wasm.memory.buffer);
    for (const use of [
      () => wasm.contextRandomize(context, secretAt),
      () => wasm.keypairCreate(context, keypairAt, secretAt),
    ])
      expectSame(
        SECRETS.map((secret) => {
          heap.set(secret, secretAt);
          return record(() => expect(use()).toBe(1));
        }),
      );
  });

  // BIP 340: "Let d = d' if has_even_y(P), otherwise let d = n - d'", and so for R: the library branches on both.
  it('signSchnorr, but for whether the y of two points are even', () => {
    const apart: Int32Array[] = [];
    for (const trace of tracesOf((secret) => curve.signSchnorr(hash, secret, aux)))
      if (apart.every((seen) => parting(seen, trace) !== null)) apart.push(trace);
    expect(apart).toHaveLength(4);
  });
});

describe('the trace', () => {
  it('parts for each factor of multiplyPoint, which is for public numbers', () => {
    const [first = new Int32Array(), ...rest] = tracesOf((scalar) => curve.multiplyPoint(point, scalar));
    for (const trace of rest) expect(parting(first, trace)).toMatch(/^function \d+, byte \d+: /);
  });

  it('is of a module that answers as the one it is made of', () => {
    expect(wrongAnswer(curve)).toBeNull();
  });
});
