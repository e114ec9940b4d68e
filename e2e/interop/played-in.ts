import type { Place } from './place.ts';
import { DAILY, SCENARIO_LINES, type ScenarioName } from './scenario-lines.ts';

/** They look into a process of ours: at what it says, message by message, or make it say something else. */
export const IN_OUR_PROCESS: readonly ScenarioName[] = [
  'upfront-shutdown',
  'many-at-once',
  'many-at-once-by-them',
  'refused-by-payee',
  'refused-by-them',
  'cuts-refused',
  'cuts-reestablish',
  'cuts-reestablish-opening',
  'cuts-reestablish-closing',
  'cuts-fees',
  'cuts-fees-by-them',
  'cuts-opening',
  'cuts-opening-by-them',
  'cuts-announcing',
  'cuts-close-by-us',
  'cuts-close-by-them',
  'cuts-bump-by-us',
  'cuts-bump-by-them',
  'channel-bought-killed',
  'channel-bought-killed-paying',
];

/** Nothing of them is of the page: what it keeps, and how it comes back, others play there. */
export const SAME_ANYWHERE: readonly ScenarioName[] = [
  'zero-conf-by-us',
  'blinded-hops',
  'three-hops',
  'gossip-from-them',
  'gossip-to-them',
  'close-fees-differ',
  'force-their-claims-by-us',
  'force-their-claims-by-them',
  'channel-bought-ways',
];

const NOT_IN_CHROMIUM: readonly ScenarioName[] = [...IN_OUR_PROCESS, ...SAME_ANYWHERE];

/** What `npm test` plays from Chromium, with whom npm brings: under a minute. */
const DAILY_IN_CHROMIUM: readonly ScenarioName[] = ['open-by-us', 'pay-amounts', 'kill', 'close-by-us'];

export const dailyIn = (place: Place): readonly ScenarioName[] =>
  place === 'process' ? DAILY : DAILY_IN_CHROMIUM;

/** All that is played there, in the order of the table. */
export const playedIn = (place: Place): readonly ScenarioName[] =>
  SCENARIO_LINES.map(({ name }) => name).filter(
    (name) => place === 'process' || !NOT_IN_CHROMIUM.includes(name),
  );
