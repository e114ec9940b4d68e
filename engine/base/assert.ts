/**
 * One of our own invariants failed. Thrown, never returned; only the driver catches it: it freezes what the bug
 * touched and raises an alarm. Bad input is never a Bug: it is a Refusal or a Violation.
 */
export class Bug extends Error {
  override readonly name = 'Bug';
}

/** @throws {Bug} when `condition` does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}

/** For the default arm of an exhaustive switch: the type checker proves that it is never reached. */
export function unreachable(value: never): never {
  throw new Bug(`unreachable value: ${String(value)}`);
}
