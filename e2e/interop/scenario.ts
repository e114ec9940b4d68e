import type { ScenarioName } from './scenario-lines.ts';
import type { Play } from './play.ts';

/** Something that two nodes do together. Written once; runs against every implementation. */
export type Scenario = (play: Play) => Promise<void>;

/** What a file of scenarios gives. */
export type Scenarios = Readonly<Partial<Record<ScenarioName, Scenario>>>;
