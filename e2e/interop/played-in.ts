import type { Place } from './place.ts';
import { DAILY, SCENARIO_LINES, type ScenarioName } from './scenario-lines.ts';

/** Of it nothing depends on where our side runs, and it takes minutes: it is played over TCP alone, as the table says. */
export const NOT_IN_CHROMIUM: readonly ScenarioName[] = [
  'zero-conf-by-us',
  'upfront-shutdown',
  'blinded-hops',
  'three-hops',
  'many-at-once',
  'many-at-once-by-them',
  'refused-by-payee',
  'refused-by-them',
  'gossip-from-them',
  'gossip-to-them',
  'kill-paying',
  'cuts-refused',
  'cuts-reestablish',
  'cuts-fees',
  'cuts-fees-by-them',
  'cuts-opening',
  'cuts-opening-by-them',
  'cuts-announcing',
  'cuts-close-by-us',
  'cuts-close-by-them',
  'cuts-bump-by-us',
  'cuts-bump-by-them',
  'close-fees-differ',
  'force-their-claims-by-us',
  'force-their-claims-by-them',
  'channel-bought-ways',
  'channel-bought-killed',
  'channel-bought-killed-paying',
];

/** What `npm test` plays from Chromium, with whom npm brings: under a minute. */
const DAILY_IN_CHROMIUM: readonly ScenarioName[] = ['open-by-us', 'pay-amounts', 'kill', 'close-by-us'];

export const dailyIn = (place: Place): readonly ScenarioName[] =>
  place === 'process' ? DAILY : DAILY_IN_CHROMIUM;

/** All that is played there, in the order of the table. */
export const playedIn = (place: Place): readonly ScenarioName[] =>
  SCENARIO_LINES.map(({ name }) => name).filter(
    (name) => place === 'process' || !NOT_IN_CHROMIUM.includes(name),
  );
