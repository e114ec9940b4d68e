import type { Place } from './place.ts';
import { DAILY, SCENARIO_LINES, type ScenarioName } from './scenario-lines.ts';

/** What runs with our side in Chromium too: what leaves a page by a way of its own, and comes back to one that may be gone. */
const IN_CHROMIUM: readonly ScenarioName[] = [
  'connect',
  'features',
  'unknown-features',
  'open-by-us',
  'open-by-them',
  'pay-amounts',
  'pay-chosen-in',
  'in-parts',
  'keysend',
  'held-by-them',
  'held-by-us',
  'refused-by-us',
  'kill',
  'cuts',
  'close-by-us',
  'close-by-them',
  'simple-close',
  'close-in-flight-by-us',
  'force-by-us',
  'force-by-them',
  'force-in-flight-by-us',
  'force-in-flight-by-them',
  'revoked',
];

/** What `npm test` plays of it, with whom npm brings: under a minute. */
const DAILY_IN_CHROMIUM: readonly ScenarioName[] = ['open-by-us', 'pay-amounts', 'kill', 'close-by-us'];

export const dailyIn = (place: Place): readonly ScenarioName[] =>
  place === 'process' ? DAILY : DAILY_IN_CHROMIUM;

/** All that is played there, in the order of the table. */
export const playedIn = (place: Place): readonly ScenarioName[] =>
  SCENARIO_LINES.map(({ name }) => name).filter((name) => place === 'process' || IN_CHROMIUM.includes(name));
