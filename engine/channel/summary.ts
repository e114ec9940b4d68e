import type { ChannelId, NodeId, OutPoint, PaymentHash, TxId } from '../base/ids.ts';
import {
  blockHeight,
  msat,
  type BlockHeight,
  type FeeratePerKw,
  type Msat,
  type Sat,
  type Scid,
  sat,
} from '../base/units.ts';
import { txIdOf } from '../bitcoin/tx.ts';
import type { Confirmation } from '../bitcoin/watch.ts';
import type { ChannelType } from '../wire/channel-type.ts';
import { causeOf, type ClosingCause } from './closing-cause.ts';
import { closingCostOf, mainOutputOf } from './closing-share.ts';
import { DEFAULT_CHANNEL_CONFIG } from './default-config.ts';
import type { ChannelConfig, RelayPolicy } from './env.ts';
import type { HtlcOrigin } from './htlc.ts';
import { isDeepEnough } from './funded.ts';
import { offeredTogether, offerRoom, receiveRoom, type Together, type Room } from './ledger/offer.ts';
import type { ChannelStatus } from './refusal.ts';
import { scidOf } from './scid.ts';
import type { Ledger } from './ledger.ts';
import { NO_PROPOSALS, type Proposals } from './session.ts';
import { isLive, type ChannelState, type Durable, type RemotePolicy, type SpendKind } from './state.ts';
import { statusOf } from './status.ts';
import { isUnproven } from './unproven.ts';

export type HtlcSummary = {
  readonly direction: 'incoming' | 'outgoing';
  readonly id: bigint;
  readonly amount: Msat;
  readonly paymentHash: string;
  readonly cltvExpiry: BlockHeight;
  /** Its receiver has shown the preimage: the money is the receiver's, whatever becomes of the HTLC. */
  readonly isPaid: boolean;
};

/** A channel for lists, for routing and for the wallet's balance. Made anew from the state at each look. */
export type ChannelSummary = {
  readonly channelId: ChannelId;
  readonly peerId: NodeId;
  readonly status: ChannelStatus;
  readonly isOpener: boolean;
  readonly isAnnounced: boolean;
  /** HTLCs can be added now. */
  readonly isUsable: boolean;
  readonly type: ChannelType;
  readonly capacity: Sat;
  /** Ours and the peer's as if nothing was in flight: each HTLC still counts for who offered it. Before fees. */
  readonly local: Msat;
  readonly remote: Msat;
  /** The largest single HTLC that we can add now, and that the peer can; 0 when not usable. */
  readonly sendable: Msat;
  readonly receivable: Msat;
  /** What several HTLCs that we add take from one another. Absent when not usable. */
  readonly together?: Together | undefined;
  /** What we must keep. */
  readonly reserve: Sat;
  readonly remoteReserve: Sat;
  readonly feerate: FeeratePerKw;
  readonly htlcs: readonly HtlcSummary[];
  /** Whether an HTLC of ours is for this hash. */
  readonly isPaying: (hash: PaymentHash) => boolean;
  readonly fundingOutPoint: OutPoint;
  readonly confirmed: Confirmation | null;
  readonly confirmations: number;
  readonly confirmationsRequired: number;
  /** The real short channel id, once confirmed. In a private channel with aliases never to be told to others. */
  readonly scid: Scid | null;
  /** What we call the channel towards the peer, and what the peer takes for it from those who pay us through it. */
  readonly localAlias: Scid;
  readonly remoteAlias: Scid | null;
  readonly relay: RelayPolicy;
  readonly remotePolicy: RemotePolicy | null;
  /** Limits for what we send. */
  readonly remoteHtlcMinimum: Msat;
  readonly remoteMaxInFlight: Msat;
  readonly closing: ClosingSummary | null;
  /** The peer did not show since our start that our state is the newest: what we publish may be revoked. */
  readonly isUnproven: boolean;
  /** The peer says that the channel has failed: from this height on our commitment goes to the chain. */
  readonly failsAt: BlockHeight | null;
  /** So many HTLCs went through it that what is kept of them, until it is long closed, may take a while to read. */
  readonly isOverused: boolean;
};

/**
 * HTLCs of one channel. Of each that was not below the peer's dust limit some 42 bytes are kept (snapshot/htlc-record.ts): of
 * so many, some 5 s of an opening. Which were is not told apart here.
 */
