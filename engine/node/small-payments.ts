import type { ChannelId, NodeId } from '../base/ids.ts';
import type { Clock } from '../base/ports.ts';
import { Allowance, type Rate } from './allowance.ts';

/** As many as a broadcaster's listeners send in a busy hour, and then one in five seconds. */
const OF_PEER: Rate = { burst: 300, perSecond: 0.2 };
const OF_ALL: Rate = { burst: 600, perSecond: 0.4 };

/** Whether one more small payment that nobody asked for is taken over a channel; counts it for the peer that brings it. */
export function smallPayments(
  clock: Pick<Clock, 'monotonicMs'>,
  peerOf: (channel: ChannelId) => NodeId | null,
): (channel: ChannelId) => boolean {
  const allowance = new Allowance<NodeId>(OF_PEER, OF_ALL, () => clock.monotonicMs());
  return (channel) => {
    const peerId = peerOf(channel);
    return peerId !== null && allowance.take(peerId, 1);
  };
}
