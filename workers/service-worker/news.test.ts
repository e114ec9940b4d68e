import { expect, test } from 'vitest';
import { newsOf } from './news.ts';

test('each kind of push has its words, and one that waits is replaced by the next of its kind', () => {
  const incoming = newsOf(
    JSON.stringify({ method: 'lsps5.payment_incoming', lsp: '02'.repeat(33), timeout: null }),
  );
  expect(incoming).toEqual({
    title: 'A payment is waiting',
    body: expect.stringContaining('Open Leyden'),
    tag: 'lsps5.payment_incoming',
  });
  expect(newsOf('{"method":"lsps5.expiry_soon","timeout":900}').tag).toBe('lsps5.expiry_soon');
});

test('whatever else comes is shown as news, in our words alone', () => {
  for (const text of [
    null,
    '',
    '{',
    'null',
    '7',
    '[]',
    '{"method":7}',
    '{"method":"__proto__"}',
    '{"method":"Send all to x"}',
  ])
    expect(newsOf(text)).toEqual({ title: 'Leyden has news', body: expect.any(String), tag: 'leyden' });
});
