import { expect, test } from 'vitest';
import { Admission } from './admission.ts';

const limits = { maxConnections: 3, maxConnectionsPerAddress: 2, burst: 4, perMinute: 6 };

test('limits how many at once, for one address and in all', () => {
  const admission = new Admission(limits, () => 0);
  expect(admission.enter('a')).toBe(null);
  expect(admission.enter('a')).toBe(null);
  expect(admission.enter('a')).toBe('full');
  expect(admission.enter('b')).toBe(null);
  expect(admission.enter('c')).toBe('full');
  expect(admission.open).toBe(3);
  admission.leave('a');
  expect(admission.enter('c')).toBe(null);
});

test('limits how often, and forgives with time', () => {
  let now = 0;
  const admission = new Admission(limits, () => now);
  const attempt = (): string | null => {
    const refusal = admission.enter('a');
    if (refusal === null) admission.leave('a');
    return refusal;
  };
  for (let i = 0; i < 4; i++) expect(attempt()).toBe(null);
  expect(attempt()).toBe('rateLimited');
  expect(admission.enter('b')).toBe(null);
  now += 10_000;
  expect(attempt()).toBe(null);
  expect(attempt()).toBe('rateLimited');
  now += 3_600_000;
  for (let i = 0; i < 4; i++) expect(attempt()).toBe(null);
  expect(attempt()).toBe('rateLimited');
});

test('a great many clients are not all remembered', () => {
  let now = 0;
  const admission = new Admission({ ...limits, maxConnections: 1_000_000 }, () => now);
  for (let i = 0; i < 25_000; i++) {
    expect(admission.enter(`client ${i}`)).toBe(null);
    if (i > 0) admission.leave(`client ${i}`);
    now += 100;
  }
  // The one that is still there was not forgotten.
  expect(admission.enter('client 0')).toBe(null);
  expect(admission.enter('client 0')).toBe('full');
  expect(admission.open).toBe(2);
});
