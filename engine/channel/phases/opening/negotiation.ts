import type { ChannelId, CommandId, Point } from '../../../base/ids.ts';
import type { FeeratePerKw, Msat, Sat } from '../../../base/units.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import type { Funding } from '../../../commitment/params.ts';
import type { OpenChannel } from '../../../wire/channel-open.ts';
import type { ChannelType } from '../../../wire/channel-type.ts';
import type { Terms } from '../../params.ts';

/** What both sides of a channel that is being opened know before there is a signature. */
export type Proposal = {
  readonly temporaryId: ChannelId;
  readonly amount: Sat;
  readonly push: Msat;
  readonly announce: boolean;
  /** Of the first commitment. */
  readonly feerate: FeeratePerKw;
  /** Of the funding transaction; null when the peer makes it. */
  readonly fundingFeerate: FeeratePerKw | null;
  readonly type: ChannelType;
  readonly local: Terms;
};
/** What the other side's message added. */
export type Agreement = Proposal & {
  readonly remote: Terms;
  readonly remoteFundingKey: Point;
  readonly remotePoint: Point;
  readonly minimumDepth: number;
};

/** BOLT 2 §Channel Establishment v1, up to the first signature that binds us. */
export type OpenNegotiation =
  | { readonly stage: 'idle' }
  | { readonly stage: 'open-sent'; readonly command: CommandId; readonly proposal: Proposal }
  | { readonly stage: 'funding-wanted'; readonly command: CommandId; readonly agreement: Agreement }
  | {
      readonly stage: 'created-sent';
      readonly command: CommandId;
      readonly agreement: Agreement;
      readonly funding: Funding;
      readonly fundingTx: Tx;
    }
  /** The peer opens: our node is asked. */
  | { readonly stage: 'deciding'; readonly open: OpenChannel; readonly type: ChannelType }
  | { readonly stage: 'accept-sent'; readonly agreement: Agreement };
