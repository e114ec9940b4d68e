import { channelId } from '../base/ids.ts';
import { blockDelta, feeratePerKw, msat, sat } from '../base/units.ts';
import type { Write } from '../base/write.ts';
import { mapped, type Field, type Infer } from '../codec/field.ts';
import type { ChannelSigner } from '../commitment/signer.ts';
import { EMPTY_SHACHAIN, type ShachainEntry } from '../crypto/shachain.ts';
import { ONION_LENGTH } from '../wire/htlc-update.ts';
import { DEFAULT_CHANNEL_CONFIG } from './default-config.ts';
import type { Add, Ledger, LiveHtlc, Removal } from './ledger.ts';
import type { Terms } from './params.ts';
import { channelIdOfFunding } from './funding-id.ts';
import { backupRecord, briefRecord } from './snapshot/backup-record.ts';
import { inPhaseOf, headOf } from './snapshot/head.ts';
import { writesBetween } from './snapshot/writes.ts';
import { coreOf, isLive, liveMarks, type ActiveCommitment, type Core, type Durable } from './state.ts';

export { briefRecord };
export type BriefChannel = Infer<typeof briefRecord>;

/** Whole, for a backup: everything but onions and whose payments the HTLCs are. Reads as it was written. */
export const wholeChannel: Field<Durable> = mapped(backupRecord, durableOf, recordOf, 'size');

type Whole = Infer<typeof backupRecord>;

function recordOf(durable: Durable): Whole {
  const { ledger, active, shachain } = durable;
  return {
    fixed: durable,
    head: headOf(durable),
    gossip: durable,
    fundings: active.map((one) => ({
      // A confirmed transaction is the chain's to keep.
      funding: one.confirmed === null ? one : { ...one, fundingTx: null },
      signatures: one,
    })),
    htlcs: [...ledger.outgoing.values(), ...ledger.incoming.values()].map(({ add, removal }) => ({
      ...add,
      removal: removal && essence(removal),
    })),
    shachain: shachain.flatMap((entry, place) => (entry === null ? [] : [{ place, entry }])),
  };
}

/** Who held an HTLC for how long is nothing that money depends on. */
const essence = (removal: Removal): Removal =>
  removal.tag === 'fulfill'
    ? { tag: 'fulfill', preimage: removal.preimage }
    : removal.tag === 'fail'
      ? { tag: 'fail', reason: removal.reason }
      : removal;

/** Null where the parts do not belong together. */
function durableOf({ fixed, head, gossip, fundings, htlcs, shachain }: Whole): Durable | null {
  const [first, ...rest] = fundings.map(({ funding, signatures }) => ({ ...funding, ...signatures }));
  const outgoing = htlcsOf('outgoing', head.ledger.outgoing, htlcs);
  const incoming = htlcsOf('incoming', head.ledger.incoming, htlcs);
  if (first === undefined || outgoing === null || incoming === null) return null;
  const secrets: (ShachainEntry | null)[] = [...EMPTY_SHACHAIN];
  for (const { place, entry } of shachain) {
    if (place >= secrets.length) return null;
    secrets[place] = entry;
  }
  const core: Core = {
    params: fixed.params,
    createdAt: fixed.createdAt,
    localAlias: fixed.localAlias,
    ...gossip,
    active: [first, ...rest],
    ledger: { ...head.ledger, outgoing, incoming },
    shachain: secrets,
    outcomes: new Map(),
    readySent: head.readySent,
    readyReceived: head.readyReceived,
    ...liveMarks(head),
  };
  return inPhaseOf(core, head);
}

const NO_ONION = new Uint8Array(ONION_LENGTH);

function htlcsOf(
  direction: Add['direction'],
  steps: Whole['head']['ledger']['outgoing'],
  htlcs: Whole['htlcs'],
): ReadonlyMap<bigint, LiveHtlc> | null {
  const live = new Map<bigint, LiveHtlc>();
  for (const [id, { step }] of steps) {
    const found = htlcs.find((one) => one.direction === direction && one.id === id);
    if (found === undefined) return null;
    const { amount, paymentHash, cltvExpiry, removal } = found;
    live.set(id, { add: { direction, id, amount, paymentHash, cltvExpiry, onion: NO_ONION }, step, removal });
  }
  return live;
}

