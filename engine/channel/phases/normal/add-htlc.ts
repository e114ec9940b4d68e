import type { CommandId } from '../../../base/ids.ts';
import { blockHeight } from '../../../base/units.ts';
import type { UpdateAddHtlc } from '../../../wire/htlc-update.ts';
import type { ChannelCommand } from '../../command.ts';
import { isDeepEnough } from '../../funded.ts';
import type { Add } from '../../ledger.ts';
import { burnt, burntOf } from '../../ledger/burn.ts';
import { offerRefusal } from '../../ledger/offer.ts';
import { withOurs } from '../../ledger/propose.ts';
import { EVENTUAL_LOCAL, feerateOf } from '../../ledger/view.ts';
import type { ChannelRefusal } from '../../refusal.ts';
import type { Ready } from '../../session.ts';
import type { Normal } from '../../state.ts';
import { statusOf } from '../../status.ts';
import type { Work } from '../../work.ts';
import { fairFeerate } from './fair-feerate.ts';

type AddHtlc = ChannelCommand & { readonly tag: 'add-htlc' };

/** The command `add-htlc`. */
export function addHtlc(work: Work, id: CommandId, command: AddHtlc): void {
  const { durable, session } = work;
  // BOLT 2 §shutdown: "MUST NOT send an `update_add_htlc` after a `shutdown`."
  if (durable?.phase !== 'normal' || session.link !== 'ready') {
    work.refuse(id, { code: 'channel-not-ready', status: statusOf(work) });
    return;
  }
  if (!isDeepEnough(durable, work.env.height)) {
    work.refuse(id, { code: 'channel-not-ready', status: 'waiting-for-confirmations' });
    return;
  }
  const refusal = refusalOf(work, durable, session, command);
  if (refusal !== null) {
    work.refuse(id, refusal);
    return;
  }
  const { ledger } = durable;
  const add: Add = {
    direction: 'outgoing',
    // BOLT 2 §update_add_htlc: "for the first HTLC it offers: MUST set `id` to 0."
    // BOLT 2 §update_add_htlc: "MUST increase the value of `id` by 1 for each successive offer."
    // BOLT 2 §update_add_htlc: "`id` MUST NOT be reset to 0 after the update is complete (i.e. after `revoke_and_ack`
    // has been received). It MUST continue incrementing instead."
    id: ledger.nextOutgoingId,
    amount: command.amount,
    paymentHash: command.paymentHash,
    cltvExpiry: command.cltvExpiry,
    onion: command.onion,
    // BOLT 2 §update_add_htlc: "if it is relaying a payment inside a blinded route: MUST set `path_key`"
    ...(command.pathKey === undefined ? {} : { pathKey: command.pathKey }),
    origin: command.origin,
  };
  work.durable = { ...durable, ledger: withOurs(ledger, session.proposals, add) };
  work.send(updateAddHtlc(durable, add));
  work.succeed(id, { tag: 'added', id: add.id });
}

export const updateAddHtlc = ({ params }: Pick<Normal, 'params'>, add: Add): UpdateAddHtlc => ({
  name: 'update_add_htlc',
  channelId: params.channelId,
  id: add.id,
  amount: add.amount,
  paymentHash: add.paymentHash,
  cltvExpiry: add.cltvExpiry,
  onion: add.onion,
  ...(add.pathKey === undefined ? {} : { blindedPath: add.pathKey }),
});

/** BOLT 2 §update_add_htlc: "MUST set `cltv_expiry` less than 500000000." */
export const EXPIRY_LIMIT = 500_000_000;

function refusalOf(
  { env }: Work,
  channel: Normal,
  { proposals }: Ready,
  { amount, cltvExpiry }: AddHtlc,
): ChannelRefusal | null {
  // An id that went back after a disconnection while its outcome is not written down: it would stand for two HTLCs.
  if (channel.outcomes.has(channel.ledger.nextOutgoingId))
    return { code: 'channel-not-ready', status: 'reconnecting' };
  // BOLT 2 §cltv_expiry_delta: "MUST NOT offer an HTLC with a timeout deadline before its `cltv_expiry`." What has
  // expired would have to be taken to the chain at once.
  if (cltvExpiry <= env.height) return { code: 'expiry-too-soon', minimum: blockHeight(env.height + 1) };
  const maximum = blockHeight(Math.min(env.height + env.config.maxCltvDelta, EXPIRY_LIMIT - 1));
  if (cltvExpiry > maximum) return { code: 'expiry-too-far', maximum };
  const { params, ledger } = channel;
  // Without anchors what comes back of it pays for itself, at the rate that the opener chose.
  const feerate = feerateOf(ledger, EVENTUAL_LOCAL, params.opener, proposals);
  const rates = { feerate, fair: fairFeerate(env.feerates) };
  const more = burntOf(params, 'local', { direction: 'outgoing', amount }, rates);
  if (
    more > 0n &&
    burnt(params, ledger, 'local', EVENTUAL_LOCAL, rates, proposals) + more > env.config.maxDustExposure
  )
    return { code: 'dust-exposure', maximum: env.config.maxDustExposure };
  return offerRefusal(params, ledger, proposals, env.config, amount);
}
