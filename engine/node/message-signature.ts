import { base32nopad } from '@scure/base';
import { concatBytes, toHex } from '../base/bytes.ts';
import { nodeId, type NodeId } from '../base/ids.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { sha256d } from '../crypto/hash.ts';
import { recoverPoint, signRecoverable } from '../crypto/secp256k1.ts';

// The de facto form that LND, Core Lightning and LDK share: zbase32 of (31 + recovery id) and the compact signature.
const PREFIX = encodeUtf8('Lightning Signed Message:');
// zbase32 is base32 with the letters in another order.
const ZBASE32 = 'ybndrfg8ejkmcpqxot1uwisza345h769';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const translate = (text: string, from: string, to: string): string =>
  Array.from(text, (letter) => to[from.indexOf(letter)] ?? '').join('');
const COMPRESSED = 31;

const digest = (message: string): Uint8Array => sha256d(concatBytes(PREFIX, encodeUtf8(message)));

/** 104 characters. */
export function signMessage(message: string, nodeSecret: Uint8Array): string {
  const { signature, recovery } = signRecoverable(digest(message), nodeSecret);
  return translate(
    base32nopad.encode(concatBytes(Uint8Array.of(COMPRESSED + recovery), signature)),
    BASE32,
    ZBASE32,
  );
}

/** Who signed `message`; null when the signature is none. */
export function messageSigner(message: string, signature: string): NodeId | null {
  if (!/^[a-z1-9]{104}$/.test(signature) || ![...signature].every((letter) => ZBASE32.includes(letter)))
    return null;
  const bytes = base32nopad.decode(translate(signature, ZBASE32, BASE32));
  const recovery = (bytes[0] ?? 0) - COMPRESSED;
  if (bytes.length !== 65 || recovery < 0 || recovery > 3) return null;
  const point = recoverPoint(bytes.subarray(1), recovery, digest(message));
  return point === null ? null : nodeId(toHex(point));
}
