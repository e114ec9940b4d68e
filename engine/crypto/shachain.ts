import { assert } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { err, ok, type Result } from '../base/result.ts';
import { sha256 } from './hash.ts';
import { Secret } from './secret.ts';

/** The index of the first per-commitment secret, 2^48 - 1; it falls by one with each commitment. */
export const FIRST_INDEX = 0xffff_ffff_ffff;
const BITS = 48;

/** A secret that the peer gave us, at the highest trailing-zero count it stands for. */
export type ShachainEntry = { readonly index: number; readonly secret: Uint8Array };
/** BOLT 3 §Efficient Per-commitment Secret Storage: 49 places, one by each count of trailing zeros of the index. */
export type ShachainStore = readonly (ShachainEntry | null)[];
export type ShachainError =
  /** Not the index after the last one. */
  | { readonly code: 'out-of-order'; readonly expected: number }
  /** An earlier secret does not follow from this one: the peer lies. */
  | { readonly code: 'inconsistent'; readonly index: number };

export const EMPTY_SHACHAIN: ShachainStore = Array<null>(BITS + 1).fill(null);

function assertIndex(index: number): void {
  assert(Number.isInteger(index) && index >= 0 && index <= FIRST_INDEX, 'shachain index');
}

const bitOf = (index: number, bit: number): boolean => Math.floor(index / 2 ** bit) % 2 === 1;

// BOLT 3 §Efficient Per-commitment Secret Storage: "derive_secret(base, bits, I)"; stops before the lowest `kept` bits.
function deriveSecret(base: Uint8Array, bits: number, index: number, kept = 0): Uint8Array {
  let secret: Uint8Array = base.slice();
  for (let bit = bits - 1; bit >= kept; bit--) {
    if (!bitOf(index, bit)) continue;
    const byte = bit >> 3;
    secret[byte] = (secret[byte] ?? 0) ^ (1 << (bit & 7));
    secret = sha256(secret);
  }
  return secret;
}

/** BOLT 3 §Per-commitment Secret Requirements: the secret at `index` (0 … 2^48 - 1) of our own chain. */
export function perCommitmentSecret(seed: Uint8Array, index: number): Uint8Array {
  assertIndex(index);
  assert(seed.length === 32, 'shachain seed');
  return deriveSecret(seed, BITS, index);
}

/** Indexes that differ in these bits alone share all that comes before. */
const NEAR_BITS = 12;

/**
 * `perCommitmentSecret` for one seed and indexes that lie near each other, as those of a channel do: what they share
 * is computed once, which is three quarters of it.
 */
export function perCommitmentSecrets(seed: Secret): (index: number) => Uint8Array {
  let shared: { readonly upper: number; readonly secret: Secret } | null = null;
  return (index) => {
    assertIndex(index);
    const upper = Math.floor(index / 2 ** NEAR_BITS);
    if (shared?.upper !== upper) {
      shared?.secret.wipe();
      shared = { upper, secret: new Secret(deriveSecret(seed.expose(), BITS, index, NEAR_BITS)) };
    }
    return deriveSecret(shared.secret.expose(), NEAR_BITS, index);
  };
}

/** The place of `index` in the store: its count of trailing zeros. Inserting changes this place alone. */
export function placeOf(index: number): number {
  assertIndex(index);
  for (let bit = 0; bit < BITS; bit++) if (bitOf(index, bit)) return bit;
  return BITS;
}

/** The index that must be inserted next; -1 when the chain is used up. */
export function nextIndex(store: ShachainStore): number {
  let lowest = FIRST_INDEX + 1;
  for (const entry of store) if (entry !== null && entry.index < lowest) lowest = entry.index;
  return lowest - 1;
}

/** BOLT 3 `insert_secret`: indexes come in falling order without gaps. */
export function insertSecret(
  store: ShachainStore,
  index: number,
  secret: Uint8Array,
): Result<ShachainStore, ShachainError> {
  assertIndex(index);
  assert(secret.length === 32, 'per-commitment secret');
  const expected = nextIndex(store);
  if (index !== expected) return err({ code: 'out-of-order', expected });
  const place = placeOf(index);
  for (let lower = 0; lower < place; lower++) {
    const known = store[lower];
    if (!known) continue;
    // BOLT 3: "if known[b].secret != derive_secret(secret, B, known[b].index): error The secret for I is incorrect"
    if (!equalBytes(deriveSecret(secret, place, known.index), known.secret))
      return err({ code: 'inconsistent', index: known.index });
  }
  return ok(store.with(place, { index, secret: secret.slice() }));
}

/** BOLT 3 `derive_old_secret`; null when the peer has not revoked `index` yet. */
export function lookupSecret(store: ShachainStore, index: number): Uint8Array | null {
  assertIndex(index);
  for (let place = 0; place <= BITS; place++) {
    const known = store[place];
    if (!known) continue;
    const span = 2 ** place;
    if (index - (index % span) === known.index) return deriveSecret(known.secret, place, index);
  }
  return null;
}
