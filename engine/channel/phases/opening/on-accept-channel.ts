import { fundingLock } from '../../../commitment/funding.ts';
import type { AcceptChannel } from '../../../wire/channel-open.ts';
import type { Env } from '../../env.ts';
import type { Work } from '../../work.ts';
import { breach } from '../breach.ts';
import { acceptedTypeFault } from './channel-type.ts';
import type { Agreement, Proposal } from './negotiation.ts';
import { balanceFault, remoteTerms, termsFault, type Fault } from './terms.ts';

/** The peer takes our open_channel up. */
export function onAcceptChannel(work: Work, message: AcceptChannel): void {
  const { session, env } = work;
  if (session.link !== 'opening' || session.open.stage !== 'open-sent') {
    breach(work, 'warn', 'BOLT 2 §accept_channel', 'accept_channel that nothing asked for');
    return;
  }
  const { proposal, command } = session.open;
  const fault =
    acceptFault(message, proposal, env) ??
    termsFault(message, proposal.amount, env, session.remoteFeatures) ??
    balanceFault(proposal.amount, proposal.push, proposal.feerate, proposal.type, {
      opener: message.channelReserve,
      accepter: proposal.local.reserve,
    });
  if (fault !== null) {
    breach(work, 'fail', fault.rule, fault.detail);
    return;
  }
  const agreement: Agreement = {
    ...proposal,
    remote: remoteTerms(message),
    remoteFundingKey: message.fundingPubkey,
    remotePoint: message.firstPerCommitmentPoint,
    minimumDepth: proposal.type.zeroConf ? message.minimumDepth : Math.max(1, message.minimumDepth),
  };
  work.session = { ...session, open: { stage: 'funding-wanted', command, agreement } };
  const { script } = fundingLock({
    localKey: env.signer.fundingKey(0),
    remoteKey: agreement.remoteFundingKey,
  });
  work.notify({
    tag: 'funding-needed',
    channelId: proposal.temporaryId,
    script,
    amount: proposal.amount,
    feerate: proposal.fundingFeerate ?? env.feerates.normal,
  });
}

function acceptFault(message: AcceptChannel, { local, type }: Proposal, env: Env): Fault | null {
  // BOLT 2 §accept_channel: "if `minimum_depth` is unreasonably large: MAY fail the channel."
  if (message.minimumDepth > env.config.maxMinimumDepth)
    return {
      rule: 'BOLT 2 §accept_channel: "if `minimum_depth` is unreasonably large: MAY fail the channel"',
      detail: `minimum_depth ${message.minimumDepth}`,
    };
  // BOLT 2 §accept_channel: "if `channel_reserve_satoshis` is less than `dust_limit_satoshis` within the `open_channel`
  // message: MUST fail the channel."
  if (message.channelReserve < local.dustLimit)
    return {
      rule: 'BOLT 2 §accept_channel: "if `channel_reserve_satoshis` is less than `dust_limit_satoshis` within the `open_channel` message"',
      detail: `channel_reserve_satoshis ${message.channelReserve}`,
    };
  // BOLT 2 §accept_channel: "if `channel_reserve_satoshis` from the `open_channel` message is less than
  // `dust_limit_satoshis`: MUST fail the channel."
  if (local.reserve < message.dustLimit)
    return {
      rule: 'BOLT 2 §accept_channel: "if `channel_reserve_satoshis` from the `open_channel` message is less than `dust_limit_satoshis`"',
      detail: `dust_limit_satoshis ${message.dustLimit}`,
    };
  return acceptedTypeFault(message.channelType, type);
}
