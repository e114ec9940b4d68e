import { unreachable } from '../../base/assert.ts';
import type { ChannelId } from '../../base/ids.ts';
import { ALL_CHANNELS } from '../../wire/connection.ts';
import { channelIdOfFunding } from '../funding-id.ts';
import type { Work } from '../work.ts';

/** How messages name the channel now. */
export function channelNameOf({ durable, session }: Pick<Work, 'durable' | 'session'>): ChannelId {
  if (durable !== null) return durable.params.channelId;
  if (session.link !== 'opening') return ALL_CHANNELS;
  const { open } = session;
  switch (open.stage) {
    case 'idle':
      return ALL_CHANNELS;
    case 'deciding':
      return open.open.temporaryChannelId;
    case 'open-sent':
      return open.proposal.temporaryId;
    case 'funding-wanted':
    case 'accept-sent':
      return open.agreement.temporaryId;
    // BOLT 1 §error: "The funding node: for all error messages sent before (and including) the `funding_created`
    // message: MUST use `temporary_channel_id` in lieu of `channel_id`."
    case 'created-sent':
      return channelIdOfFunding(open.funding.outPoint);
    default:
      return unreachable(open);
  }
}
