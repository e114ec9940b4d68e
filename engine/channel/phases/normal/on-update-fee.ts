import type { FeeratePerKw } from '../../../base/units.ts';
import { FEERATE_FLOOR } from '../../../bitcoin/fee.ts';
import type { UpdateFee } from '../../../wire/htlc-update.ts';
import { commitmentCost, loadOf } from '../../ledger/load.ts';
import { feerateOf, NEXT_LOCAL } from '../../ledger/view.ts';
import type { Proposals, Ready } from '../../session.ts';
import type { Normal, ShuttingDown } from '../../state.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';

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

type Fault = { readonly rule: string; readonly detail: string };

/**
 * A disagreement about fees must not end a channel, so the band is wide. What the peer pays more than is needed is its
 * own money: a fee rate is too large only when it takes money that is ours (what becomes dust by it), or when the peer
 * cannot pay it.
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
  const hasAnchors = params.type.base === 'anchors';
  const isMore = feerate > feerateOf(ledger, NEXT_LOCAL, params.opener);
  // More than it was is better than what it was, whatever we think of it. With anchors a child pays what is missing.
  const least = hasAnchors || isMore ? FEERATE_FLOOR : Math.max(FEERATE_FLOOR, env.feerates.background / 4);
  if (feerate < least)
    return {
      rule: `${SECTION} "if the \`update_fee\` is too low for timely processing, OR is unreasonably large: MUST send a \`warning\` and close the connection, or send an \`error\` and fail the channel"`,
      detail: `feerate_per_kw ${feerate} is less than ${least}`,
    };
  const load = loadOf(params, ledger, 'local', NEXT_LOCAL, proposals);
  if (load.toRemote < params.local.reserve * 1000n + commitmentCost(params, load.feerate, load.untrimmed))
    return {
      rule: `${SECTION} "if the sender cannot afford the new fee rate on the receiving node's current commitment transaction: SHOULD send a \`warning\` and close the connection, or send an \`error\` and fail the channel"`,
      detail: `feerate_per_kw ${feerate} leaves the sender too little`,
    };
  // DIVERGES from BOLT 2 §update_fee: "if the dust balance of the remote transaction at the updated
  // `feerate_per_kw` is greater then `max_dust_htlc_exposure_msat`: MAY fail the channel": it is taken. An update that
  // was signed while an HTLC of ours crossed it comes again on each connection, so that to hang up over it would go on
  // until the HTLC's deadline closes the channel. What is too much from then on is failed when it is offered to us
  // (offer.ts), and not offered by us (ledger/offer.ts).
  return null;
}
