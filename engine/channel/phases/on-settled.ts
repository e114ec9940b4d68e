import type { Work } from '../work.ts';

/** How the outgoing HTLC `id` ended is written down elsewhere: it need not be told again. */
export function onSettled(work: Work, id: bigint): void {
  const { durable, session } = work;
  if (durable === null) return;
  if (durable.outcomes.has(id)) {
    const outcomes = new Map(durable.outcomes);
    outcomes.delete(id);
    work.durable = { ...durable, outcomes };
  } else if (session.link === 'ready' && durable.ledger.outgoing.has(id))
    work.session = { ...session, paid: new Set(session.paid).add(id) };
}
