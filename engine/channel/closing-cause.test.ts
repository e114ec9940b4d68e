import { expect, it } from 'vitest';
import { causeOf, FAILURES, dueText, overdueText } from './closing-cause.ts';

it.each([
  ['closed by the user', 'by-user'],
  ['the peer sent an error', 'peer-error'],
  ['no agreement about the closing fee', 'close-stalled'],
  ['the closing transaction is in no block', 'close-stalled'],
  ['the funding transaction did not come', 'not-funded'],
  ['the funding transaction does not pay the channel', 'not-funded'],
  ['the funding transaction was double-spent', 'not-funded'],
  ['HTLC 7 is fulfilled and about to time out', 'payment-due'],
  ['HTLC 7 has timed out', 'payment-overdue'],
  ['HTLC 7 is not there', 'broken-rule'],
  ['the signature is wrong', 'broken-rule'],
])('%s, as it stands on disks: %s', (failure, cause) => {
  expect(causeOf(failure)).toBe(cause);
});

it('says the same words as disks have', () => {
  expect(Object.values(FAILURES).map(causeOf)).not.toContain('broken-rule');
  expect([causeOf(dueText(0n)), causeOf(overdueText(9n))]).toEqual(['payment-due', 'payment-overdue']);
});
