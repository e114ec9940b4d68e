import { describe, expect, it } from 'vitest';
import { blocksText, dayText, lengthText } from './time.ts';

describe('lengths of time', () => {
  it.each([
    [1, 'about 10 min'],
    [6, 'about 1 hour'],
    [0, 'about 10 min'],
    [18, 'about 3 hours'],
    [144, 'about 1 day'],
    [720, 'about 5 days'],
  ])('%d blocks', (blocks, text) => {
    expect(blocksText(blocks)).toBe(text);
  });

  it('counts seconds while they matter', () => {
    expect(lengthText(0.4)).toBe('1 s');
    expect(lengthText(45)).toBe('45 s');
    expect(lengthText(600)).toBe('10 min');
    expect(lengthText(3599)).toBe('1 hour');
    expect(lengthText(7 * 86_400)).toBe('7 days');
  });
});

describe('days', () => {
  const noon = new Date(2026, 5, 15, 12).getTime() / 1000;
  it('names the two nearest', () => {
    expect(dayText(noon - 3600, noon)).toBe('Today');
    expect(dayText(noon - 13 * 3600, noon)).toBe('Yesterday');
  });
  it('adds the year only when it is another', () => {
    expect(dayText(noon - 30 * 86_400, noon)).not.toContain('2026');
    expect(dayText(noon - 400 * 86_400, noon)).toContain('2025');
  });
});
