import { hmac } from '@noble/hashes/hmac.js';
import { ripemd160 as nobleRipemd160 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { ascii } from './fixtures/ascii.ts';
import {
  hash160,
  hkdfSha256,
  hmacSha256,
  hmacSha256Under,
  ripemd160,
  sha256,
  sha256d,
  taggedHash,
} from './hash.ts';

describe('hashes', () => {
  it('FIPS 180-4: SHA-256 of "abc"', () => {
    expect(toHex(sha256(ascii('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('double SHA-256 of "hello"', () => {
    expect(toHex(sha256d(ascii('hello')))).toBe(
      '9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50',
    );
  });

  it('RIPEMD-160 authors\' vector: "message digest"', () => {
    expect(toHex(ripemd160(ascii('message digest')))).toBe('5d0689ef49d2fae572b881b123a85ffa21595f36');
  });

  it('hash160 of the generator point is BIP 173 example P2WPKH program', () => {
    const generator = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');
    expect(toHex(hash160(generator))).toBe('751e76e8199196d454941c45d1b3a323f1433bd6');
  });

  it('RFC 4231 test case 2: HMAC-SHA-256', () => {
    expect(toHex(hmacSha256(ascii('Jefe'), ascii('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('RFC 5869 test case 1 and 3: HKDF-SHA-256', () => {
    expect(
      toHex(
        hkdfSha256(
          fromHex('000102030405060708090a0b0c'),
          new Uint8Array(22).fill(0x0b),
          fromHex('f0f1f2f3f4f5f6f7f8f9'),
          42,
        ),
      ),
    ).toBe('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
    const empty = new Uint8Array(0);
    expect(toHex(hkdfSha256(empty, new Uint8Array(22).fill(0x0b), empty, 42))).toBe(
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });

  it('BIP 340: a tagged hash is SHA256(SHA256(tag) ‖ SHA256(tag) ‖ message), the second time too', () => {
    const message = ascii('message');
    const tag = sha256(ascii('BIP0340/challenge'));
    const expected = toHex(sha256(Uint8Array.of(...tag, ...tag, ...message)));
    expect(toHex(taggedHash('BIP0340/challenge', message))).toBe(expected);
    expect(toHex(taggedHash('BIP0340/challenge', message))).toBe(expected);
  });

  it('whatever was hashed before, and failed to be, a text hashes as by objects made for it alone', () => {
    const under = hmacSha256Under(ascii('key'));
    const tag = sha256(ascii('tag'));
    const each = {
      sha256: { ours: sha256, anew: nobleSha256 },
      ripemd160: { ours: ripemd160, anew: nobleRipemd160 },
      hmac: { ours: under, anew: (bytes: Uint8Array) => hmac(nobleSha256, ascii('key'), bytes) },
      tagged: {
        ours: (bytes: Uint8Array) => taggedHash('tag', bytes),
        anew: (bytes: Uint8Array) => nobleSha256(Uint8Array.of(...tag, ...tag, ...bytes)),
      },
    };
    // Around the borders of a block of 64 bytes, where a buffer is left half full.
    const text = fc.uint8Array({ maxLength: 200 });
    const calls = fc.array(
      fc.tuple(fc.constantFrom('sha256', 'ripemd160', 'hmac', 'tagged'), fc.option(text)),
    );
    fc.assert(
      fc.property(calls, (made) => {
        for (const [name, bytes] of made) {
          const { ours, anew } = each[name];
          if (bytes === null) expect(() => ours('no bytes' as unknown as Uint8Array)).toThrow(TypeError);
          else expect(toHex(ours(bytes))).toBe(toHex(anew(bytes)));
        }
      }),
    );
  });

  it('what was made of a text stays as it is', () => {
    const first = sha256(ascii('first'));
    const kept = toHex(first);
    sha256(ascii('second'));
    expect(toHex(first)).toBe(kept);
  });
});
