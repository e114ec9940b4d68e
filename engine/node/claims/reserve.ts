import { blockHeight, sat, type BlockHeight, type Sat } from '../../base/units.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import { closingNeed } from '../../channel/closing-need.ts';
import { DEFAULT_CHANNEL_CONFIG as config } from '../../channel/default-config.ts';
import { fulfilledDue } from '../../channel/due.ts';
import { isLive } from '../../channel/state.ts';
import { balanceOf } from '../../wallet/balance.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';

/** As LDK Node keeps for each: a child of a commitment and an HTLC transaction or two, in a day of high fees. */
export const RESERVE_PER_CHANNEL = sat(25_000);
/** Many channels do not all close on the same bad day. */
const MOST_RESERVE = sat(100_000);

/**
 * What stays in the wallet to pay for closing channels with anchors: their commitments and HTLC transactions get their
 * fees from coins of ours. More than the usual where payments wait on a peer that is away and fees are such that it would
 * not do: they are lost when it is short. Of a channel that is closing already each shortage is told by its claims.
 * @param more channels that are about to be.
 */
export function reserveWanted(
  { channels, feerates, height }: Pick<Core, 'channels' | 'feerates' | 'height'>,
  more = 0,
): Sat {
  const kept = [...channels.all()].filter(needsReserve);
  const usual = RESERVE_PER_CHANNEL * BigInt(kept.length + more);
  const now = kept.reduce((sum, channel) => sum + waitingNeed(channel, feerates, height), 0n);
  const wanted = usual < MOST_RESERVE ? usual : MOST_RESERVE;
  return sat(now > wanted ? now : wanted);
}

/**
 * Payments of a peer that is there come and go: nothing is asked for on their account before they have stood for so long
 * that the chain will have to decide soon. A peer may be connected, and deaf.
 */
function waitingNeed(
  { state: { durable, session }, frozen }: HostedChannel,
  feerates: Feerates,
  height: BlockHeight,
): bigint {
  if (durable === null || !isLive(durable)) return 0n;
  const soon = { height: blockHeight(height + config.fulfillSafety), config };
  if (session.link === 'ready' && !frozen && fulfilledDue(soon, durable).length === 0) return 0n;
  return closingNeed(durable, (feerates.dearer ?? feerates).urgent);
}

function needsReserve({ state: { durable } }: HostedChannel): boolean {
  if (durable === null || durable.phase === 'closed' || durable.params.type.base !== 'anchors') return false;
  // A peer that has not funded it may never do so.
  return durable.params.opener === 'local' || durable.active[0].confirmed !== null;
}

/** What of the coins that can be spent now is kept back for it. */
export function reserveHeld(core: Pick<Core, 'channels' | 'feerates' | 'height' | 'wallet'>): Sat {
  const wanted = reserveWanted(core);
  const { spendable } = balanceOf(core.wallet);
  return wanted < spendable ? wanted : spendable;
}
