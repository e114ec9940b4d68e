import type { CommandId } from '../../../base/ids.ts';
import { feeratePerKw, type FeeratePerKw } from '../../../base/units.ts';
import { commitmentCost, loadOf } from '../../ledger/load.ts';
import { affords } from '../../ledger/offer.ts';
import { NEXT_LOCAL, NEXT_REMOTE, feerateOf } from '../../ledger/view.ts';
import type { Core, Normal, ShuttingDown } from '../../state.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';
import { commitmentFeerate, feerateBounds } from '../opening/terms.ts';

/** The command `update-fee`. */
export function updateFee(work: Work, id: CommandId, feerate: FeeratePerKw): void {
  const { durable, session } = work;
  // BOLT 2 §shutdown: "if no HTLCs remain in either commitment transaction […] and neither side has a pending
  // `revoke_and_ack` to send: MUST NOT send any `update` message after that point." We send none once it has begun,
  // but to who owes a signature.
  if (durable?.phase !== 'normal' || session.link !== 'ready') {
    work.refuse(id, { code: 'channel-not-ready', status: statusOf(work) });
    return;
  }
  // BOLT 2 §update_fee: "The node _not responsible_ for paying the Bitcoin fee: MUST NOT send `update_fee`."
  if (durable.params.opener === 'remote') {
    work.refuse(id, { code: 'not-opener' });
    return;
  }
  if (!mayPropose(work, durable, feerate)) {
    work.refuse(id, { code: 'fee-unaffordable', maximum: durable.ledger.feerate });
    return;
  }
  propose(work, durable, feerate);
  work.succeed(id);
}

function mayPropose({ env }: Work, { params, ledger }: Core, feerate: FeeratePerKw): boolean {
  const { least, greatest } = feerateBounds(params.type, env);
  // As far as we can go is better than not to go.
  const isTooLittle = feerate < least && feerate <= feerateOf(ledger, NEXT_REMOTE, 'local');
  if (isTooLittle || feerate > greatest || !affords(params, ledger, feerate)) return false;
  // BOLT 2 §update_fee: "if the dust balance of the remote transaction at the updated `feerate_per_kw` is greater than
  // `max_dust_htlc_exposure_msat`: MAY NOT send `update_fee`"
  return (
    loadOf(params, ledger, 'remote', NEXT_REMOTE, undefined, feerate).dust <= env.config.maxDustExposure &&
    loadOf(params, ledger, 'local', NEXT_LOCAL, undefined, feerate).dust <= env.config.maxDustExposure
  );
}

function propose(work: Work, channel: Normal | ShuttingDown, feerate: FeeratePerKw): void {
  const { ledger, params } = channel;
  // One that waits for its signature is replaced: there is one fee rate.
  const waiting = ledger.feeUpdates.filter(({ step }) => step !== 0);
  work.durable = { ...channel, ledger: { ...ledger, feeUpdates: [...waiting, { feerate, step: 0 }] } };
  work.send({ name: 'update_fee', channelId: params.channelId, feeratePerKw: feerate });
}

/** Where nothing newer waits. */
export function proposeRaise(work: Work, channel: Normal | ShuttingDown, feerate: FeeratePerKw): void {
  const isWaiting = channel.ledger.feeUpdates.some(({ step }) => step === 0);
  if (!isWaiting && mayPropose(work, channel, feerate)) propose(work, channel, feerate);
}

/**
 * On each new estimate. BOLT 2 §update_fee: the opener "SHOULD send `update_fee` to ensure the current fee rate is
 * sufficient (by a significant margin) for timely processing of the commitment transaction."
 */
export function followFeerate(work: Work): void {
  const { durable, session, env } = work;
  if (durable?.phase !== 'normal' || session.link !== 'ready' || durable.params.opener !== 'local') return;
  const wanted = commitmentFeerate(durable.params.type, env);
  const current = feerateOf(durable.ledger, NEXT_REMOTE, 'local');
  if (!isWorthIt(wanted, current)) return;
  const may = (feerate: FeeratePerKw): boolean =>
    mayPropose(work, durable, feerate) && (feerate < current || isBearable(durable, feerate));
  const possible = may(wanted) ? wanted : nearest(current, wanted, may);
  if (isWorthIt(possible, current)) propose(work, durable, possible);
}

/** Up by a quarter at once; down only when it is worth the two signatures. */
const isWorthIt = (wanted: number, current: number): boolean =>
  wanted * 4 > current * 5 || wanted * 2 < current;

/**
 * Nobody here saw a fee and agreed to it, and the peer may close at any moment: as for what is claimed after that, it may
 * cost half of what is ours.
 */
function isBearable({ params, ledger }: Normal, feerate: FeeratePerKw): boolean {
  const { toLocal, untrimmed } = loadOf(params, ledger, 'remote', NEXT_REMOTE, undefined, feerate);
  return commitmentCost(params, feerate, untrimmed) <= toLocal / 2n;
}

/** When fees jump beyond what we can or would pay, or what dust may come to: as far as we can go. */
function nearest(
  current: FeeratePerKw,
  wanted: FeeratePerKw,
  may: (feerate: FeeratePerKw) => boolean,
): FeeratePerKw {
  let possible = current;
  for (let beyond = wanted; Math.abs(beyond - possible) > 1;) {
    const middle = feeratePerKw(Math.floor((possible + beyond) / 2));
    if (may(middle)) possible = middle;
    else beyond = middle;
  }
  return possible;
}
