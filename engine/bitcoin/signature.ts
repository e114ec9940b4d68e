import type { SighashType } from './sighash-type.ts';

/** Signatures of ours that go on chain have low R, so that their DER form with sighash byte has this length at most. */
export const LOW_R_WITNESS_LENGTH = 71;

function derInteger(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const negative = (bytes[start] ?? 0) >= 0x80;
  const content = bytes.subarray(start);
  const integer = new Uint8Array(2 + (negative ? 1 : 0) + content.length);
  integer[0] = 0x02;
  integer[1] = integer.length - 2;
  integer.set(content, integer.length - content.length);
  return integer;
}

/** BIP 66: r ‖ s (64 bytes) as DER, with the sighash byte behind it: as it stands in a witness. */
export function witnessSignature(compact: Uint8Array, type: SighashType): Uint8Array {
  const r = derInteger(compact.subarray(0, 32));
  const s = derInteger(compact.subarray(32, 64));
  const der = new Uint8Array(2 + r.length + s.length + 1);
  der[0] = 0x30;
  der[1] = r.length + s.length;
  der.set(r, 2);
  der.set(s, 2 + r.length);
  der[der.length - 1] = type;
  return der;
}

/** Reads what `witnessSignature` writes; null for anything that BIP 66 refuses. */
export function parseWitnessSignature(
  bytes: Uint8Array,
): { readonly signature: Uint8Array; readonly type: number } | null {
  if (bytes.length < 9 || bytes.length > 73 || bytes[0] !== 0x30 || bytes[1] !== bytes.length - 3)
    return null;
  const signature = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = bytes[at + 1] ?? 0;
    const content = bytes.subarray(at + 2, at + 2 + length);
    const [first = 0, second = 0] = content;
    if (bytes[at] !== 0x02 || length === 0 || at + 2 + length > bytes.length - 1 || first >= 0x80)
      return null;
    if (first === 0 && length > 1 && second < 0x80) return null;
    const digits = first === 0 ? content.subarray(1) : content;
    if (digits.length > 32) return null;
    signature.set(digits, end - digits.length);
    at += 2 + length;
  }
  return at === bytes.length - 1 ? { signature, type: bytes[at] ?? 0 } : null;
}
