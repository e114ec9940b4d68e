import { assert } from '../base/assert.ts';
import { p2pkhOfHash, p2shOfHash, witnessProgram } from '../bitcoin/script.ts';
import { scriptForm } from '../bitcoin/script-form.ts';
import { bytesOfWords, wordsOfBytes } from './words.ts';

// BOLT 11 §Tagged Fields: "a valid witness version and program, OR to 17 followed by a public key hash, OR to 18
// followed by a script hash."
const PUBKEY_HASH = 17;
const SCRIPT_HASH = 18;

/** The scriptPubKey of an `f` field; null for what BOLT 11 has readers skip. */
export function fallbackScript(words: Uint8Array): Uint8Array | null {
  const version = words[0];
  const program = bytesOfWords(words.subarray(1));
  if (version === undefined) return null;
  if (version === PUBKEY_HASH) return program.length === 20 ? p2pkhOfHash(program) : null;
  if (version === SCRIPT_HASH) return program.length === 20 ? p2shOfHash(program) : null;
  // "MUST skip over f fields that use an unknown version."
  if (version > 16) return null;
  if (version === 0 && program.length !== 20 && program.length !== 32) return null;
  return program.length >= 2 && program.length <= 40 ? witnessProgram(version, program) : null;
}

/** @throws {Bug} for a script that has no address. */
export function fallbackWords(script: Uint8Array): Uint8Array {
  const form = scriptForm(script);
  assert(
    form.tag === 'witness' || form.tag === 'p2pkh' || form.tag === 'p2sh',
    'fallback without an address',
  );
  const [version, program] =
    form.tag === 'witness'
      ? [form.version, form.program]
      : [form.tag === 'p2pkh' ? PUBKEY_HASH : SCRIPT_HASH, form.hash];
  const rest = wordsOfBytes(program);
  const words = new Uint8Array(1 + rest.length);
  words[0] = version;
  words.set(rest, 1);
  return words;
}
