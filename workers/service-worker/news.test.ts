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

test.each([
  ['payment_incoming', 'A payment is waiting'],
  ['expiry_soon', 'A payment needs your wallet'],
  ['liquidity_management_request', 'Your provider wants to change a channel'],
  ['onion_message_incoming', 'A message is waiting'],
])('lsps5.%s is said as: %s', (kind, title) => {
  const method = `lsps5.${kind}`;
  expect(newsOf(JSON.stringify({ method }))).toEqual({
    title,
    body: expect.stringMatching(/^Open Leyden .*\.$/),
    tag: method,
  });
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
