import { expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { openXChaCha20Poly1305, SEAL_LENGTH, sealXChaCha20Poly1305 } from './xchacha20.ts';

// draft-irtf-cfrg-xchacha-03, A.3.1.
const key = fromHex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
const nonce = fromHex('404142434445464748494a4b4c4d4e4f5051525354555657');
const aad = fromHex('50515253c0c1c2c3c4c5c6c7');
const plain = encodeUtf8(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);
const sealed = fromHex(
  '404142434445464748494a4b4c4d4e4f5051525354555657' +
    'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb' +
    '731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452' +
    '2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9' +
    '21f9664c97637da9768812f615c68b13b52e' +
    'c0875924c1c7987947deafd8780acf49',
);

test('the draft’s vector, both ways', () => {
  expect(toHex(sealXChaCha20Poly1305(key, aad, plain, () => nonce))).toBe(toHex(sealed));
  expect(openXChaCha20Poly1305(key, aad, sealed)).toEqual(plain);
});

test('nothing opens that was changed, cut short, or is under other data', () => {
  for (let at = 0; at < sealed.length; at++) {
    const changed = sealed.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(openXChaCha20Poly1305(key, aad, changed)).toBeNull();
    expect(openXChaCha20Poly1305(key, aad, sealed.subarray(0, at))).toBeNull();
  }
  expect(openXChaCha20Poly1305(key, concatBytes(aad, aad), sealed)).toBeNull();
  expect(openXChaCha20Poly1305(plain.slice(0, 32), aad, sealed)).toBeNull();
});

test('an empty text is sealed too', () => {
  const empty = sealXChaCha20Poly1305(key, aad, new Uint8Array(), () => nonce);
  expect(empty.length).toBe(SEAL_LENGTH);
  expect(openXChaCha20Poly1305(key, aad, empty)).toEqual(new Uint8Array());
});
