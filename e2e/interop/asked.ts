import { isHere, IMPLEMENTATIONS } from './implementations.ts';
import type { Implementation } from './implementation.ts';
import { DAILY, SCENARIO_LINES, type ScenarioName } from './scenario-lines.ts';

/** Names of implementations and scenarios, by commas; none: the daily ones, with whoever is here. */
const ASKED = (process.env['LEYDEN_INTEROP'] ?? '').split(',').filter((name) => name !== '');

/** Every scenario, not only the daily ones. */
const IS_WHOLE = process.env['LEYDEN_INTEROP_WHOLE'] === '1';

/** Of what is here: who was named, or everybody. */
export function askedImplementations(): readonly Implementation[] {
  const named = IMPLEMENTATIONS.filter(({ name }) => ASKED.includes(name));
  return (named.length > 0 ? named : IMPLEMENTATIONS).filter(isHere);
}

export function askedScenarios(): readonly ScenarioName[] {
  const all = SCENARIO_LINES.map(({ name }) => name);
  const named = all.filter((name) => ASKED.includes(name));
  if (named.length > 0) return named;
  return IS_WHOLE ? all : DAILY;
}
