import type { BlockHash, ChannelId, NodeId } from '../base/ids.ts';
import type { Random } from '../base/ports.ts';
import {
  blockDelta,
  seconds,
  type BlockDelta,
  type BlockHeight,
  type Msat,
  type Seconds,
  type Timestamp,
} from '../base/units.ts';
import type { Collectable } from '../channel/collectable.ts';
import type { ChannelAmount } from '../routing/route.ts';
import type { PathLesson } from '../routing/teach.ts';
import type { PartName } from './incoming.ts';
import type { FindRoutes, FoundWays, PayChannel } from './route.ts';
import type { TermsNow } from './told-policy.ts';

export type PaymentConfig = {
  /** How long the parts of a payment are waited for after the first. */
  readonly mppTimeout: Seconds;
  /** A payment is tried again for so long after it was begun. */
  readonly retryFor: Seconds;
  /** HTLCs of one payment, parts and retries together. */
  readonly maxAttempts: number;
  /** Most that are under way at once: each holds an HTLC in every channel on its way. */
  readonly maxParts: number;
  /** Added to the expiry that a payee asks for: blocks that may be found before it sees the HTLC. */
  readonly expirySlack: BlockDelta;
  /** Most blocks that money of ours may be held on its way. */
  readonly maxCltvDelta: BlockDelta;
  /** What our invoices ask for; `expirySlack` less is still accepted. */
  readonly minFinalCltvExpiryDelta: BlockDelta;
  /** The same for hold invoices: the time there is to claim. */
  readonly holdCltvExpiryDelta: BlockDelta;
  /** An HTLC must be claimed so many blocks before it expires, or it is given back. */
  readonly claimBuffer: BlockDelta;
  readonly acceptSpontaneous: boolean;
};

export const DEFAULT_PAYMENT_CONFIG: PaymentConfig = {
  // BOLT 4 §Basic Multi-Part Payments: "SHOULD wait for at least 60 seconds after the initial HTLC."
  mppTimeout: seconds(60),
  retryFor: seconds(60),
  maxAttempts: 30,
  maxParts: 10,
  expirySlack: blockDelta(3),
  // A week, as rust-lightning has it (DEFAULT_MAX_TOTAL_CLTV_EXPIRY_DELTA): half of what BOLT 4 lets any HTLC take.
  maxCltvDelta: blockDelta(1_008),
  minFinalCltvExpiryDelta: blockDelta(40),
  holdCltvExpiryDelta: blockDelta(144),
  // Six blocks more than those in which a channel leaves it to the chain (`fulfillSafety`): time for the peer to answer.
  claimBuffer: blockDelta(24),
  acceptSpontaneous: true,
};

/** All that a payment's transition may know besides its state and the event: data and pure functions. */
export type PaymentEnv = {
  readonly config: PaymentConfig;
  readonly nodeId: NodeId;
  readonly now: Timestamp;
  readonly height: BlockHeight;
  /** Seeded by the caller: the same bytes again when the same event is run again. */
  readonly random: Random;
  /** Called only when a route is looked for, or when a peer kept some of what came. */
  readonly channels: () => readonly PayChannel[];
  readonly findRoutes: FindRoutes;
  /** No search holds up a turn: after a refusal the next way is left to an event `retry` that has it. Absent: it is not. */
  readonly searchesLater?: boolean;
  /** Taken in place of a search, where it is for just what is to be paid. */
  readonly found?: FoundWays;
  readonly chainHash: BlockHash;
  /**
   * Takes in what an attempt taught, before the next one looks for its way. Advice, no state: told twice, or told by a
   * step that is never saved, it does no harm.
   */
  readonly learn: (lessons: readonly PathLesson[]) => void;
  /** What the map has of a channel now. Absent: there is no map. */
  readonly termsNow?: TermsNow;
  /**
   * Whether this HTLC would be ours if its preimage were given now: its channel may have changed since it was offered.
   * Absent: it would. `isBelieved`: the peer need not have shown the funding transaction yet.
   */
  readonly collectable?: (part: PartName, isBelieved: boolean) => Collectable;
  /** Whether one more small payment that nobody asked for is taken over this channel. Counts it. Absent: it is. */
  readonly takesSmall?: (channel: ChannelId) => boolean;
  /** Most that may be taken in, with what is held already, and not counting what was received; null, or absent: no limit. */
  readonly room?: () => Msat | null;
  /** The LSP may keep its fee of this payment where it comes by this channel. Narrowed by the book. Absent: it may. */
  readonly isOwed?: (channel: ChannelId) => boolean;
  /** What HTLCs of other payments hold in channels beyond our own. Narrowed by the book. */
  readonly heldByOthers?: () => readonly ChannelAmount[];
};
