import { encodeUtf8 } from '../../base/utf8.ts';
import { sha256 } from '../../crypto/hash.ts';

/** A name for these servers, in this order. */
function nameOf(urls: readonly string[]): number {
  const hash = sha256(encodeUtf8(urls.join(' ')));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}

/** Of a map of `origin` (see `Graph.origin`) that `url` tells more of: all that are on the list, where it was another. */
export const originWith = (origin: number, url: string, urls: readonly string[]): number =>
  origin === 0 || origin === nameOf([url]) ? nameOf([url]) : nameOf(urls);

/** Whether servers told of it that are not on the list any more. */
export const isOfOthers = (origin: number, urls: readonly string[]): boolean =>
  ![0, nameOf(urls), ...urls.map((url) => nameOf([url]))].includes(origin);
