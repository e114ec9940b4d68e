import { expect, test } from 'vitest';
import { LogRing } from './log-ring.ts';

test('a line has its time in unix seconds, as the page shows times', () => {
  const ring = new LogRing();
  const before = Date.now() / 1000;
  ring.log('info', 'peer', 'connected', { nodeId: '02' });
  const [line] = ring.lines();
  expect(line).toMatchObject({ level: 'info', scope: 'peer', message: 'connected {"nodeId":"02"}' });
  expect(line?.at).toBeGreaterThanOrEqual(before);
  expect(line?.at).toBeLessThanOrEqual(Date.now() / 1000);
});

test('the oldest lines go when there are too many', () => {
  const ring = new LogRing();
  for (let i = 0; i < 5_000; i++) ring.log('info', 'peer', `line ${i}`);
  const lines = ring.lines();
  expect(lines.length).toBeLessThanOrEqual(2_000);
  expect(lines.at(-1)?.message).toBe('line 4999');
});
