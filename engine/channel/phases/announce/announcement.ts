import { fromHex } from '../../../base/bytes.ts';
import { sha256d } from '../../../crypto/hash.ts';
import { verifyEcdsa } from '../../../crypto/secp256k1.ts';
import { signedBytes, type AnnouncementSignatures, type ChannelAnnouncement } from '../../../wire/gossip.ts';
import type { Env } from '../../env.ts';
import { scidOf } from '../../scid.ts';
import type { Live, Normal } from '../../state.ts';
import type { Work } from '../../work.ts';
import { renewed, sayUpdate } from './relay.ts';
import { breach } from '../breach.ts';
import { depthOf } from '../pending/channel-ready.ts';

/** BOLT 7 §announcement_signatures: "enough confirmations to ensure that it won't be reorganized". */
const ANNOUNCE_DEPTH = 6;

const NO_SIGNATURE = new Uint8Array(64);

/** channel_announcement without its signatures; `localFirst`: we are node 1. */
function unsigned(
  channel: Live,
  env: Env,
): { readonly announcement: ChannelAnnouncement; readonly localFirst: boolean } | null {
  const [{ funding, confirmed }] = channel.active;
  if (confirmed === null) return null;
  // BOLT 7 §channel_announcement: "node_id_1 is the lexicographically-lesser of the two compressed keys sorted in
  // ascending lexicographic order."
  const localFirst = env.nodeId < channel.params.peerId;
  return {
    localFirst,
    announcement: {
      name: 'channel_announcement',
      nodeSignature1: NO_SIGNATURE,
      nodeSignature2: NO_SIGNATURE,
      bitcoinSignature1: NO_SIGNATURE,
      bitcoinSignature2: NO_SIGNATURE,
      features: new Uint8Array(),
      chainHash: env.network.genesisHash,
      scid: scidOf(confirmed, funding.outPoint),
      nodeId1: localFirst ? env.nodeId : channel.params.peerId,
      nodeId2: localFirst ? channel.params.peerId : env.nodeId,
      bitcoinKey1: localFirst ? funding.localKey : funding.remoteKey,
      bitcoinKey2: localFirst ? funding.remoteKey : funding.localKey,
      extension: new Uint8Array(),
    },
  };
}

function ours(announcement: ChannelAnnouncement, { signAsNode, signer }: Env, keyIndex: number) {
  const hash = sha256d(signedBytes(announcement));
  return { nodeSignature: signAsNode(hash), bitcoinSignature: signer.signAnnouncement(hash, keyIndex) };
}

const isDue = (channel: Live, env: Env): channel is Normal =>
  // BOLT 7 §announcement_signatures: "If the `open_channel` message has the `announce_channel` bit set AND a `shutdown`
  // message has not been sent: After `channel_ready` has been sent and received AND the funding transaction has enough
  // confirmations […]: MUST send `announcement_signatures` for the funding transaction. Otherwise: MUST NOT send"
  channel.phase === 'normal' && channel.params.announce && depthOf(channel, env) >= ANNOUNCE_DEPTH;

/** Follow-up: sends our announcement_signatures once on each connection, until the peer's are known. */
export function announceIfDue(work: Work): void {
  const { durable, session, env } = work;
  if (durable?.phase !== 'normal' || session.link !== 'ready') return;
  if (durable.announcement !== null || !isDue(durable, env)) return;
  if (!session.announced) say(work, durable);
  if (session.earlySignatures !== null) onAnnouncementSignatures(work, durable, session.earlySignatures);
}

function say(work: Work, channel: Normal): void {
  const made = unsigned(channel, work.env);
  if (made === null || work.session.link !== 'ready') return;
  work.session = { ...work.session, announced: true };
  work.send({
    name: 'announcement_signatures',
    channelId: channel.params.channelId,
    scid: made.announcement.scid,
    ...ours(made.announcement, work.env, channel.active[0].funding.keyIndex),
  });
}

export function onAnnouncementSignatures(work: Work, channel: Live, message: AnnouncementSignatures): void {
  const { env, session } = work;
  if (!isDue(channel, env)) {
    // The peer saw a block before us.
    if (session.link === 'ready') work.session = { ...session, earlySignatures: message };
    return;
  }
  const made = unsigned(channel, env);
  if (made === null) return;
  const { announcement } = made;
  const [{ funding }] = channel.active;
  if (message.scid !== announcement.scid) {
    breach(
      work,
      'warn',
      'BOLT 7 §announcement_signatures: "If the `short_channel_id` doesn\'t match one of its funding transactions: SHOULD send a `warning`."',
      'announcement_signatures for another short_channel_id',
    );
    return;
  }
  const hash = sha256d(signedBytes(announcement));
  if (
    !verifyEcdsa(message.nodeSignature, hash, fromHex(channel.params.peerId)) ||
    !verifyEcdsa(message.bitcoinSignature, hash, funding.remoteKey)
  ) {
    breach(
      work,
      'disconnect',
      'BOLT 7 §announcement_signatures: "If the `node_signature` OR the `bitcoin_signature` is NOT correct: MAY send a `warning` and close the connection, or send an `error` and fail the channel."',
      'wrong signature in announcement_signatures',
    );
    return;
  }
  // BOLT 7 §announcement_signatures: "If it receives `announcement_signatures` for the funding transaction: MUST respond
  // with its own `announcement_signatures` message."
  if (work.session.link === 'ready' && !work.session.announced) say(work, channel);
  if (channel.announcement !== null) return;
  const { nodeSignature, bitcoinSignature } = message;
  const next = renewed({ ...channel, announcement: { nodeSignature, bitcoinSignature } }, env);
  work.durable = next;
  const whole = announcementOf(next, env);
  if (whole !== null) work.notify({ tag: 'announced', announcement: whole });
  sayUpdate(work, next);
}

/** Signed by all; null while the peer's half is missing. */
export function announcementOf(channel: Live, env: Env): ChannelAnnouncement | null {
  const made = unsigned(channel, env);
  const theirs = channel.announcement;
  if (made === null || theirs === null) return null;
  const { announcement, localFirst } = made;
  const mine = ours(announcement, env, channel.active[0].funding.keyIndex);
  const [one, two] = localFirst ? [mine, theirs] : [theirs, mine];
  return {
    ...announcement,
    nodeSignature1: one.nodeSignature,
    nodeSignature2: two.nodeSignature,
    bitcoinSignature1: one.bitcoinSignature,
    bitcoinSignature2: two.bitcoinSignature,
  };
}
