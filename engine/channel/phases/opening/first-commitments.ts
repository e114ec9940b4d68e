import { toHex } from '../../../base/bytes.ts';
import type { OutPoint } from '../../../base/ids.ts';
import { msat, type Scid } from '../../../base/units.ts';
import type { Tx } from '../../../bitcoin/tx.ts';
import type { Commitment } from '../../../commitment/commitment.ts';
import type { Funding, Side } from '../../../commitment/params.ts';
import { EMPTY_SHACHAIN } from '../../../crypto/shachain.ts';
import { localCommitment, remoteCommitment } from '../../commitments.ts';
import type { Env } from '../../env.ts';
import { channelIdOfFunding } from '../../funding-id.ts';
import type { Ledger } from '../../ledger.ts';
import type { ChannelParams } from '../../params.ts';
import type { FundingPending } from '../../state.ts';
import type { Agreement } from './negotiation.ts';

/** Both first commitments of a channel, and all that is kept of it once the peer's signature is known. */
export type FirstCommitments = {
  readonly params: ChannelParams;
  readonly ledger: Ledger;
  readonly funding: Funding;
  readonly local: Commitment;
  readonly remote: Commitment;
};

export function firstCommitments(
  agreement: Agreement,
  opener: Side,
  outPoint: OutPoint,
  env: Env,
): FirstCommitments {
  const { amount, push } = agreement;
  const funding: Funding = {
    outPoint,
    amount,
    keyIndex: 0,
    localKey: env.signer.fundingKey(0),
    remoteKey: agreement.remoteFundingKey,
  };
  const params: ChannelParams = {
    channelId: channelIdOfFunding(outPoint),
    temporaryId: agreement.temporaryId,
    keyId: env.keyId,
    peerId: env.peerId,
    opener,
    announce: agreement.announce,
    type: agreement.type,
    local: agreement.local,
    remote: agreement.remote,
    minimumDepth: agreement.minimumDepth,
  };
  const openers = msat(amount * 1000n - push);
  const ledger: Ledger = {
    local: opener === 'local' ? openers : push,
    remote: opener === 'local' ? push : openers,
    outgoing: new Map(),
    incoming: new Map(),
    nextOutgoingId: 0n,
    nextIncomingId: 0n,
    feerate: agreement.feerate,
    feeUpdates: [],
    localNumber: 0,
    remoteNumber: 0,
    unacked: null,
    remotePoint: agreement.remotePoint,
    remoteNextPoint: null,
  };
  return {
    params,
    ledger,
    funding,
    local: localCommitment(params, ledger, { funding }, env),
    remote: remoteCommitment(params, ledger, { funding }),
  };
}

/**
 * The channel as it is from the moment in which the peer holds our signature and we hold its.
 * BOLT 2 §Message Retransmission: "A funding node: […] if it has broadcast the funding transaction: MUST remember the
 * channel for reconnection."; "A non-funding node: […] if it has sent the `funding_signed` message: MUST remember the
 * channel for reconnection."
 */
export const pendingChannel = (
  { params, ledger, funding }: FirstCommitments,
  remoteSignature: Uint8Array,
  fundingTx: Tx | null,
  env: Env,
): FundingPending => ({
  phase: 'funding-pending',
  params,
  active: [
    {
      funding,
      fundingTx,
      confirmed: null,
      ...(params.opener === 'remote' ? { pushed: ledger.local } : {}),
      remoteSignature,
      remoteHtlcSignatures: [],
    },
  ],
  ledger,
  shachain: EMPTY_SHACHAIN,
  outcomes: new Map(),
  createdAt: env.height,
  readySent: false,
  readyReceived: false,
  localAlias: newAlias(env),
  remoteAlias: null,
  announcement: null,
  relay: env.config.relay,
  remotePolicy: null,
});

// BOLT 2 §channel_ready: "MUST set `alias` to a value not related to the real `short_channel_id`."
// BOLT 2 §channel_ready: "MUST NOT send the same `alias` for multiple peers or use an alias which collides with a
// `short_channel_id` of a channel on the same node."
/** 64 random bits; block heights of real channels are far below 2^23, so the top bit keeps the two apart. */
function newAlias(env: Env): Scid {
  const hex = toHex(env.random(8));
  return (BigInt(`0x${hex}`) | (1n << 63n)) as Scid;
}
