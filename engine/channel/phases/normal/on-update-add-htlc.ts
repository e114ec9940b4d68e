import type { UpdateAddHtlc } from '../../../wire/htlc-update.ts';
import type { Add } from '../../ledger.ts';
import { commitmentCost, loadOf } from '../../ledger/load.ts';
import { withTheirs } from '../../ledger/propose.ts';
import { NEXT_LOCAL } from '../../ledger/view.ts';
import type { Proposals, Ready } from '../../session.ts';
import type { Normal, ShuttingDown } from '../../state.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';
import { EXPIRY_LIMIT } from './add-htlc.ts';

/** The peer offers an HTLC. It counts from the peer's signature on. */
export function onUpdateAddHtlc(
  work: Work,
  channel: Normal | ShuttingDown,
  session: Ready,
  message: UpdateAddHtlc,
): void {
  if (channel.phase === 'shutting-down' && channel.remoteScript !== null) {
    breach(
      work,
      'disconnect',
      'BOLT 2 §shutdown: "MUST NOT send an `update_add_htlc` after a `shutdown`"',
      'update_add_htlc after shutdown',
    );
    return;
  }
  const { proposals } = session;
  const add: Add = {
    direction: 'incoming',
    id: message.id,
    amount: message.amount,
    paymentHash: message.paymentHash,
    cltvExpiry: message.cltvExpiry,
    onion: message.onion,
    ...(message.blindedPath === undefined ? {} : { pathKey: message.blindedPath }),
    ...(message.extraFee === undefined ? {} : { skimmedFee: message.extraFee }),
  };
  const proposed = withTheirs(channel.ledger, proposals, add);
  const expected = channel.ledger.nextIncomingId + BigInt(proposals.adds.length);
  const fault = faultOf(channel, proposed, add, expected);
  if (fault === null) work.session = { ...session, proposals: proposed };
  else breach(work, 'disconnect', fault.rule, fault.detail);
}

const SECTION = 'BOLT 2 §update_add_htlc:';

type Fault = { readonly rule: string; readonly detail: string };

function faultOf(
  { params, ledger }: Normal | ShuttingDown,
  proposals: Proposals,
  add: Add,
  expected: bigint,
): Fault | null {
  const { local } = params;
  // BOLT 2 §update_add_htlc: "MUST allow multiple HTLCs with the same `payment_hash`." Nothing here looks at it.
  // BOLT 2 §update_add_htlc: "MUST ignore a repeated `id` value after a reconnection." What was not signed went with
  // the connection, and `expected` with it.
  if (add.id !== expected)
    return {
      rule: `${SECTION} "if other \`id\` violations occur: MAY send a \`warning\` and close the connection"`,
      detail: `id ${add.id} where ${expected} is next`,
    };
  if (add.amount === 0n || add.amount < local.htlcMinimum)
    return {
      rule: `${SECTION} "receiving an \`amount_msat\` equal to 0, OR less than its own \`htlc_minimum_msat\`"`,
      detail: `amount_msat ${add.amount} is less than ${local.htlcMinimum}`,
    };
  if (add.cltvExpiry >= EXPIRY_LIMIT)
    return {
      rule: `${SECTION} "if sending node sets \`cltv_expiry\` to greater or equal to 500000000"`,
      detail: `cltv_expiry ${add.cltvExpiry}`,
    };
  const load = loadOf(params, ledger, 'local', NEXT_LOCAL, proposals);
  if (load.incoming.count > local.maxAcceptedHtlcs)
    return {
      rule: `${SECTION} "if a sending node adds more than receiver \`max_accepted_htlcs\` HTLCs to its local commitment transaction"`,
      detail: `${load.incoming.count} HTLCs are more than ${local.maxAcceptedHtlcs}`,
    };
  if (load.incoming.amount > local.maxInFlight)
    return {
      rule: `${SECTION} "adds more than receiver \`max_htlc_value_in_flight_msat\` worth of offered HTLCs to its local commitment transaction"`,
      detail: `${load.incoming.amount} msat in flight are more than ${local.maxInFlight}`,
    };
  const cost = commitmentCost(params, load.feerate, load.untrimmed);
  if (load.toRemote < local.reserve * 1000n + (params.opener === 'remote' ? cost : 0n))
    return {
      rule: `${SECTION} "receiving an \`amount_msat\` that the sending node cannot afford at the current \`feerate_per_kw\` (while maintaining its channel reserve and any \`to_local_anchor\` and \`to_remote_anchor\` costs)"`,
      detail: `amount_msat ${add.amount} leaves the sender ${load.toRemote}`,
    };
  // Our reserve may be touched: both sides may have added at once. Beyond that the commitment would lack its fee.
  if (params.opener === 'local' && load.toLocal < cost)
    return {
      rule: `${SECTION} "once the remote node adds that HTLC to its commitment transaction, it cannot pay the fee for the updated local or remote transaction at the current \`feerate_per_kw\`"`,
      detail: `amount_msat ${add.amount} makes a commitment that costs ${cost}`,
    };
  return null;
}
