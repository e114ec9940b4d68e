import type { Clock, Log } from '../../base/ports.ts';
import type { ChainFollower } from '../../chain/chain-follower.ts';
import type { ChainReader } from '../../chain/chain-reader.ts';
import type { HostedChannel } from '../channel-host.ts';
import type { ChannelSigners } from '../channel-signers.ts';
import type { Core } from '../core.ts';
import type { Stray } from '../strays/stray.ts';
import type { Shortage } from './plan.ts';

/** What of the node claims see and change. */
export type ClaimCore = Pick<
  Core,
  'keys' | 'wallet' | 'height' | 'feerates' | 'demands' | 'strays' | 'hasTip'
> & {
  readonly channels: Pick<Core['channels'], 'all'>;
  shortages: readonly Shortage<HostedChannel | Stray>[];
  readonly driver: Pick<Core['driver'], 'submit'>;
  readonly options: { readonly clock: Pick<Clock, 'now'>; readonly log: Log };
  readonly running: {
    readonly identity: { readonly signers: Pick<ChannelSigners, 'of' | 'ofPaymentKey'> };
    readonly chain: Pick<
      ChainFollower,
      'broadcast' | 'broadcastPackage' | 'forgetBroadcast' | 'isRefusedForFee'
    > & {
      readonly reader: Pick<ChainReader, 'isInBestChain' | 'isKnownToAny'>;
    };
  } | null;
  onBug(error: unknown): void;
};
