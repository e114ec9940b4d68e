import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { chacha20, openChaCha20Poly1305, sealChaCha20Poly1305 } from './chacha20.ts';
import { ascii } from './fixtures/ascii.ts';

describe('ChaCha20 and ChaCha20-Poly1305', () => {
  it('RFC 8439 §A.1: keystream of vectors 1 and 3', () => {
    const zero = new Uint8Array(64);
    expect(toHex(chacha20(new Uint8Array(32), new Uint8Array(12), zero))).toBe(
      '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586',
    );
    const secondNonce = fromHex('000000000000000000000002');
    expect(toHex(chacha20(new Uint8Array(32), secondNonce, zero))).toBe(
      'c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c78a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d',
    );
  });

  it('RFC 8439 §2.8.2: the AEAD example', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
    const nonce = fromHex('070000004041424344454647');
    const aad = fromHex('50515253c0c1c2c3c4c5c6c7');
    const plain = ascii(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    );
    const sealed = sealChaCha20Poly1305(key, nonce, aad, plain);
    expect(toHex(sealed)).toBe(
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116' +
        '1ae10b594f09e26a7e902ecbd0600691',
    );
    expect(openChaCha20Poly1305(key, nonce, aad, sealed)).toEqual(plain);
  });

  it('opens nothing that was changed, cut short, or sealed with other data', () => {
    const key = new Uint8Array(32).fill(1);
    const nonce = new Uint8Array(12).fill(2);
    const aad = ascii('aad');
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (plain, n, change) => {
          const sealed = sealChaCha20Poly1305(key, nonce, aad, plain);
          const at = n % sealed.length;
          const changed = sealed.slice();
          changed[at] = (changed[at] ?? 0) ^ change;
          expect(openChaCha20Poly1305(key, nonce, aad, sealed)).toEqual(plain);
          expect(openChaCha20Poly1305(key, nonce, aad, changed)).toBeNull();
          expect(openChaCha20Poly1305(key, nonce, aad, sealed.subarray(0, at))).toBeNull();
          expect(openChaCha20Poly1305(key, nonce, ascii('daa'), sealed)).toBeNull();
        },
      ),
    );
  });
});
