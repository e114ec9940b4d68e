import { fromHex, toHex } from '../base/bytes.ts';
import type { Secp256k1 } from './secp256k1-backend.ts';

// Secrets and hashes are SHA256 of "leyden a", "leyden b", "leyden message", "leyden entropy"; the answers are noble's.
const a = fromHex('659c5fc3b56da86eab137280a117f5cb95cfbfe619f10b13de64d649236c619c');
const b = fromHex('612894aeec7ea3b1263ff0b4bf79417ddff04b3decfb9dbe1790381f4c426706');
const hash = fromHex('bf1106053a977c04af831cb8d07f3f8e9ff023cba5b12328e0f016eb555cf23d');
const entropy = fromHex('b81146b20bf9d564992f0ab825d1eebfdc4f3827bdfbd3ede27ef5f65550c082');
const pointA = fromHex('03ee793b0d7cfac6ddacbc2144113b666dd9d688c8aae8301d9d3bb6139b308500');
const pointB = fromHex('02b7b93dbc0e22c9eb24587e44ae943b73cc368beb946d46845c5496eff78dd0f7');
const ecdsa = fromHex(
  'ca7a2f62b16ce3121eec36d5083259629407fdc19b1b1e9b2dba3855a0395487075db3aa1d798718d002b396dd761c7d037a262591d9b30044d32066096e58a6',
);
const schnorr = fromHex(
  '3ce733b0499ac221f136a5a03bb2b7cad78d3fa5e7bfcc3cb8b0020845420fd506dfd79fec93ef13de9dc9ea4e27484614660b6087ef7e591c021de7d70eeb99',
);
const order = fromHex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141');
// BIP 340 test vector 5: "public key not on the curve"
const offCurve = fromHex('02eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34');

type Answer = Uint8Array | boolean | null;
type KnownAnswer = readonly [operation: string, run: (curve: Secp256k1) => Answer, expected: Answer];

const KNOWN_ANSWERS: readonly KnownAnswer[] = [
  ['isSecretKey', (curve) => curve.isSecretKey(a), true],
  ['isSecretKey of n', (curve) => curve.isSecretKey(order), false],
  ['isPoint', (curve) => curve.isPoint(pointA), true],
  ['isPoint off the curve', (curve) => curve.isPoint(offCurve), false],
  ['isPoint of x past p', (curve) => curve.isPoint(new Uint8Array(33).fill(0xff).fill(2, 0, 1)), false],
  ['publicKey', (curve) => curve.publicKey(a), pointA],
  ['signEcdsa', (curve) => curve.signEcdsa(hash, a), ecdsa],
  [
    'signEcdsa with entropy',
    (curve) => curve.signEcdsa(hash, a, entropy),
    fromHex(
      '5bb29593dce8e35039bf26317819ab65c0dd3d5aef94549ff0275f1d5421d732493bcf31d4490f98cbcfd1af9e3c7923ae7f5af573a3523d6f974e761d8ee22e',
    ),
  ],
  ['verifyEcdsa', (curve) => curve.verifyEcdsa(ecdsa, hash, pointA), true],
  ['verifyEcdsa of another hash', (curve) => curve.verifyEcdsa(ecdsa, entropy, pointA), false],
  ['signRecoverable', (curve) => curve.signRecoverable(hash, a).signature, ecdsa],
  ['recovery id', (curve) => Uint8Array.of(curve.signRecoverable(hash, a).recovery), Uint8Array.of(1)],
  ['recoverPoint', (curve) => curve.recoverPoint(ecdsa, 1, hash), pointA],
  [
    'ecdh',
    (curve) => curve.ecdh(a, pointB),
    fromHex('af54901ee7cd0bfa467ecea07fd3f26359de1ea5761c2ff6ebe0b58d2ca0d8cd'),
  ],
  [
    'multiplyPoint',
    (curve) => curve.multiplyPoint(pointA, b),
    fromHex('0243d220be06f5474cc5a76741d453342bec4a6fea759c9af0e48f97b04467cac7'),
  ],
  [
    'addPoints',
    (curve) => curve.addPoints(pointA, pointB),
    fromHex('036f2891e296748fa15836475ad9e6840332e8d9553187a4e37f9bfa472c0a4b2d'),
  ],
  [
    'sumOfProducts',
    (curve) => curve.sumOfProducts(pointA, b, pointB, b),
    fromHex('03b8dd61c66865e7ce3f9a6f6a5592aeab43c5add22c9e16bde3739e6425da058b'),
  ],
  [
    'tweakPoint',
    (curve) => curve.tweakPoint(pointA, b),
    fromHex('036f2891e296748fa15836475ad9e6840332e8d9553187a4e37f9bfa472c0a4b2d'),
  ],
  [
    'tweakedProduct',
    (curve) => curve.tweakedProduct(pointA, b, hash),
    fromHex('0377eece2a6d7088e3f809cbfbf46b3273b94bec8ad6ed78952af9768a51920a6f'),
  ],
  [
    'addSecrets',
    (curve) => curve.addSecrets(a, b),
    fromHex('c6c4f472a1ec4c1fd15363356091374975c00b2406eca8d1f5f50e686faec8a2'),
  ],
  [
    'multiplySecrets',
    (curve) => curve.multiplySecrets(a, b),
    fromHex('f188afb58a47f7870ce64779d258ca795da4be55b5eac1fe41b7a879eec0d3ff'),
  ],
  [
    'negateSecret',
    (curve) => curve.negateSecret(a),
    fromHex('9a63a03c4a92579154ec8d7f5ee80a3324df1d0095579527e16d8843acc9dfa5'),
  ],
  ['signSchnorr', (curve) => curve.signSchnorr(hash, a, entropy), schnorr],
  ['verifySchnorr', (curve) => curve.verifySchnorr(schnorr, hash, pointA.subarray(1)), true],
  ['verifySchnorr of another key', (curve) => curve.verifySchnorr(schnorr, hash, pointB.subarray(1)), false],
];

const shown = (answer: Answer): string => (answer instanceof Uint8Array ? toHex(answer) : String(answer));

/** The first operation whose answer is wrong, or that throws; null when all are right. Costs about 3 ms in WebAssembly. */
export function wrongAnswer(curve: Secp256k1): string | null {
  for (const [operation, run, expected] of KNOWN_ANSWERS) {
    try {
      if (shown(run(curve)) !== shown(expected)) return operation;
    } catch {
      return operation;
    }
  }
  return null;
}
