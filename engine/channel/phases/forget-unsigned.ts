import type { Ledger, LiveHtlc } from '../ledger.ts';
import type { Live, Outcome } from '../state.ts';
import type { Work } from '../work.ts';

/**
 * Additions and fees of ours that were not signed are forgotten: the peer forgets them too, and a payment had better
 * try another way than wait. Removals stay: they are said again.
 */
export function forgetUnsigned<Phase extends Live>(work: Work, channel: Phase): Phase {
  const unsigned = [...channel.ledger.outgoing.values()].filter(({ step }) => step === 0);
  const feeUpdates = channel.ledger.feeUpdates.filter(({ step }) => step !== 0);
  if (unsigned.length === 0 && feeUpdates.length === channel.ledger.feeUpdates.length) return channel;
  const outcomes = new Map(channel.outcomes);
  for (const { add } of unsigned) {
    if (add.origin === undefined) continue;
    const outcome: Outcome = { origin: add.origin, result: { tag: 'abandoned', cause: 'not-sent' } };
    outcomes.set(add.id, outcome);
    work.effects.push({ tag: 'settle', id: add.id, ...outcome });
  }
  const ledger: Ledger = { ...channel.ledger, ...without(channel.ledger, unsigned), feeUpdates };
  return { ...channel, ledger, outcomes };
}

/** Ids go back: BOLT 2 has the first HTLC after a reconnection take the next one that was not signed. */
function without(ledger: Ledger, unsigned: readonly LiveHtlc[]): Pick<Ledger, 'outgoing' | 'nextOutgoingId'> {
  const outgoing = new Map(ledger.outgoing);
  for (const { add } of unsigned) outgoing.delete(add.id);
  return { outgoing, nextOutgoingId: ledger.nextOutgoingId - BigInt(unsigned.length) };
}
