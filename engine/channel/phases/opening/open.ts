import { toHex } from '../../../base/bytes.ts';
import { channelId, type CommandId } from '../../../base/ids.ts';
import { sat } from '../../../base/units.ts';
import { ANNOUNCE_CHANNEL, type OpenChannel } from '../../../wire/channel-open.ts';
import { negotiated } from '../../../wire/features.ts';
import type { ChannelCommand } from '../../command.ts';
import type { ChannelRefusal } from '../../refusal.ts';
import type { Work } from '../../work.ts';
import { encodeChannelType, preferredType } from './channel-type.ts';
import type { Proposal } from './negotiation.ts';
import {
  balanceFault,
  commitmentFeerate,
  isClosable,
  LARGE_CHANNEL,
  LEAST_DUST_LIMIT,
  localTerms,
} from './terms.ts';

type Open = ChannelCommand & { readonly tag: 'open' };

/** The command `open`. */
export function open(work: Work, id: CommandId, command: Open): void {
  const { session } = work;
  if (work.durable !== null || (session.link === 'opening' && session.open.stage !== 'idle')) {
    work.refuse(id, { code: 'channel-not-ready', status: 'opening' });
    return;
  }
  if (session.link !== 'opening') {
    work.refuse(id, { code: 'peer-not-connected' });
    return;
  }
  const proposal = propose(work, command, session.remoteFeatures);
  if ('code' in proposal) {
    work.refuse(id, proposal);
    return;
  }
  work.session = { ...session, open: { stage: 'open-sent', command: id, proposal } };
  work.send(openChannel(work, proposal));
}

function propose(work: Work, command: Open, remoteFeatures: Uint8Array): Proposal | ChannelRefusal {
  const { env } = work;
  const { amount, push, announce, shutdownScript } = command;
  // BOLT 2 §open_channel: "if both nodes advertised `option_support_large_channel`: MAY set `funding_satoshis` greater
  // than or equal to 2^24 satoshi. otherwise: MUST set `funding_satoshis` to less than 2^24 satoshi."
  const large = negotiated(env.features, remoteFeatures, 'option_support_large_channel');
  const maximum = large ? MAX_FUNDING : sat(LARGE_CHANNEL - 1n);
  if (amount < env.config.minFunding || amount > maximum)
    return { code: 'channel-amount-out-of-range', minimum: env.config.minFunding, maximum };
  // BOLT 2 §open_channel: "MUST set `push_msat` to equal or less than 1000 * `funding_satoshis`."
  if (push > amount * 1000n)
    return { code: 'invalid-argument', field: 'push', detail: 'more than the channel holds' };
  const type = preferredType(env, remoteFeatures, command);
  if (type === null) return { code: 'peer-incompatible', detail: 'no channel type that both sides support' };
  if (!isClosable(shutdownScript, env, remoteFeatures))
    return {
      code: 'invalid-argument',
      field: 'shutdownScript',
      detail: 'a form that the peer need not accept',
    };
  const upfront = negotiated(env.features, remoteFeatures, 'option_upfront_shutdown_script');
  const local = localTerms(env, amount, upfront ? shutdownScript : new Uint8Array(), LEAST_DUST_LIMIT);
  const feerate = commitmentFeerate(type, env);
  const fault = balanceFault(amount, push, feerate, type, {
    opener: local.reserve,
    accepter: local.reserve,
  });
  if (fault !== null) return { code: 'invalid-argument', field: 'amount', detail: fault.detail };
  return {
    // BOLT 2 §open_channel: "MUST ensure `temporary_channel_id` is unique from any other channel ID with the same
    // peer."
    temporaryId: channelId(toHex(env.random(32))),
    amount,
    push,
    announce,
    feerate,
    fundingFeerate: command.feerate,
    type,
    local,
  };
}

/** All bitcoins there are. */
const MAX_FUNDING = sat(21_000_000n * 100_000_000n);

function openChannel(work: Work, proposal: Proposal): OpenChannel {
  const { env } = work;
  const { local } = proposal;
  return {
    name: 'open_channel',
    // BOLT 2 §open_channel: "MUST ensure the `chain_hash` value identifies the chain it wishes to open the channel
    // within."
    chainHash: env.network.genesisHash,
    temporaryChannelId: proposal.temporaryId,
    fundingAmount: proposal.amount,
    pushAmount: proposal.push,
    dustLimit: local.dustLimit,
    maxHtlcValueInFlight: local.maxInFlight,
    channelReserve: local.reserve,
    htlcMinimum: local.htlcMinimum,
    feeratePerKw: proposal.feerate,
    toSelfDelay: local.toSelfDelay,
    maxAcceptedHtlcs: local.maxAcceptedHtlcs,
    ...localPoints(work),
    // BOLT 2 §open_channel: "MUST set undefined bits in `channel_flags` to 0."
    channelFlags: proposal.announce ? ANNOUNCE_CHANNEL : 0,
    // BOLT 2 §open_channel: "if it includes `open_channel_tlvs`: MUST include `upfront_shutdown_script`."
    upfrontShutdownScript: local.shutdownScript,
    // BOLT 2 §open_channel: "MUST set `channel_type`: MUST set it to a defined type representing the type it wants."
    channelType: encodeChannelType(proposal.type),
  };
}

/** The keys of open_channel and accept_channel. */
export const localPoints = ({
  env: { signer },
}: Work): Pick<
  OpenChannel,
  | 'fundingPubkey'
  | 'revocationBasepoint'
  | 'paymentBasepoint'
  | 'delayedPaymentBasepoint'
  | 'htlcBasepoint'
  | 'firstPerCommitmentPoint'
> => ({
  // BOLT 2 §open_channel: "MUST set `funding_pubkey`, `revocation_basepoint`, `htlc_basepoint`, `payment_basepoint`,
  // and `delayed_payment_basepoint` to valid secp256k1 pubkeys in compressed format."
  fundingPubkey: signer.fundingKey(0),
  revocationBasepoint: signer.basepoints.revocation,
  paymentBasepoint: signer.basepoints.payment,
  delayedPaymentBasepoint: signer.basepoints.delayedPayment,
  htlcBasepoint: signer.basepoints.htlc,
  // BOLT 2 §open_channel: "MUST set `first_per_commitment_point` to the per-commitment point to be used for the initial
  // commitment transaction"
  firstPerCommitmentPoint: signer.point(0),
});
