import { scryptAsync } from '@noble/hashes/scrypt.js';
import type { Clock } from '../base/ports.ts';
import { encodeUtf8 } from '../base/utf8.ts';

/**
 * RFC 7914. Memory is 128 · r · 2^logN bytes; `r` 8 and `p` 1 are what the RFC recommends.
 * Chosen over Argon2id by measuring: in JavaScript, scrypt makes a guess cost several times more memory in the same
 * time (64 MiB in 280 ms, Argon2id 19 MiB in 210 ms).
 */
export type ScryptCost = { readonly logN: number; readonly r: number; readonly p: number };

/** Never cheaper: 32 MiB. What OWASP calls the least, a phone of ten years ago does in about two seconds. */
const LEAST = 15;
/** Never dearer: 128 MiB. A phone's browser ends tabs that ask for much more. */
const MOST = 17;
/** Costs that are read are refused past this. */
const REFUSED = 20;

/** How long a person waits at each unlocking. */
const TARGET_MS = 700;
const SAMPLE = 12;

/** What this device does in about `TARGET_MS`, between fixed bounds. Measured on a small sample: cost doubles with logN. */
export async function tuneScrypt(clock: Pick<Clock, 'monotonicMs'>): Promise<ScryptCost> {
  const sample = { logN: SAMPLE, r: 8, p: 1 };
  // The first run pays for compiling.
  await scrypt('sample', new Uint8Array(16), sample);
  const start = clock.monotonicMs();
  await scrypt('sample', new Uint8Array(16), sample);
  const took = Math.max(1, clock.monotonicMs() - start);
  const logN = SAMPLE + Math.floor(Math.log2(TARGET_MS / took));
  return { logN: Math.min(MOST, Math.max(LEAST, logN)), r: 8, p: 1 };
}

/**
 * What is written on a disk may ask for less than 1 GiB. The library throws at some costs that ask for just as much, and
 * a keyring that cannot be tried would be neither opened nor told to be damaged.
 */
export const isBearable = ({ logN, r, p }: ScryptCost): boolean =>
  logN >= 1 && logN <= REFUSED && r >= 1 && r <= 16 && p >= 1 && p <= 16 && 128 * r * p * 2 ** logN < 2 ** 30;

/** The same for every keyboard and system: what each of them makes of a letter with an accent differs. */
export const normalised = (passphrase: string): string => passphrase.normalize('NFKC');

/** 32 bytes. Gives way to other work every few milliseconds. */
export const scrypt = (
  passphrase: string,
  salt: Uint8Array,
  { logN, r, p }: ScryptCost,
): Promise<Uint8Array> =>
  scryptAsync(encodeUtf8(normalised(passphrase)), salt, {
    N: 2 ** logN,
    r,
    p,
    dkLen: 32,
    asyncTick: 10,
  });