/** The least of it, and what finds our own commitment: see `briefRecord`. */
export function briefOf({
  params,
  ledger,
  active: [{ funding }],
  createdAt,
}: Core): BriefChannel & Required<Pick<BriefChannel, 'own'>> {
  return {
    keyId: params.keyId,
    peerId: params.peerId,
    outPoint: funding.outPoint,
    amount: funding.amount,
    keyIndex: funding.keyIndex,
    remoteFundingKey: funding.remoteKey,
    remotePayment: params.remote.basepoints.payment,
    opener: params.opener,
    type: params.type,
    local: ledger.local,
    localNumber: ledger.localNumber,
    remoteNumber: ledger.remoteNumber,
    createdAt,
    own: { revocation: params.remote.basepoints.revocation, delay: params.remote.toSelfDelay },
  };
}

/**
 * A channel that only waits for the peer to close it. What a brief backup leaves out stands there as what it cannot be:
 * no commitment made from it is ever signed, and none on the chain is taken for one of ours.
 */
export function durableOfBrief(brief: BriefChannel, signer: ChannelSigner): Durable {
  const { remotePayment, outPoint, amount, keyIndex, local, own } = brief;
  const terms = (basepoints: Terms['basepoints'], toSelfDelay = blockDelta(0)): Terms => ({
    dustLimit: DEFAULT_CHANNEL_CONFIG.dustLimit,
    maxInFlight: msat(0),
    reserve: sat(0),
    htlcMinimum: msat(0),
    toSelfDelay,
    maxAcceptedHtlcs: 0,
    basepoints,
    shutdownScript: new Uint8Array(),
  });
  const point = remotePayment;
  const active: ActiveCommitment = {
    funding: {
      outPoint,
      amount,
      keyIndex,
      localKey: signer.fundingKey(keyIndex),
      remoteKey: brief.remoteFundingKey,
    },
    fundingTx: null,
    confirmed: null,
    remoteSignature: new Uint8Array(64),
    remoteHtlcSignatures: [],
  };
  const ledger: Ledger = {
    local,
    remote: msat(amount * 1000n > local ? amount * 1000n - local : 0n),
    outgoing: new Map(),
    incoming: new Map(),
    nextOutgoingId: 0n,
    nextIncomingId: 0n,
    feerate: feeratePerKw(0),
    feeUpdates: [],
    // No secret of the peer's is known: nothing that it publishes can be told to be revoked.
    localNumber: 0,
    remoteNumber: 0,
    unacked: null,
    remotePoint: point,
    remoteNextPoint: null,
  };
  return {
    phase: 'data-loss',
    params: {
      channelId: channelIdOfFunding(outPoint),
      temporaryId: channelId('00'.repeat(32)),
      keyId: brief.keyId,
      peerId: brief.peerId,
      opener: brief.opener,
      announce: false,
      type: brief.type,
      local: terms(signer.basepoints),
      remote: terms(
        { payment: point, delayedPayment: point, htlc: point, revocation: own?.revocation ?? point },
        own?.delay,
      ),
      minimumDepth: 1,
    },
    active: [active],
    ledger,
    shachain: EMPTY_SHACHAIN,
    outcomes: new Map(),
    createdAt: brief.createdAt,
    readySent: true,
    readyReceived: true,
    localAlias: 0n as Core['localAlias'],
    remoteAlias: null,
    announcement: null,
    relay: DEFAULT_CHANNEL_CONFIG.relay,
    remotePolicy: null,
  };
}

/**
 * As it may go on after it came from a backup: nothing that was usable then is usable now, the peer may be states ahead.
 * A channel that had gone to the chain stays there: its commitments have not changed since.
 */
export const distrusted = (durable: Durable): Durable =>
  isLive(durable) ? { ...coreOf(durable), phase: 'data-loss' } : durable;

/** How far a channel has come: what both sides have signed and revoked. */
export type Reached = {
  readonly localNumber: number;
  readonly remoteNumber: number;
  readonly unacked: boolean;
};
export const reachedBy = ({ ledger }: Core): Reached => ({
  localNumber: ledger.localNumber,
  remoteNumber: ledger.remoteNumber,
  unacked: ledger.unacked !== null,
});

/** `a` holds something that was signed or revoked after `b`. */
export const isAhead = (a: Reached, b: Reached): boolean =>
  a.localNumber > b.localNumber ||
  a.remoteNumber > b.remoteNumber ||
  (a.remoteNumber === b.remoteNumber && a.unacked && !b.unacked);

/** The records of a channel that was on no disk of ours. */
export const adoptWrites = (durable: Durable): readonly Write[] => writesBetween(null, durable);
