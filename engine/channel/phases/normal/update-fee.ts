import type { CommandId } from '../../../base/ids.ts';
import type { FeeratePerKw } from '../../../base/units.ts';
import type { UpdateFee } from '../../../wire/htlc-update.ts';
import { loadOf, commitmentCost } from '../../ledger/load.ts';
import { affords } from '../../ledger/offer.ts';
import { NEXT_LOCAL, NEXT_REMOTE, feerateOf } from '../../ledger/view.ts';
import type { Ready } from '../../session.ts';
import type { Normal, ShuttingDown } from '../../state.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';
import { commitmentFeerate, feerateFault } from '../opening/terms.ts';

/** The command `update-fee`. */
export function updateFee(work: Work, id: CommandId, feerate: FeeratePerKw): void {
  const { durable, session } = work;
  // BOLT 2 §shutdown: "if no HTLCs remain in either commitment transaction […] and neither side has a pending
  // `revoke_and_ack` to send: MUST NOT send any `update` message after that point." We send none once it has begun.
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

function mayPropose({ env }: Work, { params, ledger }: Normal, feerate: FeeratePerKw): boolean {
  if (feerateFault(feerate, params.type, env) !== null || !affords(params, ledger, feerate)) return false;
  // BOLT 2 §update_fee: "if the dust balance of the remote transaction at the updated `feerate_per_kw` is greater than
  // `max_dust_htlc_exposure_msat`: MAY NOT send `update_fee`"
  return (
    loadOf(params, ledger, 'remote', NEXT_REMOTE, undefined, feerate).dust <= env.config.maxDustExposure &&
    loadOf(params, ledger, 'local', NEXT_LOCAL, undefined, feerate).dust <= env.config.maxDustExposure
  );
}

function propose(work: Work, channel: Normal, feerate: FeeratePerKw): void {
  const { ledger, params } = channel;
  // One that waits for its signature is replaced: there is one fee rate.
  const waiting = ledger.feeUpdates.filter(({ step }) => step !== 0);
  work.durable = { ...channel, ledger: { ...ledger, feeUpdates: [...waiting, { feerate, step: 0 }] } };
  work.send({ name: 'update_fee', channelId: params.channelId, feeratePerKw: feerate });
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
  // Up by a quarter at once; down only when it is worth the two signatures.
  if (wanted * 4 <= current * 5 && wanted * 2 >= current) return;
  if (mayPropose(work, durable, wanted)) propose(work, durable, wanted);
}

/** The peer, who pays, changes the fee rate. */
export function onUpdateFee(
  work: Work,
  channel: Normal | ShuttingDown,
  session: Ready,
  message: UpdateFee,
): void {
  const { params, ledger } = channel;
  if (params.opener === 'local') {
    breach(
      work,
      'disconnect',
      'BOLT 2 §update_fee: "if the sender is not responsible for paying the Bitcoin fee: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
      'update_fee from who does not pay',
    );
    return;
  }
  const fault = feerateFault(message.feeratePerKw, params.type, work.env);
  if (fault !== null) {
    breach(
      work,
      'disconnect',
      'BOLT 2 §update_fee: "if the `update_fee` is too low for timely processing, OR is unreasonably large: MUST send a `warning` and close the connection, or send an `error` and fail the channel"',
      fault,
    );
    return;
  }
  const proposals = { ...session.proposals, feerate: message.feeratePerKw };
  const load = loadOf(params, ledger, 'local', NEXT_LOCAL, proposals);
  if (load.toRemote < params.local.reserve * 1000n + commitmentCost(params, load.feerate, load.untrimmed)) {
    breach(
      work,
      'disconnect',
      'BOLT 2 §update_fee: "if the sender cannot afford the new fee rate on the receiving node\'s current commitment transaction: SHOULD send a `warning` and close the connection, or send an `error` and fail the channel"',
      `feerate_per_kw ${message.feeratePerKw} leaves the sender too little`,
    );
    return;
  }
  work.session = { ...session, proposals };
}
