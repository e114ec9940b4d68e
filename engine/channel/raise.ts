import type { FeeratePerKw, Sat } from '../base/units.ts';
import { leastRaise } from './phases/shutdown/close-again.ts';
import { isSimple } from './phases/shutdown/simple-close.ts';
import { closingFeeAt, closingRateFor } from './phases/shutdown/simple-offer.ts';
import { isClosableByBoth } from './phases/shutdown/talk.ts';
import type { ChannelState } from './state.ts';

/** Whether a closing transaction that both signed may be replaced by a dearer one, and what that has to pay. */
export type Raise = {
  /** The least that takes its place. */
  readonly rate: FeeratePerKw;
  readonly feeAt: (rate: FeeratePerKw) => Sat;
};

/** Null where none is signed, or where the command `close` would be refused now, whatever it offers. */
export function raiseOf({ durable, session }: ChannelState, features: Uint8Array): Raise | null {
  if (
    session.link !== 'ready' ||
    !isClosableByBoth(durable) ||
    !isSimple({ features }, session.remoteFeatures)
  )
    return null;
  const raise = leastRaise(durable, session);
  if (raise === null) return null;
  const rate = closingRateFor(raise.least, raise.scripts);
  return raise.isEnough(rate) ? { rate, feeAt: (wanted) => closingFeeAt(wanted, raise.scripts) } : null;
}
