import { unreachable } from '../base/assert.ts';
import { OP } from './script.ts';

/** What kind of output a scriptPubKey makes; `hash` and `program` are parts of the script, not copies. */
export type ScriptForm =
  | { readonly tag: 'p2pkh' | 'p2sh'; readonly hash: Uint8Array }
  /** Includes P2WPKH (0, 20 bytes), P2WSH (0, 32), P2TR (1, 32) and those that have no meaning yet. */
  | { readonly tag: 'witness'; readonly version: number; readonly program: Uint8Array }
  | { readonly tag: 'op-return' }
  | { readonly tag: 'other' };

export function scriptForm(script: Uint8Array): ScriptForm {
  const [first = -1, second = -1] = script;
  const { length } = script;
  if (first === OP.RETURN) return { tag: 'op-return' };
  // BIP 141 §Witness program: "a 1-byte push opcode (for 0 to 16) followed by a data push between 2 and 40 bytes"
  const isVersion = first === OP.FALSE || (first >= OP.ONE && first <= OP.SIXTEEN);
  if (isVersion && second >= 2 && second <= 40 && length === second + 2)
    return {
      tag: 'witness',
      version: first === OP.FALSE ? 0 : first - OP.ONE + 1,
      program: script.subarray(2),
    };
  if (
    length === 25 &&
    first === OP.DUP &&
    second === OP.HASH160 &&
    script[2] === 20 &&
    script[23] === OP.EQUALVERIFY &&
    script[24] === OP.CHECKSIG
  )
    return { tag: 'p2pkh', hash: script.subarray(3, 23) };
  if (length === 23 && first === OP.HASH160 && second === 20 && script[22] === OP.EQUAL)
    return { tag: 'p2sh', hash: script.subarray(2, 22) };
  return { tag: 'other' };
}

/** Negotiated features that allow more forms. */
export type ShutdownOptions = { readonly anySegwit: boolean; readonly simpleClose: boolean };

/** BOLT 2 §shutdown: whether `script` is one of the forms that `scriptpubkey` may have. */
export function isShutdownScript(script: Uint8Array, options: ShutdownOptions): boolean {
  const form = scriptForm(script);
  switch (form.tag) {
    case 'witness':
      // BOLT 2 §shutdown: "`OP_0` `20` 20-bytes (version 0 pay to witness pubkey hash), OR `OP_0` `32` 32-bytes"
      if (form.version === 0) return form.program.length === 20 || form.program.length === 32;
      // BOLT 2 §shutdown: "if (and only if) `option_shutdown_anysegwit` is negotiated: `OP_1` through `OP_16`
      // inclusive, followed by a single push of 2 to 40 bytes"
      return options.anySegwit;
    case 'op-return':
      return options.simpleClose && isShutdownReturn(script);
    case 'p2pkh':
    case 'p2sh':
    case 'other':
      return false;
    default:
      return unreachable(form);
  }
}

// BOLT 2 §shutdown: "`OP_RETURN` followed by one of: `6` to `75` inclusive followed by exactly that many bytes; `76`
// followed by `76` to `80` followed by exactly that many bytes"
function isShutdownReturn(script: Uint8Array): boolean {
  const [, second = 0, third = 0] = script;
  if (second >= 6 && second <= 75) return script.length === second + 2;
  return second === OP.PUSHDATA1 && third >= 76 && third <= 80 && script.length === third + 3;
}
