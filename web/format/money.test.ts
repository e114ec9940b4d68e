import { describe, expect, it } from 'vitest';
import { amountGroups, amountSpoken, amountText, btcDecimal, feePercent, readAmount } from './money.ts';

describe('amounts', () => {
  it('groups satoshis by thousands with thin spaces', () => {
    expect(amountText(12_500_000n, 'sat')).toBe('12\u2009500 sat');
    expect(amountText(0n, 'sat')).toBe('0 sat');
    expect(amountText(999_000n, 'sat')).toBe('999 sat');
    expect(amountText(2_100_000_000_000_000_000n, 'sat')).toBe(
      '2\u2009100\u2009000\u2009000\u2009000\u2009000 sat',
    );
  });

  it('drops thousandths unless they are asked for', () => {
    expect(amountGroups(1_999n, 'sat')).toEqual(['1']);
    expect(amountGroups(1_020n, 'sat', true)).toEqual(['1.02']);
    expect(amountGroups(1_234_567_001n, 'sat', true)).toEqual(['1', '234', '567.001']);
  });

  it('writes bitcoin with eight places, satoshis readable in them', () => {
    expect(amountText(12_500_000n, 'btc')).toBe('0.00\u2009012\u2009500 BTC');
    expect(amountText(2_100_000_000_000_000_000n, 'btc')).toBe(
      '21\u2009000\u2009000.00\u2009000\u2009000 BTC',
    );
  });

  it('is heard as a sentence', () => {
    expect(amountSpoken(12_500_000n, 'sat')).toBe('12,500 satoshis');
    expect(amountSpoken(1_000n, 'sat')).toBe('1 satoshi');
    expect(amountSpoken(12_500_000n, 'btc')).toBe('0.000125 bitcoin');
    expect(amountSpoken(300_000_000_000n, 'btc')).toBe('3 bitcoin');
    expect(amountSpoken(-5_000n, 'sat')).toBe('5 satoshis');
  });
});

describe('what is typed', () => {
  it.each([
    ['12500', 'sat', 12_500n],
    ['12 500', 'sat', 12_500n],
    ['12,500', 'sat', 12_500n],
    ["1'000'000 sats", 'sat', 1_000_000n],
    ['12\u2009500 sat', 'sat', 12_500n],
    ['0.000125', 'btc', 12_500n],
    ['0,000125', 'btc', 12_500n],
    ['.5', 'btc', 50_000_000n],
    ['21000000', 'btc', 2_100_000_000_000_000n],
  ] as const)('reads %s %s', (text, unit, sat) => {
    expect(readAmount(text, unit)).toEqual({ state: 'sat', sat });
  });

  it.each([
    ['', 'sat', { state: 'empty' }],
    ['  ', 'btc', { state: 'empty' }],
    ['0', 'sat', { state: 'wrong', why: 'zero' }],
    ['0.00000000', 'btc', { state: 'wrong', why: 'zero' }],
    ['1.5', 'sat', { state: 'wrong', why: 'too-many-places' }],
    ['0.000000001', 'btc', { state: 'wrong', why: 'too-many-places' }],
    ['-5', 'sat', { state: 'wrong', why: 'not-a-number' }],
    ['1e6', 'sat', { state: 'wrong', why: 'not-a-number' }],
    ['٣٠٠', 'sat', { state: 'wrong', why: 'not-a-number' }],
    ['.', 'btc', { state: 'wrong', why: 'not-a-number' }],
    ['2100000000000001', 'sat', { state: 'wrong', why: 'too-large' }],
    ['9'.repeat(100_000), 'sat', { state: 'wrong', why: 'too-large' }],
  ] as const)('refuses %s %s', (text, unit, expected) => {
    expect(readAmount(text, unit)).toEqual(expected);
  });
});

describe('other figures', () => {
  it('writes BIP 21 amounts', () => {
    expect(btcDecimal(12_500n)).toBe('0.000125');
    expect(btcDecimal(100_000_000n)).toBe('1');
    expect(btcDecimal(2_030_000_000n)).toBe('20.3');
  });

  it('says a fee as a share', () => {
    expect(feePercent(3n, 12_500n)).toBe('0.024%');
    expect(feePercent(0n, 12_500n)).toBe('0%');
    expect(feePercent(1n, 1_000_000_000n)).toBe('< 0.01%');
    expect(feePercent(300n, 600n)).toBe('50%');
  });
});
