import { ANNOUNCE_CHANNEL, type OpenChannel } from '../../../wire/channel-open.ts';
import { negotiated } from '../../../wire/features.ts';
import type { ChannelType } from '../../../wire/channel-type.ts';
import type { Env } from '../../env.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';
import { proposedType } from './channel-type.ts';
import { balanceFault, feerateFault, LARGE_CHANNEL, localTerms, termsFault, type Fault } from './terms.ts';

/** The peer wants to open a channel to us. */
export function onOpenChannel(work: Work, message: OpenChannel): void {
  const { session } = work;
  if (session.link !== 'opening') return;
  if (session.open.stage !== 'idle') {
    breach(work, 'warn', 'BOLT 2 §open_channel', 'open_channel for a channel that is being opened');
    return;
  }
  // BOLT 2 §open_channel: "The receiving node MUST: ignore undefined bits in `channel_flags`."
  const announce = (message.channelFlags & ANNOUNCE_CHANNEL) !== 0;
  const type = proposedType(message.channelType, announce, work.env, session.remoteFeatures);
  const known = { ...session, open: { stage: 'deciding', open: message } } as const;
  if ('rule' in type) {
    work.session = { ...known, open: { ...known.open, type: NEVER_USED } };
    breach(work, 'fail', type.rule, type.detail);
    return;
  }
  work.session = { ...known, open: { ...known.open, type } };
  const fault =
    openFault(message, type, work.env, session.remoteFeatures) ??
    termsFault(message, message.fundingAmount, work.env, session.remoteFeatures);
  if (fault !== null) {
    breach(work, 'fail', fault.rule, fault.detail);
    return;
  }
  work.notify({
    tag: 'open-requested',
    channelId: message.temporaryChannelId,
    amount: message.fundingAmount,
    push: message.pushAmount,
    announce,
    type,
    hasAlias: negotiated(work.env.features, session.remoteFeatures, 'option_scid_alias'),
  });
}

/** Stands for the type of a channel that is refused because of its type. */
const NEVER_USED: ChannelType = { base: 'static_remotekey', scidAlias: false, zeroConf: false };

function openFault(
  message: OpenChannel,
  type: ChannelType,
  env: Env,
  remoteFeatures: Uint8Array,
): Fault | null {
  const { fundingAmount, pushAmount } = message;
  // BOLT 2 §open_channel: "MUST fail the channel if: the `chain_hash` value is set to a hash of a chain that is unknown
  // to the receiver."
  if (message.chainHash !== env.network.genesisHash)
    return {
      rule: 'BOLT 2 §open_channel: "a hash of a chain that is unknown to the receiver"',
      detail: 'another chain_hash',
    };
  // BOLT 2 §open_channel: "The receiving node MUST: if `option_dual_fund` has been negotiated: fail the channel."
  if (negotiated(env.features, remoteFeatures, 'option_dual_fund'))
    return {
      rule: 'BOLT 2 §open_channel: "if `option_dual_fund` has been negotiated: fail the channel"',
      detail: 'open_channel where open_channel2 is due',
    };
  // BOLT 2 §open_channel: "MUST fail the channel if: `funding_satoshis` is greater than or equal to 2^24 and the
  // receiver does not support `option_support_large_channel`."
  if (
    fundingAmount >= LARGE_CHANNEL &&
    !negotiated(env.features, remoteFeatures, 'option_support_large_channel')
  )
    return {
      rule: 'BOLT 2 §open_channel: "`funding_satoshis` is greater than or equal to 2^24"',
      detail: `funding_satoshis ${fundingAmount}`,
    };
  // BOLT 2 §open_channel: "`funding_satoshis` is too small."
  if (fundingAmount < env.config.minFunding)
    return {
      rule: 'BOLT 2 §open_channel: "`funding_satoshis` is too small"',
      detail: `funding_satoshis ${fundingAmount} is less than ${env.config.minFunding}`,
    };
  // BOLT 2 §open_channel: "MUST fail the channel if: `push_msat` is greater than `funding_satoshis` * 1000."
  if (pushAmount > fundingAmount * 1000n)
    return {
      rule: 'BOLT 2 §open_channel: "`push_msat` is greater than `funding_satoshis` * 1000"',
      detail: `push_msat ${pushAmount}`,
    };
  // BOLT 2 §open_channel: "MUST fail the channel if: it considers `feerate_per_kw` too small for timely processing or
  // unreasonably large."
  const feerate = feerateFault(message.feeratePerKw, type, env);
  if (feerate !== null)
    return {
      rule: 'BOLT 2 §open_channel: "it considers `feerate_per_kw` too small for timely processing or unreasonably large"',
      detail: feerate,
    };
  const ours = localTerms(env, fundingAmount, new Uint8Array(), message.dustLimit);
  return balanceFault(fundingAmount, pushAmount, message.feeratePerKw, type, {
    opener: ours.reserve,
    accepter: message.channelReserve,
  });
}
