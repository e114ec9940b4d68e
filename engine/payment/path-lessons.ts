import { FAILURE_CODES, failureCode, isPermanent, NODE, type Failure } from '../onion/failure.ts';
import type { Lesson } from '../routing/scorer.ts';
import type { PathLesson } from '../routing/teach.ts';
import type { Attempt } from './outgoing.ts';

type Path = Pick<Attempt, 'hops'>;

/** What fails for good may be mended within so long; what fails for now, within so long. */
const LONG = 3_600;
const SHORT = 600;

/** Of the channels beyond our own, which leads to `hops[0]`: those before `end` let the HTLC through. */
function through({ hops }: Path, end: number, outcome: Lesson['outcome'], share?: number): PathLesson[] {
  return hops.slice(1, end).flatMap(({ scid, nodeId, amount }, i): readonly PathLesson[] => {
    const from = hops[i];
    if (scid === null || from === undefined) return [];
    const lesson = { tag: 'channel', scid, from: from.nodeId, to: nodeId, amount, outcome } as const;
    return [share === undefined ? lesson : { ...lesson, share }];
  });
}

/** All of it arrived: it lies on the other sides now. */
export const lessonsOfSuccess = (path: Path): readonly PathLesson[] =>
  through(path, path.hops.length, 'kept');

/** Any of the nodes on the way may have spoiled the error: each channel takes its share of the blame. */
export const lessonsOfUnreadable = (path: Path): readonly PathLesson[] =>
  through(path, path.hops.length, 'doubted', 1 / path.hops.length);

/**
 * The hops before `brokenAt` vouch for the error that came back, so they let the HTLC through. Between the last of them
 * and the next it was changed, or the next does not vouch for anything, and whoever comes after it may have done it.
 */
export function lessonsOfAttributed(path: Path, brokenAt: number): readonly PathLesson[] {
  const beyond = path.hops.length - 1 - brokenAt;
  return [
    ...through(path, brokenAt, 'passed'),
    ...through(path, brokenAt + 1, 'doubted', beyond > 0 ? 0.5 : 1).slice(brokenAt - 1),
    ...through(path, path.hops.length, 'doubted', 0.5 / Math.max(1, beyond)).slice(brokenAt),
  ];
}

/** `hop` refused it, so every channel up to there let it through. `isExplained`: by a policy that is tried next, or it is the payee. */
export function lessonsOfFailure(
  path: Path,
  hop: number,
  failure: Failure,
  isExplained: boolean,
): readonly PathLesson[] {
  const passed = through(path, hop + 1, 'passed');
  const next = path.hops[hop + 1];
  // The payee's no says nothing of the way.
  if (next === undefined || next.scid === null || isExplained) return passed;
  const code = failureCode(failure);
  const node = path.hops[hop]?.nodeId;
  if (code === FAILURE_CODES.temporary_channel_failure)
    return [...passed, ...through(path, hop + 2, 'refused').slice(-1)];
  if (node !== undefined && ((code & NODE) !== 0 || isNonsense(failure)))
    return [...passed, { tag: 'shun', what: node, seconds: isPermanent(code) ? LONG : SHORT }];
  // Heights differ, or what we asked is out of bounds: nothing that the next payment would meet.
  if (failure.name === 'expiry_too_soon' || failure.name === 'expiry_too_far') return passed;
  return [...passed, { tag: 'shun', what: next.scid, seconds: isPermanent(code) ? LONG : SHORT }];
}

/** What only a payee can have to say, or nobody. */
export const isNonsense = ({ name }: Failure): boolean =>
  name === 'unknown' ||
  name === 'incorrect_or_unknown_payment_details' ||
  name === 'final_incorrect_cltv_expiry' ||
  name === 'final_incorrect_htlc_amount' ||
  name === 'mpp_timeout';