const OVERUSED = 1_000_000n;

export type ClosingSummary = {
  /** Null until the funding output is spent: our commitment, or a closing transaction, is on its way. */
  readonly kind: SpendKind | null;
  readonly txId: TxId | null;
  readonly confirmations: number;
  /** What comes back to the wallet, before the fees of claiming it. */
  readonly amount: Sat;
  /** What the transaction that spends the funding output costs us: its fee, its anchors, what is too small for an output. */
  readonly cost: Sat;
  /** From which height the delayed part can be claimed; null when nothing is delayed or nothing confirmed yet. */
  readonly claimableAt: BlockHeight | null;
  /** Why we gave our commitment to the chain; null where we did not. */
  readonly cause: ClosingCause | null;
  /** Of a closed channel: what was given up, because taking it would have cost more than it is worth. */
  readonly leftBehind: Sat;
};

/** Null while the channel is being opened: there is nothing to show yet. */
export function summary(
  state: ChannelState,
  height: BlockHeight,
  config: ChannelConfig = DEFAULT_CHANNEL_CONFIG,
): ChannelSummary | null {
  const { durable, session } = state;
  if (durable === null) return null;
  const { params, ledger } = durable;
  const [{ funding, confirmed }] = durable.active;
  const isFunded = isDeepEnough(durable, height);
  const isUsable = durable.phase === 'normal' && session.link === 'ready' && isFunded;
  const proposals = session.link === 'ready' ? session.proposals : NO_PROPOSALS;
  let together: Together | undefined;
  let receivable: Msat | undefined;
  let htlcs: readonly HtlcSummary[] | undefined;
  return {
    channelId: params.channelId,
    peerId: params.peerId,
    status: durable.phase === 'normal' && !isFunded ? 'waiting-for-confirmations' : statusOf(state),
    isOpener: params.opener === 'local',
    isAnnounced: params.announce,
    isUsable,
    type: params.type,
    capacity: funding.amount,
    local: ledger.local,
    remote: ledger.remote,
    sendable: isUsable ? usableRoom(offerRoom(params, ledger, proposals, config)) : msat(0),
    // Paying looks at every channel for each payment, and asks neither what may come nor for the HTLCs, nor what several
    // of ours take from one another where one way is all that it needs.
    get together() {
      return (together ??= isUsable ? offeredTogether(params, ledger, proposals, config) : undefined);
    },
    get receivable() {
      return (receivable ??= isUsable ? usableRoom(receiveRoom(params, ledger, proposals, config)) : msat(0));
    },
    reserve: params.remote.reserve,
    remoteReserve: params.local.reserve,
    feerate: ledger.feerate,
    get htlcs() {
      return (htlcs ??= htlcsOf(ledger, proposals));
    },
    isPaying: (hash) => isOffered(ledger, hash),
    fundingOutPoint: funding.outPoint,
    confirmed,
    confirmations: confirmationsOf(confirmed, height),
    confirmationsRequired: params.minimumDepth,
    scid: confirmed === null ? null : scidOf(confirmed, funding.outPoint),
    localAlias: durable.localAlias,
    remoteAlias: durable.remoteAlias,
    relay: durable.relay,
    remotePolicy: durable.remotePolicy,
    remoteHtlcMinimum: params.remote.htlcMinimum,
    remoteMaxInFlight: params.remote.maxInFlight,
    closing: closingOf(durable, height),
    isUnproven: isUnproven(state),
    failsAt:
      durable.failedAt === undefined || durable.phase === 'negotiating'
        ? null
        : blockHeight(durable.failedAt + config.failurePatience),
    isOverused: ledger.nextIncomingId + ledger.nextOutgoingId > OVERUSED,
  };
}

const htlcsOf = (ledger: Ledger, proposals: Proposals): readonly HtlcSummary[] =>
  [...ledger.outgoing.values(), ...ledger.incoming.values()].map(({ add, removal }) => ({
    direction: add.direction,
    id: add.id,
    amount: add.amount,
    paymentHash: add.paymentHash,
    cltvExpiry: add.cltvExpiry,
    isPaid:
      (removal ?? (add.direction === 'outgoing' ? proposals.removals.get(add.id) : undefined))?.tag ===
      'fulfill',
  }));

