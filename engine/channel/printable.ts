/**
 * BOLT 1 §error: "if `data` is not composed solely of printable ASCII characters […]: SHOULD NOT print out `data`
 * verbatim." Other bytes become question marks; cut to a line.
 */
export function printable(data: Uint8Array): string {
  let text = '';
  for (const byte of data.subarray(0, LINE))
    text += byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '?';
  return text;
}

const LINE = 200;
