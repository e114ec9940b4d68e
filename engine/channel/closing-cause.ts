/** What stands on disk as the reason of a close by force: these words, or what a peer did that broke a rule. */
export const FAILURES = {
  byUser: 'closed by the user',
  peerError: 'the peer sent an error',
  feeNotAgreed: 'no agreement about the closing fee',
  unmined: 'the closing transaction is in no block',
  notFunded: 'the funding transaction did not come',
  falseFunding: 'the funding transaction does not pay the channel',
  doubleSpent: 'the funding transaction was double-spent',
} as const;

export const dueText = (htlc: bigint): string => `HTLC ${htlc} is fulfilled and about to time out`;
export const overdueText = (htlc: bigint): string => `HTLC ${htlc} has timed out`;

/** Why we gave our commitment to the chain. */
export type ClosingCause =
  | 'by-user'
  | 'peer-error'
  | 'close-stalled'
  | 'not-funded'
  /** What was received had to be taken before it expired, and the peer did not settle it. */
  | 'payment-due'
  /** What was sent has expired, and the peer did not give it back. */
  | 'payment-overdue'
  | 'broken-rule';

const CAUSES = new Map<string, ClosingCause>([
  [FAILURES.byUser, 'by-user'],
  [FAILURES.peerError, 'peer-error'],
  [FAILURES.feeNotAgreed, 'close-stalled'],
  [FAILURES.unmined, 'close-stalled'],
  [FAILURES.notFunded, 'not-funded'],
  [FAILURES.falseFunding, 'not-funded'],
  [FAILURES.doubleSpent, 'not-funded'],
]);

/** Of a reason as it stands on disk. */
export function causeOf(failure: string): ClosingCause {
  const known = CAUSES.get(failure);
  if (known !== undefined) return known;
  const [htlc] = /(?<=^HTLC )\d+/.exec(failure) ?? [];
  if (htlc !== undefined && failure === dueText(BigInt(htlc))) return 'payment-due';
  if (htlc !== undefined && failure === overdueText(BigInt(htlc))) return 'payment-overdue';
  return 'broken-rule';
}
