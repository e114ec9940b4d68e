/** Dotted decimal. */
export const formatIp4 = (bytes: Uint8Array): string => bytes.join('.');

/** Null for anything but four decimal numbers up to 255 without leading zeros. */
export function parseIp4(text: string): Uint8Array | null {
  const parts = text.split('.');
  const valid =
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return valid ? Uint8Array.from(parts, Number) : null;
}

/** RFC 5952: lowercase, no leading zeros, the first longest run of two or more zero groups as `::`. */
export function formatIp6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  let from = 0;
  let length = 0;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > length) [from, length] = [i, end - i];
  }
  const hex = groups.map((group) => group.toString(16));
  return length < 2
    ? hex.join(':')
    : `${hex.slice(0, from).join(':')}::${hex.slice(from + length).join(':')}`;
}

/** RFC 4291, with or without `::`, also with a dotted IPv4 at the end; null for anything else. */
export function parseIp6(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined || head === null || tail === null) return null;
  const zeros = 16 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? zeros !== 0 : zeros < 2) return null;
  return Uint8Array.of(...head, ...Array.from({ length: zeros }, () => 0), ...(tail ?? []));
}

function parseGroups(text: string): number[] | null {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      const last = i === groups.length - 1 ? parseIp4(group) : null;
      if (last === null) return null;
      bytes.push(...last);
    }
  }
  return bytes.length <= 16 ? bytes : null;
}
