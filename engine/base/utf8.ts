/** The UTF-8 bytes of a text; a lone surrogate becomes U+FFFD, as in every browser. */
export function encodeUtf8(text: string): Uint8Array {
  // Never more than three bytes to a code unit.
  const bytes = new Uint8Array(3 * text.length);
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) ?? 0;
    const scalar = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
    if (scalar < 0x80) {
      bytes[count++] = scalar;
      continue;
    }
    if (scalar < 0x800) bytes[count++] = 0xc0 | (scalar >> 6);
    else {
      if (scalar < 0x1_0000) bytes[count++] = 0xe0 | (scalar >> 12);
      else {
        // Two code units.
        at++;
        bytes[count++] = 0xf0 | (scalar >> 18);
        bytes[count++] = continuation(scalar >> 12);
      }
      bytes[count++] = continuation(scalar >> 6);
    }
    bytes[count++] = continuation(scalar);
  }
  return bytes.slice(0, count);
}

const continuation = (bits: number): number => 0x80 | (bits & 0x3f);

/** Code units that are made into text at once: as many arguments as every engine takes. */
const CHUNK = 8_192;

/** Strict: null for anything but the shortest encoding of Unicode scalar values. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  // Never more code units than bytes.
  const units = new Uint16Array(bytes.length);
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    if (first < 0x80) {
      units[count++] = first;
      at++;
      continue;
    }
    const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length === 0 || at + length > bytes.length) return null;
    let scalar = first & (0x7f >> length);
    for (let i = 1; i < length; i++) {
      const byte = bytes[at + i] ?? 0;
      if ((byte & 0xc0) !== 0x80) return null;
      scalar = (scalar << 6) | (byte & 0x3f);
    }
    const overlong = (length === 3 && scalar < 0x800) || (length === 4 && scalar < 0x1_0000);
    if (overlong || scalar > 0x10_ffff || (scalar >= 0xd800 && scalar <= 0xdfff)) return null;
    if (scalar < 0x1_0000) units[count++] = scalar;
    else {
      units[count++] = 0xd7c0 + (scalar >> 10);
      units[count++] = 0xdc00 | (scalar & 0x3ff);
    }
    at += length;
  }
  let text = '';
  for (let at = 0; at < count; at += CHUNK)
    text += Reflect.apply(String.fromCharCode, null, units.subarray(at, Math.min(at + CHUNK, count)));
  return text;
}
