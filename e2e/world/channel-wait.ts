import type { PeerChannel, RealPeer } from './real-peer.ts';
import { until } from './until.ts';

type Waiting = {
  readonly matches: (channel: PeerChannel) => boolean;
  readonly what: string;
  readonly timeoutMs: number;
  /** What else to tell of it where none came. */
  readonly lastWords?: () => unknown;
};

/** The first of its channels that matches, as soon as there is one. */
export const channelOf = (
  peer: Pick<RealPeer, 'alias' | 'channels'>,
  { matches, what, timeoutMs, lastWords = () => null }: Waiting,
): Promise<PeerChannel> =>
  until(async () => (await peer.channels()).find(matches), {
    what: `${what} at ${peer.alias}`,
    timeoutMs,
    describe: async () => [await peer.channels(), await lastWords()],
  });
