const NAMES: Readonly<Record<number, string>> = {
  0x00: 'OP_0',
  0x4f: 'OP_PUSHNUM_NEG1',
  0x63: 'OP_IF',
  0x64: 'OP_NOTIF',
  0x67: 'OP_ELSE',
  0x68: 'OP_ENDIF',
  0x69: 'OP_VERIFY',
  0x6a: 'OP_RETURN',
  0x73: 'OP_IFDUP',
  0x75: 'OP_DROP',
  0x76: 'OP_DUP',
  0x7c: 'OP_SWAP',
  0x82: 'OP_SIZE',
  0x87: 'OP_EQUAL',
  0x88: 'OP_EQUALVERIFY',
  0xa9: 'OP_HASH160',
  0xac: 'OP_CHECKSIG',
  0xad: 'OP_CHECKSIGVERIFY',
  0xae: 'OP_CHECKMULTISIG',
  0xb1: 'OP_CLTV',
  0xb2: 'OP_CSV',
};

/** A script in words, in Esplora's spelling; operations that Lightning does not use stand as OP_ and their number. */
export function asm(script: string): string {
  const bytes = Buffer.from(script, 'hex');
  const words: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const op = bytes[at] ?? 0;
    at += 1;
    if (op >= 0x01 && op <= 0x4e) {
      const lengthBytes = op <= 0x4b ? 0 : 1 << (op - 0x4c);
      if (at + lengthBytes > bytes.length) return [...words, '<push past end>'].join(' ');
      const length = lengthBytes === 0 ? op : bytes.readUIntLE(at, lengthBytes);
      at += lengthBytes;
      if (at + length > bytes.length) return [...words, '<push past end>'].join(' ');
      words.push(lengthBytes === 0 ? `OP_PUSHBYTES_${op}` : `OP_PUSHDATA${lengthBytes}`);
      words.push(bytes.subarray(at, at + length).toString('hex'));
      at += length;
    } else if (op >= 0x51 && op <= 0x60) {
      words.push(`OP_PUSHNUM_${op - 0x50}`);
    } else {
      words.push(NAMES[op] ?? `OP_${op}`);
    }
  }
  return words.join(' ');
}
