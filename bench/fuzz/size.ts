/** What a value holds, about, in bytes, counted no further than `most`: a view counts with what it shows. */
export function sizeOf(value: unknown, most: number): number {
  const seen = new Set<object>();
  const left: unknown[] = [value];
  let size = 0;
  while (left.length > 0 && size <= most) {
    const one = left.pop();
    size += 8;
    if (typeof one === 'string') size += 2 * one.length;
    else if (typeof one === 'object' && one !== null && !seen.has(one)) {
      seen.add(one);
      size += 16;
      if (ArrayBuffer.isView(one)) size += one.byteLength;
      else if (one instanceof Map) for (const [key, inside] of one) left.push(key, inside);
      else if (one instanceof Set) left.push(...one);
      else for (const inside of Object.values(one)) left.push(inside);
    }
  }
  return size;
}
