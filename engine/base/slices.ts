/** Work that gives way now and then, done at once. */
export function ranOut<T>(slices: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}
