import type { LiveHtlc } from '../ledger.ts';
import type { Durable } from '../state.ts';
import type { Head } from './head-record.ts';

/** The head record of a state. */
export const headOf = (durable: Durable): Head => ({
  phase: phaseOf(durable),
  ledger: {
    ...durable.ledger,
    outgoing: stepsOf(durable.ledger.outgoing),
    incoming: stepsOf(durable.ledger.incoming),
  },
  readySent: durable.readySent,
  readyReceived: durable.readyReceived,
});

function phaseOf(durable: Durable): Head['phase'] {
  if (durable.phase === 'closing') return { ...durable, settled: [...durable.settled] };
  return durable;
}

const stepsOf = (htlcs: ReadonlyMap<bigint, LiveHtlc>): Head['ledger']['outgoing'] =>
  Array.from(htlcs.values(), ({ add, step }) => ({ id: add.id, step }));
