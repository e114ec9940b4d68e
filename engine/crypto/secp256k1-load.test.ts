import { beforeEach, describe, expect, it, vi } from 'vitest';
import { instantiateSecp256k1 } from '../platform/secp256k1-node.ts';
import { installSecp256k1, publicKey } from './secp256k1.ts';
import { wrongAnswer } from './secp256k1-known-answers.ts';
import { loadSecp256k1 } from './secp256k1-load.ts';
import { nobleSecp256k1 } from './secp256k1-noble.ts';

const random = (length: number): Uint8Array => new Uint8Array(length).fill(9);
const noblePublicKey = vi.spyOn(nobleSecp256k1, 'publicKey');

/** Whether noble is what answers now. */
function nobleAnswers(): boolean {
  noblePublicKey.mockClear();
  publicKey(new Uint8Array(32).fill(1));
  return noblePublicKey.mock.calls.length === 1;
}

beforeEach(() => installSecp256k1(nobleSecp256k1));

describe('loadSecp256k1', () => {
  it('starts with noble and puts WebAssembly in its place', async () => {
    expect(nobleAnswers()).toBe(true);
    expect(await loadSecp256k1(instantiateSecp256k1, random)).toEqual({ ok: true, value: undefined });
    expect(nobleAnswers()).toBe(false);
  });

  it('keeps noble when the bytes do not arrive', async () => {
    const failure = await loadSecp256k1(() => Promise.reject(new Error('HTTP 404')), random);
    expect(failure).toEqual({ ok: false, error: { code: 'unavailable', detail: 'Error: HTTP 404' } });
    expect(nobleAnswers()).toBe(true);
  });

  it('keeps noble when an export is missing', async () => {
    const failure = await loadSecp256k1(async () => {
      const { secp256k1_ecdsa_recover: _missing, ...rest } = await instantiateSecp256k1();
      return rest;
    }, random);
    expect(failure).toEqual({ ok: false, error: { code: 'unknown-version' } });
    expect(nobleAnswers()).toBe(true);
  });

  it('keeps noble when there is no memory', async () => {
    const failure = await loadSecp256k1(async () => {
      const { memory: _missing, ...rest } = await instantiateSecp256k1();
      return rest;
    }, random);
    expect(failure).toEqual({ ok: false, error: { code: 'unknown-version' } });
    expect(nobleAnswers()).toBe(true);
  });

  it('keeps noble when two exports have changed places', async () => {
    const failure = await loadSecp256k1(async () => {
      const exports = await instantiateSecp256k1();
      const [add, multiply] = ['secp256k1_ec_seckey_tweak_add', 'secp256k1_ec_seckey_tweak_mul'];
      return { ...exports, [add]: exports[multiply], [multiply]: exports[add] };
    }, random);
    expect(failure).toEqual({ ok: false, error: { code: 'wrong-answer', operation: 'addSecrets' } });
    expect(nobleAnswers()).toBe(true);
  });

  it('asks noble the same questions', () => {
    expect(wrongAnswer(nobleSecp256k1)).toBeNull();
  });

  it.each(Object.keys(nobleSecp256k1))('notices a %s that is wrong or throws', (operation) => {
    const wrong = { ...nobleSecp256k1, [operation]: () => new Uint8Array(32) };
    const throwing = {
      ...nobleSecp256k1,
      [operation]: () => {
        throw new Error('broken');
      },
    };
    expect(wrongAnswer(wrong)).not.toBeNull();
    expect(wrongAnswer(throwing)).not.toBeNull();
  });
});
