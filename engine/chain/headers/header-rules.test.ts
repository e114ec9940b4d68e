import { expect, it } from 'vitest';
import { timestamp } from '../../base/units.ts';
import { hadTime } from './header-rules.ts';

const DAY = 86_400;
const at = (height: number, time: number) => ({ height, header: { time: timestamp(1_700_000_000 + time) } });

it('a year of blocks is believed after a year, and not after a day', () => {
  const before = at(800_000, 0);
  expect(hadTime(before, at(852_560, 365 * DAY))).toBe(true);
  // As fast as it ever was over months.
  expect(hadTime(before, at(860_000, 365 * DAY))).toBe(true);
  // The difficulty has followed since: twice as many are not.
  expect(hadTime(before, at(875_000, 365 * DAY))).toBe(false);
  expect(hadTime(before, at(813_000, 60 * DAY))).toBe(false);
  expect(hadTime(before, at(802_400, 7 * DAY))).toBe(false);
  expect(hadTime(before, at(852_560, DAY))).toBe(false);
  expect(hadTime(before, at(800_500, 7_200))).toBe(false);
  expect(hadTime(before, at(800_150, 3_600))).toBe(true);
});
