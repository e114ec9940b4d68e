import type { FeeratePerKw } from '../../../base/units.ts';
import { FEERATE_FLOOR } from '../../../bitcoin/fee.ts';
import type { UpdateFee } from '../../../wire/htlc-update.ts';
import type { Ledger } from '../../ledger.ts';
import { burnt } from '../../ledger/burn.ts';
import { commitmentCost, loadOf, trimThreshold } from '../../ledger/load.ts';
import { eachHtlc, feerateOf, NEXT_LOCAL, type View } from '../../ledger/view.ts';
import type { ChannelParams } from '../../params.ts';
import type { Proposals, Ready } from '../../session.ts';
import type { Normal, ShuttingDown } from '../../state.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';
import { fairFeerate } from './fair-feerate.ts';
import { timelyFeerate } from './timely-feerate.ts';

const SECTION = 'BOLT 2 §update_fee:';

/** The peer, who pays, changes the fee rate. */
export function onUpdateFee(
  work: Work,
  channel: Normal | ShuttingDown,
  session: Ready,
  message: UpdateFee,
): void {
  const proposals = { ...session.proposals, feerate: message.feeratePerKw };
  const fault = faultOf(work, channel, proposals, message.feeratePerKw);
  if (fault === null) work.session = { ...session, proposals };
  else breach(work, 'disconnect', fault.rule, fault.detail);
}

/** HTLCs that our next commitment has, or one soon after it: those on their way when the fee rate changed too. */
const SOON: View = { outgoing: [0, 4], incoming: [0, 6] };

type Fault = { readonly rule: string; readonly detail: string };

/**
 * DIVERGES from BOLT 2 §update_fee: "if the `update_fee` is too low for timely processing, OR is unreasonably large: MUST
 * send a `warning` and close the connection, or send an `error` and fail the channel": because a disagreement about fees
 * must not end a channel, almost whatever the peer can pay is taken: an update that was signed comes again on each
 * connection, so that to hang up over it goes on until an HTLC's deadline closes the channel. What the commitment pays more
 * than is needed is the peer's own money. Without anchors HTLCs pay for themselves at that rate: no raise is taken that
 * burns what they hold and that no mempool asks for. Until it is taken back, or our estimate has come up to it, we hang up:
 * nothing is revoked, and at a deadline it is the commitment of before that goes to the chain. Less than is needed, and no
 * anchors for a child to pay the rest: as long as nothing of ours hangs on it; what is offered to us from then on is failed
 * (offer.ts).
 */
function faultOf(
  { env }: Work,
  { params, ledger }: Normal | ShuttingDown,
  proposals: Proposals,
  feerate: FeeratePerKw,
): Fault | null {
  if (params.opener === 'local')
    return {
      rule: `${SECTION} "if the sender is not responsible for paying the Bitcoin fee: MUST send a \`warning\` and close the connection, or send an \`error\` and fail the channel"`,
      detail: 'update_fee from who does not pay',
    };
  const timely = timelyFeerate(params.type, env.feerates, 'to-stay');
  // More than it was is better than what it was, whatever we think of it.
  const isMore = feerate > feerateOf(ledger, NEXT_LOCAL, params.opener);
  if (
    feerate < FEERATE_FLOOR ||
    (feerate < timely && !isMore && hasOutputToTake(params, ledger, proposals, feerate))
  )
    return {
      rule: `${SECTION} "if the \`update_fee\` is too low for timely processing, OR is unreasonably large: MUST send a \`warning\` and close the connection, or send an \`error\` and fail the channel"`,
      detail: `feerate_per_kw ${feerate} is less than ${timely}`,
    };
  // What was signed in a spike comes again once it is over: to hang up over that would go on until an HTLC's deadline.
  const { urgent, peak } = env.feerates;
  const fair = fairFeerate({ urgent: peak !== undefined && peak.rate > urgent ? peak.rate : urgent });
  const rates = { feerate, fair };
  const burn = (['local', 'remote'] as const)
    .map((owner) => burnt(params, ledger, owner, SOON, rates, proposals))
    .reduce((a, b) => (a > b ? a : b));
  if (isMore && burn > env.config.maxDustExposure)
    return {
      rule: `${SECTION} "if the \`update_fee\` is too low for timely processing, OR is unreasonably large: MUST send a \`warning\` and close the connection, or send an \`error\` and fail the channel"`,
      detail: `feerate_per_kw ${feerate} burns ${burn} msat of HTLCs`,
    };
  const load = loadOf(params, ledger, 'local', NEXT_LOCAL, proposals);
  if (load.toRemote < params.local.reserve * 1000n + commitmentCost(params, load.feerate, load.untrimmed))
    return {
      rule: `${SECTION} "if the sender cannot afford the new fee rate on the receiving node's current commitment transaction: SHOULD send a \`warning\` and close the connection, or send an \`error\` and fail the channel"`,
      detail: `feerate_per_kw ${feerate} leaves the sender too little`,
    };
  // DIVERGES from BOLT 2 §update_fee: "if the dust balance of the remote transaction at the updated
  // `feerate_per_kw` is greater then `max_dust_htlc_exposure_msat`: MAY fail the channel": it is taken where the mempool is
  // the reason. An update that was signed while an HTLC of ours crossed it comes again on each connection, so that to hang
  // up over it would go on until the HTLC's deadline closes the channel. What is too much from then on is failed when it is offered to us
  // (offer.ts), and not offered by us (ledger/offer.ts).
  return null;
}

/**
 * Our next commitment holds an HTLC that we took the preimage out for, or may at any moment: with a fee rate at which it
 * is not mined before the HTLC times out, the peer would have both.
 */
function hasOutputToTake(
  params: ChannelParams,
  ledger: Ledger,
  proposals: Proposals,
  feerate: FeeratePerKw,
): boolean {
  const threshold = trimThreshold(params, 'local', 'incoming', feerate);
  const [first, last] = NEXT_LOCAL.incoming;
  let found = false;
  eachHtlc(ledger, proposals, ({ direction, amount }, step, removal) => {
    if (direction === 'incoming' && step >= first && step <= last && amount >= threshold)
      found ||= removal === null || removal.tag === 'fulfill';
  });
  return found;
}
