import { blockHeight, sat, weight, type BlockHeight, type FeeratePerKw, type Sat } from '../../base/units.ts';
import { feeAtLeast } from '../../bitcoin/fee.ts';
import { mostFeeFor } from '../../channel/claim-worth.ts';
import { closingNeed } from '../../channel/closing-need.ts';
import { DEFAULT_CHANNEL_CONFIG as config } from '../../channel/default-config.ts';
import { fulfilledDue } from '../../channel/due.ts';
import { isLive, type Durable } from '../../channel/state.ts';
import { needsFeeInputs } from '../../commitment/claim.ts';
import {
  HTLC_TX_WEIGHT,
  WALLET_INPUT_WEIGHT,
  WALLET_OUTPUT_WEIGHT,
} from '../../commitment/expected-weights.ts';
import { balanceOf } from '../../wallet/balance.ts';
import { ledgerOf } from '../../wallet/ledger.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { Core } from '../core.ts';

/** As LDK Node keeps for each: a child of a commitment and an HTLC transaction or two, in a day of high fees. */
export const RESERVE_PER_CHANNEL = sat(25_000);
/** Many channels do not all close on the same bad day. */
const MOST_RESERVE = sat(100_000);

export type ReserveCore = Pick<Core, 'channels' | 'feerates' | 'height' | 'demands' | 'wallet'>;

/**
 * What stays in the wallet to pay for closing channels with anchors: their commitments and HTLC transactions get their
 * fees from coins of ours. More than the usual where payments wait on a peer that is away and fees are such that it would
 * not do: they are lost when it is short. Of a channel that is closing as much as its claims with a deadline will take,
 * until they have it: they are not made before the commitment is in a block.
 * @param more channels that are about to be.
 */
export function reserveWanted(core: ReserveCore, more = 0): Sat {
  const { channels, feerates, height } = core;
  const { urgent } = feerates.dearer ?? feerates;
  const kept = [...channels.all()].filter(needsReserve);
  const usual = RESERVE_PER_CHANNEL * BigInt(kept.length + more);
  const now = kept.reduce(
    (sum, channel) =>
      sum +
      (adriftNeed(channel, urgent, core) ??
        waitingNeed(channel, urgent, height) + claimsNeed(channel, urgent, core)),
    0n,
  );
  const wanted = usual < MOST_RESERVE ? usual : MOST_RESERVE;
  return sat(now > wanted ? now : wanted);
}

/**
 * Payments of a peer that is there come and go: nothing is asked for on their account before they have stood for so long
 * that the chain will have to decide soon. A peer may be connected, and deaf.
 */
function waitingNeed(
  { state: { durable, session }, frozen }: HostedChannel,
  urgent: FeeratePerKw,
  height: BlockHeight,
): bigint {
  if (durable === null || !isLive(durable)) return 0n;
  const soon = { height: blockHeight(height + config.fulfillSafety), config };
  if (session.link === 'ready' && !frozen && fulfilledDue(soon, durable).length === 0) return 0n;
  return closingNeed(durable, urgent);
}

/**
 * Which commitment a block takes is not said by the one that mempools have: ours may have to go beside it. Null where that
 * is decided, or the channel is open.
 */
function adriftNeed(
  channel: HostedChannel,
  urgent: FeeratePerKw,
  { demands, wallet }: Pick<ReserveCore, 'demands' | 'wallet'>,
): bigint | null {
  const { durable } = channel.state;
  if (durable === null || !isAdrift(durable)) return null;
  const lift = demands.get(channel)?.lift ?? null;
  const isLifted = lift !== null && ledgerOf(wallet).spenderOf(lift.anchor.outPoint) !== null;
  return closingNeed(durable, urgent, isLifted);
}

const isAdrift = (durable: Durable): boolean =>
  durable.phase === 'closing' &&
  !durable.lostData &&
  (durable.spend === null || (durable.spend.at === null && durable.spend.kind !== 'mutual'));

/** Of those that nothing of ours takes yet; what another has in no block is still to be taken. */
function claimsNeed(
  channel: HostedChannel,
  urgent: FeeratePerKw,
  { demands, wallet }: Pick<ReserveCore, 'demands' | 'wallet'>,
): bigint {
  const waiting = (demands.get(channel)?.open ?? []).filter(
    ({ claim, deadline, spent }) =>
      deadline !== null &&
      (spent?.at ?? null) === null &&
      needsFeeInputs(claim) &&
      ledgerOf(wallet).spenderOf(claim.outPoint) === null,
  );
  return waiting.reduce((sum, { claim }) => {
    // A success has no lock time. With a coin that pays, and change.
    const alone = HTLC_TX_WEIGHT.anchors[claim.lockTime === 0 ? 'received' : 'offered'];
    const fee = feeAtLeast(urgent, weight(alone + WALLET_INPUT_WEIGHT + WALLET_OUTPUT_WEIGHT));
    const most = mostFeeFor(claim.amount);
    return sum + (fee < most ? fee : most);
  }, 0n);
}

function needsReserve({ state: { durable } }: HostedChannel): boolean {
  if (durable === null || durable.phase === 'closed' || durable.params.type.base !== 'anchors') return false;
  // A peer that has not funded it may never do so.
  return durable.params.opener === 'local' || durable.active[0].confirmed !== null;
}

/** What of the coins that can be spent now is kept back for it. */
export function reserveHeld(core: ReserveCore): Sat {
  const wanted = reserveWanted(core);
  const { spendable } = balanceOf(core.wallet);
  return wanted < spendable ? wanted : spendable;
}
