import { sat } from '../../base/units.ts';
import { liveMarks, type Closing, type Core, type Durable, type Past } from '../state.ts';
import type { Head } from './head-record.ts';

/** The head record of a state. */
export const headOf = (durable: Durable): Head => ({
  phase: phaseOf(durable),
  ledger: durable.ledger,
  readySent: durable.readySent,
  readyReceived: durable.readyReceived,
  ...liveMarks(durable),
  ...ofClosing(durable),
});

/** Absent where there is nothing to say: the record is that of before. */
function ofClosing(
  durable: Durable,
): Pick<Head, 'history' | 'lostData' | 'leftBehind' | 'past' | 'isAsked' | 'talk' | 'setAside'> {
  if (durable.phase === 'closed') {
    const { leftBehind, past } = durable;
    return {
      ...(leftBehind > 0n ? { leftBehind } : {}),
      ...(past === null ? {} : { past: { ...past, settled: [...past.settled] }, ...signedOf(past) }),
    };
  }
  if (durable.phase === 'shutting-down' || durable.phase === 'negotiating')
    return durable.isAsked ? { isAsked: true } : {};
  if (durable.phase !== 'closing') return {};
  const { history, lostData } = durable;
  return {
    ...(history === null ? {} : { history }),
    ...(lostData ? { lostData } : {}),
    ...signedOf(durable),
  };
}

/** What both signed, and how it came to be. */
const signedOf = ({ talk, setAside }: Past): Pick<Head, 'talk' | 'setAside'> => ({
  ...(talk === null ? {} : { talk }),
  ...(setAside === null ? {} : { setAside }),
});

/** A channel of this phase, as `headOf` wrote it. */
export function inPhaseOf(core: Core, head: Head): Durable {
  const { phase } = head;
  switch (phase.phase) {
    case 'closing':
      return { ...core, ...closingPhaseOf(head, phase) };
    case 'closed':
      return { ...core, ...phase, leftBehind: head.leftBehind ?? sat(0), past: pastOf(head) };
    case 'shutting-down':
      return { ...core, ...phase, isAsked: head.isAsked ?? false };
    case 'negotiating':
      return { ...core, ...phase, isAsked: head.isAsked ?? false };
    default:
      return { ...core, ...phase };
  }
}

const pastOf = ({ past, talk, setAside }: Head): Past | null =>
  past === undefined
    ? null
    : { ...past, settled: new Set(past.settled), talk: talk ?? null, setAside: setAside ?? null };

const closingPhaseOf = (
  head: Head,
  phase: Extract<Head['phase'], { phase: 'closing' }>,
): Omit<Closing, keyof Core> => ({
  ...phase,
  settled: new Set(phase.settled),
  history: head.history ?? null,
  lostData: head.lostData ?? false,
  talk: head.talk ?? null,
  setAside: head.setAside ?? null,
});

function phaseOf(durable: Durable): Head['phase'] {
  if (durable.phase === 'closing') return { ...durable, settled: [...durable.settled] };
  return durable;
}
