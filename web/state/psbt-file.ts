/** More than any transaction has. */
export const MOST_BYTES = 1_000_000;

// BIP 174: "The magic bytes are 0x70736274 (“psbt” in ASCII) followed by a separator of 0xff."
const MAGIC = [0x70, 0x73, 0x62, 0x74, 0xff];

/** What is in a file: the bytes of BIP 174, or their text in base64. */
export function psbtOfFile(bytes: Uint8Array): string {
  if (MAGIC.every((byte, i) => bytes[i] === byte)) return base64Of(bytes);
  return new TextDecoder().decode(bytes).replace(/\s+/g, '');
}

function base64Of(bytes: Uint8Array): string {
  const CHUNK = 8192;
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK)
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

/** @param psbt base64, as the engine writes it */
export const fileOfPsbt = (psbt: string): Uint8Array =>
  Uint8Array.from(atob(psbt), (character) => character.charCodeAt(0));
