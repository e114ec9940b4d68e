import { expect, it } from 'vitest';
import { timestamp } from '../../base/units.ts';
import { fromHex } from '../../base/bytes.ts';
import { parseHeader, targetOf } from '../../bitcoin/header.ts';
import { easiestAt, hadTime, isOfOurTime, standsAlone } from './header-rules.ts';

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

/** Of mainnet's first block: what is easiest of all. */
const FIRST = parseHeader(
  fromHex(
    '010000006fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000' +
      '982051fd1e4ba744bbbe680e1fee14677ba1a3c3540bf7b1cdb606e857233e0e61bc6649ffff001d01e36299',
  ),
)!;

it('work of the first days stands for no later block', () => {
  expect(standsAlone(FIRST, 1, 'mainnet')).toBe(true);
  for (const height of [150_000, 227_931, 300_000, 500_000, 839_999, 840_000, 950_000])
    expect(standsAlone(FIRST, height, 'mainnet'), String(height)).toBe(false);
});

it.each([
  [155_232, 0x1a0f_61b1],
  [249_984, 0x1972_dbf2],
  [298_368, 0x1900_896c],
  [334_656, 0x181b_dd7c],
  [401_184, 0x1806_f0a8],
  [481_824, 0x1801_3ce9],
  [554_400, 0x1737_1ef4],
  [602_784, 0x1716_20d1],
])(
  'from block %i: as easy as mainnet ever was from there on is taken, and not four times as easy',
  (height, bits) => {
    const target = targetOf(bits) ?? 0n;
    expect(target).toBeGreaterThan(0n);
    // Within the fortnight of that difficulty.
    expect(target).toBeLessThanOrEqual(easiestAt(height + 2_015));
    expect(target * 4n).toBeGreaterThan(easiestAt(height + 2_015));
  },
);

it('no tip of mainnet, and no channel, is from before there was this wallet', () => {
  expect(isOfOurTime(839_999, 'mainnet')).toBe(false);
  expect(isOfOurTime(840_000, 'mainnet')).toBe(true);
  expect(isOfOurTime(0, 'regtest')).toBe(true);
});
