import type { ImplementationName } from './implementation.ts';
import type { ScenarioName } from './scenario-lines.ts';

/** What an implementation cannot do, and where it says so. */
export type Cannot = {
  readonly peer: ImplementationName;
  readonly scenario: ScenarioName;
  readonly why: string;
};

/** The only way for a scenario not to run: said here, with its reason, and printed in the table. */
export const CANNOT: readonly Cannot[] = [];

export const whyNot = (peer: ImplementationName, scenario: ScenarioName): string | null =>
  CANNOT.find((one) => one.peer === peer && one.scenario === scenario)?.why ?? null;
