import type { CommandId } from '../../../base/ids.ts';
import type { FeeratePerKw } from '../../../base/units.ts';
import type { Ready } from '../../session.ts';
import type { Work } from '../../work.ts';
import { dropUnanswered, isSimple, isUnanswered, leastFee } from './simple-close.ts';
import { closingRateFor, simpleOffer, type ClosingScripts } from './simple-offer.ts';
import { signedByBoth, talkOf, withTalk, type Closable } from './talk.ts';

/**
 * The command `close` where both have said how they want to be paid. While nothing is signed by both, the new fee is what we
 * offer next; else it has to take the place of what is, and is refused where it would not.
 */
export function closeAgain(work: Work, id: CommandId, channel: Closable, feerate: FeeratePerKw): void {
  const { session, env } = work;
  if (signedByBoth(channel) !== null) {
    // Only with the peer's signature.
    if (session.link !== 'ready') return work.refuse(id, { code: 'peer-not-connected' });
    if (!isSimple(env, session.remoteFeatures)) return work.refuse(id, { code: 'already-closing' });
    if (refused(work, id, channel, session, feerate)) return;
  }
  // By closing_signed a fee was named already: it is what the peer answers to.
  if (session.link === 'ready' && session.fees !== null) return work.refuse(id, { code: 'already-closing' });
  work.durable = withTalk(channel, { closeFeerate: feerate, isAsked: false, since: env.height });
  work.succeed(id);
  dropUnanswered(work);
}

function refused(
  work: Work,
  id: CommandId,
  channel: Closable,
  session: Ready,
  feerate: FeeratePerKw,
): boolean {
  const raise = leastRaise(channel, session);
  if (raise === null || raise.isEnough(feerate)) return false;
  const minimum = closingRateFor(raise.least, raise.scripts);
  // Whoever has nothing to pay it with has nothing to say.
  work.refuse(id, raise.isEnough(minimum) ? { code: 'fee-too-low', minimum } : { code: 'already-closing' });
  return true;
}

type LeastRaise = {
  readonly scripts: ClosingScripts;
  /** Satoshis. */
  readonly least: bigint;
  readonly isEnough: (rate: FeeratePerKw) => boolean;
};

/** What takes the place of the closing transaction that both signed; null where there is none. */
export function leastRaise(channel: Closable, session: Ready): LeastRaise | null {
  if (signedByBoth(channel) === null) return null;
  const { localScript, remoteScript, sent } = session.simple ?? { ...talkOf(channel), sent: null };
  const scripts = { localScript, remoteScript };
  // What was not answered is forgotten with the connection: see `dropUnanswered`.
  const least = leastFee(channel, { ...scripts, sent: isUnanswered(session) ? null : sent });
  const isEnough = (rate: FeeratePerKw): boolean => {
    const wanted = simpleOffer(channel, scripts, rate);
    return wanted !== null && wanted.fee >= least;
  };
  return { scripts, least, isEnough };
}
