/** A law that did not hold. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** @throws {Broken} naming the law. */
export function law(holds: boolean, which: string, detail: () => string = () => ''): asserts holds {
  if (!holds) throw new Broken(`${which} ${detail()}`.trim());
}