/** Whose a channel's money is. What is in flight is neither ours nor the peer's. */
export type Shares = {
  readonly local: Msat;
  readonly remote: Msat;
  readonly incoming: Msat;
  readonly outgoing: Msat;
};

/** A payment whose preimage is out has succeeded, also while its HTLC is still there: who was paid has the money. */
export function sharesOf({ local, remote, htlcs }: ChannelSummary): Shares {
  const sumOf = (direction: HtlcSummary['direction'], isPaid: boolean): bigint =>
    htlcs
      .filter((htlc) => htlc.direction === direction && htlc.isPaid === isPaid)
      .reduce((sum, { amount }) => sum + amount, 0n);
  const incoming = sumOf('incoming', false);
  const outgoing = sumOf('outgoing', false);
  const gained = sumOf('incoming', true) - sumOf('outgoing', true);
  return {
    local: msat(local + gained - outgoing),
    remote: msat(remote - gained - incoming),
    incoming: msat(incoming),
    outgoing: msat(outgoing),
  };
}

function isOffered({ outgoing }: Ledger, hash: PaymentHash): boolean {
  for (const { add } of outgoing.values()) if (add.paymentHash === hash) return true;
  return false;
}

/** What the payers of a channel's outgoing HTLCs keep beside them, of all that did not end or were not written down. */
export const outgoingOrigins = ({ durable }: ChannelState): readonly HtlcOrigin[] =>
  durable === null
    ? []
    : [
        ...[...durable.ledger.outgoing.values()].flatMap(({ add }) => add.origin ?? []),
        ...Array.from(durable.outcomes.values(), ({ origin }) => origin),
      ];

/** Of those the ones that did not end, or whose end is not told: they are under way. What a close is made from stays on. */
export function openOrigins(state: ChannelState): readonly HtlcOrigin[] {
  const { durable } = state;
  const told = durable?.phase === 'closing' ? durable.settled : null;
  if (durable === null || (durable.phase !== 'closed' && told === null)) return outgoingOrigins(state);
  const open =
    durable.phase === 'closed'
      ? []
      : [...durable.ledger.outgoing.values()].filter(({ add }) => !told?.has(add.id));
  return [
    ...open.flatMap(({ add }) => add.origin ?? []),
    ...Array.from(durable.outcomes.values(), ({ origin }) => origin),
  ];
}

const usableRoom = ({ minimum, maximum }: Room): Msat => (maximum < minimum ? msat(0) : maximum);

const confirmationsOf = (at: Confirmation | null, height: BlockHeight): number =>
  at === null ? 0 : Math.max(1, height - at.height + 1);

function closingOf(durable: Durable, height: BlockHeight): ClosingSummary | null {
  if (isLive(durable) && durable.phase !== 'negotiating') return null;
  if (durable.phase === 'negotiating' && durable.mutual === null) return null;
  // It never was: its funding transaction did not come.
  if (durable.phase === 'closed' && durable.spend === null) return null;
  const spend = durable.phase === 'closing' || durable.phase === 'closed' ? durable.spend : null;
  const mutual = durable.phase === 'negotiating' || durable.phase === 'closing' ? durable.mutual : null;
  const tx = spend?.tx ?? mutual;
  const at = spend?.at ?? null;
  const delayed = spend?.kind === 'local' && at !== null;
  const failure = failureOf(durable);
  const likely = spend?.kind ?? (mutual === null ? 'local' : 'mutual');
  return {
    kind: spend?.kind ?? (mutual === null ? null : 'mutual'),
    txId: tx === null ? null : txIdOf(tx),
    confirmations: confirmationsOf(at, height),
    amount: mainOutputOf(durable, tx, likely),
    cost: closingCostOf(durable, tx, likely),
    claimableAt: delayed ? blockHeight(at.height + durable.params.remote.toSelfDelay) : null,
    cause: failure === null ? null : causeOf(failure),
    leftBehind: durable.phase === 'closed' ? durable.leftBehind : sat(0),
  };
}

function failureOf(durable: Durable): string | null {
  if (durable.phase === 'closing') return durable.failure;
  return durable.phase === 'closed' ? (durable.past?.failure ?? null) : null;
}
