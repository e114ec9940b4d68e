import { expect, it } from 'vitest';
import { isRecent } from './recent.ts';

it.each([
  ['never', null, false],
  ['now', 0, true],
  ['an hour ago', -3_600, true],
  ['longer ago', -3_601, false],
  ['a moment from now, by a clock that was set back a little', 60, true],
  ['years from now, by a clock that was years ahead', 100_000_000, false],
])('a look at the chain: %s', (_, when, recent) => {
  const now = 1_700_000_000;
  expect(isRecent(when === null ? null : now + when, now)).toBe(recent);
});
