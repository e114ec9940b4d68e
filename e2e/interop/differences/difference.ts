import type { ImplementationName } from '../implementation.ts';
import type { ScenarioName } from '../scenario-lines.ts';

/** A test of ours, in a file, or a scenario of the table that is played with the peer. */
type Proof = `${string}.test.ts › ${string}` | ScenarioName;

/** Where an implementation does something else than the specification says, or than others do, and what we make of it. */
export type Difference = {
  readonly peer: ImplementationName;
  readonly what: string;
  readonly rule: string;
  readonly weDo: string;
  /** What shows that we do: `.ci/named-tests.mjs` sees that each test is there. */
  readonly shownBy: readonly [Proof, ...Proof[]];
};
