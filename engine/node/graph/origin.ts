import { encodeUtf8 } from '../../base/utf8.ts';
import { sha256 } from '../../crypto/hash.ts';

/** A name for these servers, see `Graph.origin`: the same for the same ones in the same order. */
export function originOf(urls: readonly string[]): number {
  const hash = sha256(encodeUtf8(urls.join(' ')));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}
