/**
 * What the choice of the secp256k1 library rests on: bytes over the wire and microseconds per operation.
 * `npx tsx bench/crypto/curves.ts`; with `npm install --no-save tiny-secp256k1@2.2.4
 * @solar-republic/wasm-secp256k1@0.6.3` before it, these too.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { sha256 } from '../../engine/crypto/hash.ts';
import type { Secp256k1 } from '../../engine/crypto/secp256k1-backend.ts';
import { nobleSecp256k1 } from '../../engine/crypto/secp256k1-noble.ts';
import { wasmSecp256k1 } from '../../engine/crypto/secp256k1-wasm.ts';
import { readExports } from '../../engine/crypto/secp256k1-wasm-exports.ts';
import { instantiateSecp256k1 } from '../../engine/platform/secp256k1-node.ts';
import { microseconds, table } from './measure.ts';

const require = createRequire(import.meta.url);
const bytesOf = (length: number, seed: number): Uint8Array => sha256(new Uint8Array(length).fill(seed));
const secret = bytesOf(32, 1);
const scalar = bytesOf(32, 2);
const hash = bytesOf(32, 3);
const point = nobleSecp256k1.publicKey(secret);
const other = nobleSecp256k1.publicKey(scalar);
const signature = nobleSecp256k1.signEcdsa(hash, secret);
const recoverable = nobleSecp256k1.signRecoverable(hash, secret);
const schnorr = nobleSecp256k1.signSchnorr(hash, secret, scalar);

type Operation =
  | 'publicKey'
  | 'sign'
  | 'verify'
  | 'recover'
  | 'ecdh'
  | 'tweak'
  | 'multiply'
  | 'add'
  | 'signSchnorr'
  | 'verifySchnorr';
type Library = {
  readonly name: string;
  readonly brotli: number;
  readonly run: Partial<Record<Operation, () => unknown>>;
};

const ours = (name: string, brotli: number, curve: Secp256k1): Library => ({
  name,
  brotli,
  run: {
    publicKey: () => curve.publicKey(secret),
    sign: () => curve.signEcdsa(hash, secret),
    verify: () => curve.verifyEcdsa(signature, hash, point),
    recover: () => curve.recoverPoint(recoverable.signature, recoverable.recovery, hash),
    ecdh: () => curve.ecdh(secret, other),
    tweak: () => curve.tweakPoint(point, scalar),
    multiply: () => curve.multiplyPoint(point, scalar),
    add: () => curve.addPoints(point, other),
    signSchnorr: () => curve.signSchnorr(hash, secret, scalar),
    verifySchnorr: () => curve.verifySchnorr(schnorr, hash, point.subarray(1)),
  },
});

const MODULE = fileURLToPath(
  new URL('../../node_modules/.cache/leyden-curve/secp256k1.wasm', import.meta.url),
);
const brotliOf = (path: string): number => brotliCompressSync(readFileSync(path)).length;

async function libraries(): Promise<readonly Library[]> {
  const exports = readExports(await instantiateSecp256k1());
  if (exports === null) throw new Error('other exports than ours');
  const others = [await solarSecp256k1(), await tinySecp256k1()];
  return [
    ours('noble', 0, nobleSecp256k1),
    ours('libsecp256k1 (ours)', brotliOf(MODULE), wasmSecp256k1(exports, hash)),
    ...others.filter((library) => library !== null),
  ];
}

type Solar = Record<string, (...args: readonly Uint8Array[]) => unknown>;

async function solarSecp256k1(): Promise<Library | null> {
  const name = '@solar-republic/wasm-secp256k1/headless';
  try {
    const { WasmSecp256k1 } = (await import(name)) as {
      WasmSecp256k1: (wasm: Uint8Array) => Promise<Solar>;
    };
    const path = join(dirname(require.resolve(name)), 'secp256k1.wasm');
    const solar = await WasmSecp256k1(readFileSync(path));
    return {
      name: 'solar, by its wrapper',
      brotli: brotliOf(path),
      run: {
        publicKey: () => solar['sk_to_pk']?.(secret),
        sign: () => solar['sign']?.(secret, hash),
        verify: () => solar['verify']?.(signature, hash, point),
        ecdh: () => solar['ecdh']?.(secret, other),
        tweak: () => solar['tweak_pk_add']?.(point, scalar),
        multiply: () => solar['tweak_pk_mul']?.(point, scalar),
      },
    };
  } catch {
    return null;
  }
}

type Tiny = Record<string, (...args: readonly Uint8Array[]) => unknown>;

async function tinySecp256k1(): Promise<Library | null> {
  const name = 'tiny-secp256k1';
  try {
    const tiny = (await import(name)) as Tiny;
    return {
      name,
      brotli: brotliOf(join(dirname(require.resolve(name)), '..', 'secp256k1.wasm')),
      run: {
        publicKey: () => tiny['pointFromScalar']?.(secret),
        sign: () => tiny['sign']?.(hash, secret),
        verify: () => tiny['verify']?.(hash, point, signature),
        ecdh: () => tiny['pointMultiply']?.(other, secret),
        tweak: () => tiny['pointAddScalar']?.(point, scalar),
        multiply: () => tiny['pointMultiply']?.(point, scalar),
        add: () => tiny['pointAdd']?.(point, other),
        signSchnorr: () => tiny['signSchnorr']?.(hash, secret),
        verifySchnorr: () => tiny['verifySchnorr']?.(hash, point.subarray(1), schnorr),
      },
    };
  } catch {
    return null;
  }
}

const OPERATIONS: readonly Operation[] = [
  'publicKey',
  'sign',
  'verify',
  'recover',
  'ecdh',
  'tweak',
  'multiply',
  'add',
  'signSchnorr',
  'verifySchnorr',
];

const rows = (await libraries()).map(({ name, brotli, run }) => [
  name,
  `${(brotli / 1000).toFixed(0)} kB`,
  ...OPERATIONS.map((operation) => {
    const call = run[operation];
    return call === undefined ? '-' : microseconds(call).toFixed(0);
  }),
]);
console.log(table(['µs an operation', 'brotli', ...OPERATIONS], rows));
