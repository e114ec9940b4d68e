import { msat, type Msat } from '../base/units.ts';
import type { PaymentEnv } from './env.ts';
import { arrivedIn, type HtlcSet, type IncomingPayment } from './incoming.ts';

type Held = { readonly payment: IncomingPayment; readonly set: HtlcSet | null };

/** What a payment may bring, as far as one can tell: its first part already says how much the whole will be. */
export const worth = (set: HtlcSet): Msat => {
  const arrived = arrivedIn(set);
  return msat(arrived > set.total ? arrived : set.total);
};

export function hasRoom(set: HtlcSet, { room }: Pick<PaymentEnv, 'room'>): boolean {
  const most = room?.() ?? null;
  return most === null || worth(set) <= most;
}

/** What of `most` the payments that are held leave for one more. */
export function roomBeside(most: Msat, others: readonly Held[]): Msat {
  const beside = others.reduce((sum, one) => sum + heldIn(one), 0n);
  return beside < most ? msat(most - beside) : msat(0);
}

/** Here, or about to be here again after a restart, and not received. */
function heldIn({ payment: { status }, set }: Held): bigint {
  if (set !== null) return worth(set);
  return status.tag === 'claimable' ? status.amount : 0n;
}
