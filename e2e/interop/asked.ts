import { isHere, IMPLEMENTATIONS } from './implementations.ts';
import type { Implementation } from './implementation.ts';
import { PLACES, type Place } from './place.ts';
import { dailyIn, playedIn } from './played-in.ts';
import type { ScenarioName } from './scenario-lines.ts';

/** Names of implementations and scenarios, by commas; none: the daily ones, with whoever is here. */
const ASKED = (process.env['LEYDEN_INTEROP'] ?? '').split(',').filter((name) => name !== '');

/** Every scenario, not only the daily ones. */
const IS_WHOLE = process.env['LEYDEN_INTEROP_WHOLE'] === '1';

/** Where our side runs; both when it is not said. */
export function askedPlaces(): readonly Place[] {
  const named = PLACES.filter((place) => process.env['LEYDEN_INTEROP_PLACE'] === place);
  return named.length > 0 ? named : PLACES;
}

/** Of what is here: who was named, or everybody; day by day a browser is met only by whom npm brings. */
export function askedImplementations(place: Place): readonly Implementation[] {
  const named = IMPLEMENTATIONS.filter(({ name }) => ASKED.includes(name));
  return (named.length > 0 ? named : IMPLEMENTATIONS)
    .filter(isHere)
    .filter(({ recipe }) => place === 'process' || IS_WHOLE || recipe === null);
}

export function askedScenarios(place: Place): readonly ScenarioName[] {
  const all = playedIn(place);
  const named = all.filter((name) => ASKED.includes(name));
  if (named.length > 0) return named;
  return IS_WHOLE ? all : dailyIn(place);
}
