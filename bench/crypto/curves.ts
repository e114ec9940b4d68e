/**
 * What the choice of the secp256k1 library rests on: bytes over the wire and microseconds per operation.
 * `npx tsx bench/crypto/curves.ts`; with `npm install --no-save tiny-secp256k1@2.2.4` before it, that one too.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { WasmSecp256k1 } from '@solar-republic/wasm-secp256k1/headless';
import { sha256 } from '../../engine/crypto/hash.ts';
import type { Secp256k1 } from '../../engine/crypto/secp256k1-backend.ts';
import { nobleSecp256k1 } from '../../engine/crypto/secp256k1-noble.ts';
import { wasmSecp256k1 } from '../../engine/crypto/secp256k1-wasm.ts';
import { readExports, SECP256K1_IMPORTS } from '../../engine/crypto/secp256k1-wasm-exports.ts';
import { microseconds, table } from './measure.ts';

const require = createRequire(import.meta.url);
const bytesOf = (length: number, seed: number): Uint8Array => sha256(new Uint8Array(length).fill(seed));
const secret = bytesOf(32, 1);
const scalar = bytesOf(32, 2);
const hash = bytesOf(32, 3);
const point = nobleSecp256k1.publicKey(secret);
const other = nobleSecp256k1.publicKey(scalar);
const signature = nobleSecp256k1.signEcdsa(hash, secret);
const schnorr = nobleSecp256k1.signSchnorr(hash, secret, scalar);

type Operation =
  'publicKey' | 'sign' | 'verify' | 'ecdh' | 'tweak' | 'multiply' | 'add' | 'signSchnorr' | 'verifySchnorr';
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
    ecdh: () => curve.ecdh(secret, other),
    tweak: () => curve.tweakPoint(point, scalar),
    multiply: () => curve.multiplyPoint(point, scalar),
    add: () => curve.addPoints(point, other),
    signSchnorr: () => curve.signSchnorr(hash, secret, scalar),
    verifySchnorr: () => curve.verifySchnorr(schnorr, hash, point.subarray(1)),
  },
});

const solarWasm = readFileSync(
  join(dirname(require.resolve('@solar-republic/wasm-secp256k1/headless')), 'secp256k1.wasm'),
);
const solarSize = brotliCompressSync(solarWasm).length;

async function libraries(): Promise<readonly Library[]> {
  const { instance } = await WebAssembly.instantiate(solarWasm, SECP256K1_IMPORTS);
  const exports = readExports(instance.exports);
  if (exports === null) throw new Error('other exports than ours');
  const solar = await WasmSecp256k1(solarWasm);
  const found: Library[] = [
    ours('noble', 0, nobleSecp256k1),
    ours('solar, called directly (ours)', solarSize, wasmSecp256k1(exports, hash)),
    {
      name: 'solar, by its wrapper',
      brotli: solarSize,
      run: {
        publicKey: () => solar.sk_to_pk(secret),
        sign: () => solar.sign(secret, hash),
        verify: () => solar.verify(signature, hash, point),
        ecdh: () => solar.ecdh(secret, other),
        tweak: () => solar.tweak_pk_add(point, scalar),
        multiply: () => solar.tweak_pk_mul(point, scalar),
      },
    },
  ];
  const tiny = await tinySecp256k1();
  return tiny === null ? found : [...found, tiny];
}

type Tiny = Record<string, (...args: readonly Uint8Array[]) => unknown>;

async function tinySecp256k1(): Promise<Library | null> {
  const name = 'tiny-secp256k1';
  try {
    const tiny = (await import(name)) as Tiny;
    const wasm = readFileSync(join(dirname(require.resolve(name)), '..', 'secp256k1.wasm'));
    return {
      name,
      brotli: brotliCompressSync(wasm).length,
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
