import { describe, expect, it } from 'vitest';
import { estimatesOf } from '../../engine/chain/fee-estimates.ts';
import { feeratePerKw } from '../../engine/base/units.ts';
import { blocksText } from '../format/time.ts';
import { channels } from '../i18n/en.ts';
import { rateWait, WAITS } from './fee-wait.ts';

const rate = (satPerVb: number) => feeratePerKw(satPerVb * 250);
const asked = estimatesOf({ urgent: rate(30), normal: rate(20), background: rate(10), minimum: rate(1) });
/** The blocks for which servers are asked for this rate. */
const blocksOf = (satPerVb: number): number =>
  Number([...asked].find(([, estimate]) => estimate === satPerVb)?.[0]);

describe('how long a fee rate waits', () => {
  it('is what servers are asked for, in words', () => {
    expect(WAITS).toEqual({
      fast: blocksText(blocksOf(30)),
      normal: blocksText(blocksOf(20)),
      slow: blocksText(blocksOf(10)),
    });
    expect(WAITS).toEqual({ fast: 'about 20 min', normal: 'about 1 hour', slow: 'about 1 day' });
  });

  it('of a rate of one’s own is that of the dearest that it reaches', () => {
    const rates = { fast: 30, normal: 20, slow: 10 };
    expect([31, 30, 29.9, 20, 10, 9.9].map((own) => rateWait(own, rates))).toEqual([
      'about 20 min',
      'about 20 min',
      'about 1 hour',
      'about 1 hour',
      'about 1 day',
      'more than a day',
    ]);
    expect(rateWait(30, null)).toBeNull();
    expect(rateWait(0, rates)).toBeNull();
  });

  it('of an opening has the confirmations in it, of which most ask for up to six', () => {
    const hours = (blocks: number): number => blocks / 6;
    expect(channels.open.usableText).toBe(
      `In about ${hours(blocksOf(20))} to ${hours(blocksOf(20) + 6)} hours`,
    );
  });
});
