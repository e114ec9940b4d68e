import { until } from '../../world/until.ts';
import type { World } from '../../world/world.ts';

/**
 * No payment is on its way in any channel that its peer could use: "sent" and "received" are told as soon as they are
 * true, which is before the last signatures and revocations have gone both ways.
 */
export async function untilSettled({ peers }: World): Promise<void> {
  await until(
    async () => {
      const all = await Promise.all(peers.filter((peer) => peer.isRunning()).map((peer) => peer.channels()));
      const inUse = all.flat().filter(({ isUsable }) => isUsable);
      return inUse.length > 0 && inUse.every((one) => one.pendingIncoming + one.pendingOutgoing === 0);
    },
    { what: 'every payment to be out of the channels' },
  );
}
