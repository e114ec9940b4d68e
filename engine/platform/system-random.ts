import type { Random } from '../base/ports.ts';

const QUOTA = 65_536;

/** Web Crypto's generator: in pages, workers and Node.js 20 alike. */
export const systemRandom: Random = (length) => {
  const bytes = new Uint8Array(length);
  // getRandomValues refuses more than 65,536 bytes a call.
  for (let at = 0; at < length; at += QUOTA) crypto.getRandomValues(bytes.subarray(at, at + QUOTA));
  return bytes;
};
