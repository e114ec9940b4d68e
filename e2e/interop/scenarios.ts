import type { Scenario } from './scenario.ts';
import type { ScenarioName } from './scenario-lines.ts';
import { CLOSING } from './scenarios/closing.ts';
import { CONNECTION } from './scenarios/connection.ts';
import { OPENING } from './scenarios/opening.ts';
import { PAYING } from './scenarios/paying.ts';

/** A name without a scenario does not compile. */
export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  ...CONNECTION,
  ...OPENING,
  ...PAYING,
  ...CLOSING,
};
