/** Steps between two moments in which others are served. */
const SLICE = 8_192;

/** The indices 0 to `count`, so that none stands behind one that it is before. Gives way now and then. */
export function* inOrder(
  count: number,
  isBefore: (a: number, b: number) => boolean,
): Generator<undefined, Uint32Array> {
  let from = Uint32Array.from({ length: count }, (_, i) => i);
  let to = new Uint32Array(count);
  // Runs of two are made of runs of one, and so on: the built-in sort does not give way.
  for (let width = 1; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count);
      const end = Math.min(start + 2 * width, count);
      let [left, right] = [start, middle];
      for (let at = start; at < end; at++) {
        if (at % SLICE === SLICE - 1) yield;
        const [a, b] = [from[left] ?? 0, from[right] ?? 0];
        const isLeft = left < middle && (right === end || !isBefore(b, a));
        to[at] = isLeft ? a : b;
        if (isLeft) left++;
        else right++;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
