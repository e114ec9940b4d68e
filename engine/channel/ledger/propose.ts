import type { Add, Ledger } from '../ledger.ts';
import type { Proposals } from '../session.ts';
import { carryLoads } from './load.ts';

/** With one HTLC more that we offer: `add` has the next id of ours. */
export function withOurs(ledger: Ledger, proposals: Proposals, add: Add): Ledger {
  const outgoing = new Map(ledger.outgoing).set(add.id, { add, step: 0, removal: null });
  const next: Ledger = { ...ledger, outgoing, nextOutgoingId: add.id + 1n };
  carryLoads({ ledger, proposals }, { ledger: next, proposals }, add);
  return next;
}

/** With one HTLC more that the peer offers, beside `ledger`. */
export function withTheirs(ledger: Ledger, proposals: Proposals, add: Add): Proposals {
  const next: Proposals = { ...proposals, adds: [...proposals.adds, add] };
  carryLoads({ ledger, proposals }, { ledger, proposals: next }, add);
  return next;
}
