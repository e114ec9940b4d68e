import type { Scenario } from './scenario.ts';
import type { ScenarioName } from './scenario-lines.ts';
import { ANNOUNCING } from './scenarios/announcing.ts';
import { BUMPING } from './scenarios/bumping.ts';
import { BUYING } from './scenarios/buying.ts';
import { BUYING_OF_THE_DYING } from './scenarios/buying-of-the-dying.ts';
import { CLOSING } from './scenarios/closing.ts';
import { CLOSING_SCRIPTS } from './scenarios/closing-scripts.ts';
import { CONNECTION } from './scenarios/connection.ts';
import { CUTTING } from './scenarios/cutting.ts';
import { GIVING_BACK } from './scenarios/giving-back.ts';
import { KILLING } from './scenarios/killing.ts';
import { OPENING } from './scenarios/opening.ts';
import { LOSING } from './scenarios/losing.ts';
import { MANY } from './scenarios/many.ts';
import { NETWORK } from './scenarios/network.ts';
import { PAYING } from './scenarios/paying.ts';
import { PENDING } from './scenarios/pending.ts';
import { REFUSING } from './scenarios/refusing.ts';
import { SERVICES } from './scenarios/services.ts';
import { TURMOIL } from './scenarios/turmoil.ts';

/** A name without a scenario does not compile. */
export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  ...CONNECTION,
  ...OPENING,
  ...CLOSING_SCRIPTS,
  ...PAYING,
  ...REFUSING,
  ...MANY,
  ...NETWORK,
  ...CUTTING,
  ...ANNOUNCING,
  ...GIVING_BACK,
  ...KILLING,
  ...TURMOIL,
  ...CLOSING,
  ...BUMPING,
  ...PENDING,
  ...LOSING,
  ...SERVICES,
  ...BUYING,
  ...BUYING_OF_THE_DYING,
};
