import { sat, type Sat } from '../../base/units.ts';
import { balanceOf } from '../../wallet/balance.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';

/** As LDK Node keeps for each: a child of a commitment and an HTLC transaction or two, in a day of high fees. */
export const RESERVE_PER_CHANNEL = sat(25_000);
/** Many channels do not all close on the same bad day. */
const MOST_RESERVE = sat(100_000);

/**
 * What stays in the wallet to pay for closing channels with anchors: their commitments and HTLC transactions get their
 * fees from coins of ours.
 * @param more channels that are about to be.
 */
export function reserveWanted({ channels }: Pick<Core, 'channels'>, more = 0): Sat {
  const count = [...channels.all()].filter(needsReserve).length + more;
  const wanted = RESERVE_PER_CHANNEL * BigInt(count);
  return wanted < MOST_RESERVE ? sat(wanted) : MOST_RESERVE;
}

function needsReserve({ state: { durable } }: HostedChannel): boolean {
  if (durable === null || durable.phase === 'closed' || durable.params.type.base !== 'anchors') return false;
  // A peer that has not funded it may never do so.
  return durable.params.opener === 'local' || durable.active[0].confirmed !== null;
}

/** What of the coins that can be spent now is kept back for it. */
export function reserveHeld(core: Pick<Core, 'channels' | 'wallet'>): Sat {
  const wanted = reserveWanted(core);
  const { spendable } = balanceOf(core.wallet);
  return wanted < spendable ? wanted : spendable;
}
