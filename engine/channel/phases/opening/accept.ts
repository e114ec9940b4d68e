import type { CommandId } from '../../../base/ids.ts';
import { ANNOUNCE_CHANNEL } from '../../../wire/channel-open.ts';
import { negotiated } from '../../../wire/features.ts';
import type { ChannelCommand } from '../../command.ts';
import type { Work } from '../../work.ts';
import { failChannel } from '../closing/fail.ts';
import { encodeChannelType } from './channel-type.ts';
import type { Agreement } from './negotiation.ts';
import { localPoints } from './open.ts';
import { isClosable, localTerms, remoteTerms } from './terms.ts';

/** The command `accept`: the answer to an open_channel. */
export function accept(
  work: Work,
  id: CommandId,
  command: ChannelCommand & { readonly tag: 'accept' },
): void {
  const { session, env } = work;
  if (session.link !== 'opening' || session.open.stage !== 'deciding') {
    work.refuse(id, { code: 'channel-not-ready', status: 'opening' });
    return;
  }
  const { open, type } = session.open;
  if (!isClosable(command.shutdownScript, env, session.remoteFeatures)) {
    work.refuse(id, {
      code: 'invalid-argument',
      field: 'shutdownScript',
      detail: 'a form that the peer need not accept',
    });
    return;
  }
  const upfront = negotiated(env.features, session.remoteFeatures, 'option_upfront_shutdown_script');
  const agreement: Agreement = {
    temporaryId: open.temporaryChannelId,
    amount: open.fundingAmount,
    push: open.pushAmount,
    announce: (open.channelFlags & ANNOUNCE_CHANNEL) !== 0,
    feerate: open.feeratePerKw,
    fundingFeerate: null,
    type,
    local: {
      ...localTerms(
        env,
        open.fundingAmount,
        upfront ? command.shutdownScript : new Uint8Array(),
        open.dustLimit,
      ),
      // BOLT 2 §accept_channel: "MUST set `dust_limit_satoshis` less than or equal to `channel_reserve_satoshis` from
      // the `open_channel` message."
      dustLimit: env.config.dustLimit < open.channelReserve ? env.config.dustLimit : open.channelReserve,
    },
    remote: remoteTerms(open),
    remoteFundingKey: open.fundingPubkey,
    remotePoint: open.firstPerCommitmentPoint,
    // BOLT 2 §accept_channel: "SHOULD set `minimum_depth` to a number of blocks it considers reasonable to avoid
    // double-spending of the funding transaction."
    // BOLT 2 §accept_channel: "if `channel_type` includes `option_zeroconf`: MUST set `minimum_depth` to zero."
    minimumDepth: type.zeroConf ? 0 : Math.max(env.trustsUnconfirmed ? 0 : 1, command.minimumDepth),
  };
  const { local } = agreement;
  work.session = { ...session, open: { stage: 'accept-sent', agreement } };
  work.send({
    name: 'accept_channel',
    // BOLT 2 §accept_channel: "The `temporary_channel_id` MUST be the same as the `temporary_channel_id` in the
    // `open_channel` message."
    temporaryChannelId: open.temporaryChannelId,
    dustLimit: local.dustLimit,
    maxHtlcValueInFlight: local.maxInFlight,
    channelReserve: local.reserve,
    htlcMinimum: local.htlcMinimum,
    minimumDepth: agreement.minimumDepth,
    toSelfDelay: local.toSelfDelay,
    maxAcceptedHtlcs: local.maxAcceptedHtlcs,
    ...localPoints(work),
    upfrontShutdownScript: local.shutdownScript,
    // BOLT 2 §accept_channel: "MUST set `channel_type` to the `channel_type` from `open_channel`."
    channelType: encodeChannelType(type),
  });
  work.succeed(id);
}

/** The command `reject`. */
export function reject(work: Work, id: CommandId, reason: string): void {
  const { session } = work;
  if (session.link !== 'opening' || session.open.stage !== 'deciding') {
    work.refuse(id, { code: 'channel-not-ready', status: 'opening' });
    return;
  }
  work.succeed(id);
  failChannel(work, reason);
}
