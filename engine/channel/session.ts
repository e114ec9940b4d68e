import type { BlockHeight, FeeratePerKw, Sat, Timestamp } from '../base/units.ts';
import type { ClosingComplete } from '../wire/channel-close.ts';
import type { AnnouncementSignatures } from '../wire/gossip.ts';
import type { Add, Removal } from './ledger.ts';
import type { UpdateMessage } from './message.ts';
import type { OpenNegotiation } from './phases/opening/negotiation.ts';

/** What a connection owns: gone when it drops, by BOLT 2's own rules. */
export type Session =
  | ({ readonly link: 'offline' } & Patience)
  /** Connected, and nothing signed yet: nothing worth keeping. */
  | { readonly link: 'opening'; readonly remoteFeatures: Uint8Array; readonly open: OpenNegotiation }
  /** Our channel_reestablish was sent; the peer's is awaited. */
  | ({ readonly link: 'syncing'; readonly remoteFeatures: Uint8Array } & Patience)
  | Ready
  /** Connected, but the channel is over: what the peer says about it is ignored. */
  | ({ readonly link: 'over' } & Patience);

export type Moment = { readonly at: BlockHeight; readonly since: Timestamp };

/** What goes over from one connection to the next, and lasts as long as this life of the process. */
export type Patience = {
  /** When something was first seen to be overdue: the peer is to have a chance to speak before it closes a channel. */
  readonly overdue?: Moment;
  /** When the machine was first seen to be awake again. What was seen before that gave the peer no time to speak. */
  readonly woke?: Moment;
  /**
   * The channel was opened in this life, or the peer showed the two states to be in step: our disk is not an old copy, as
   * far as an honest peer knows.
   */
  readonly inStep?: true;
  /** Since when the peer was seen to owe its signature of our commitment after this one. */
  readonly owed?: { readonly number: number; readonly since: Timestamp };
};

export const patienceOf = (session: Session): Patience => ({
  ...('overdue' in session && session.overdue !== undefined ? { overdue: session.overdue } : {}),
  ...('woke' in session && session.woke !== undefined ? { woke: session.woke } : {}),
  ...(wasInStep(session) ? { inStep: true } : {}),
  ...('owed' in session && session.owed !== undefined ? { owed: session.owed } : {}),
});

export const wasInStep = (session: Session): boolean =>
  session.link === 'ready' || session.link === 'opening' || session.inStep === true;

export type Ready = Patience & {
  readonly link: 'ready';
  readonly remoteFeatures: Uint8Array;
  readonly proposals: Proposals;
  /** Outgoing HTLCs whose preimage whoever pays has written down already: nothing more to tell when they are gone. */
  readonly paid: ReadonlySet<bigint>;
  /** The peer's shutdown came on this connection. */
  readonly shutdownSeen: boolean;
  readonly fees: FeeTalk | null;
  readonly simple: SimpleClose | null;
  /** Our announcement_signatures and channel_update were sent on this connection. */
  readonly announced: boolean;
  /** The peer's announcement_signatures, when they came before our own were due. */
  readonly earlySignatures: AnnouncementSignatures | null;
  readonly updateSaid: boolean;
  readonly batch: Batch | null;
  /** What the peer said that belongs after its channel_ready, which is still to come: see phases/pending/early.ts. */
  readonly early: readonly UpdateMessage[];
};

/** What the peer proposed and did not sign yet. */
export type Proposals = {
  /** By rising ids, without a gap. */
  readonly adds: readonly Add[];
  /** Of our outgoing HTLCs. */
  readonly removals: ReadonlyMap<bigint, Removal>;
  readonly feerate: FeeratePerKw | null;
};

export const NO_PROPOSALS: Proposals = { adds: [], removals: new Map(), feerate: null };

export const readySession = (remoteFeatures: Uint8Array): Ready => ({
  link: 'ready',
  remoteFeatures,
  proposals: NO_PROPOSALS,
  paid: new Set(),
  shutdownSeen: false,
  fees: null,
  simple: null,
  announced: false,
  earlySignatures: null,
  updateSaid: false,
  batch: null,
  early: [],
});

/** Where closing_signed stands on this connection: BOLT 2 has it start over on each. */
export type FeeTalk = {
  readonly sent: FeeOffer;
  readonly received: Sat | null;
};
export type FeeOffer = { readonly fee: Sat; readonly min: Sat; readonly max: Sat };

/** Where closing_complete stands on this connection, which begins over on each as well: see phases/shutdown/simple-close.ts. */
export type SimpleClose = {
  readonly localScript: Uint8Array;
  /** What the peer said last. */
  readonly remoteScript: Uint8Array;
  /** Our height when the peer's shutdown came. */
  readonly begunAt: BlockHeight;
  /** Our last offer, and our height then. */
  readonly sent: ClosingComplete | null;
  readonly sentAt: BlockHeight;
  /** With the peer's signature. */
  readonly answered: boolean;
  /** How often the peer offered. */
  readonly asked: number;
};

/** start_batch: commitment_signed messages that belong together. */
export type Batch = {
  /** Still to come. */
  readonly left: number;
  /** One of them was for our funding transaction. */
  readonly matched: boolean;
};
