import { equalBytes } from '../../../base/bytes.ts';
import type { ChannelReestablish } from '../../../wire/commitment.ts';
import type { Env } from '../../env.ts';
import { patienceOf, readySession } from '../../session.ts';
import type { Core, Live } from '../../state.ts';
import type { Work } from '../../work.ts';
import { mayBeClosed, waitForClose } from '../closing/peer-failed.ts';
import { breach } from '../breach.ts';
import { channelReady } from '../pending/channel-ready.ts';
import { noteOwed } from '../normal/ask-for-signature.ts';
import { commitmentSigned } from '../normal/sign.ts';
import { revokeAndAck } from '../normal/on-commitment-signed.ts';
import { talkOf, type Talking } from '../shutdown/talk.ts';
import { stopForLostData } from './data-loss.ts';
import { sayAgain, sayRemovals } from './say-again.ts';

const SECTION = 'BOLT 2 §Message Retransmission:';

/** What the peer's numbers mean for us. */
type Finding =
  | { readonly tag: 'in-step'; readonly revoke: boolean; readonly sign: boolean }
  /** The peer knows of a later state of ours, and proves it. */
  | { readonly tag: 'we-are-behind' }
  | { readonly tag: 'peer-is-behind' }
  | {
      readonly tag: 'nonsense';
      readonly severity: 'fail' | 'disconnect';
      readonly rule: string;
      readonly detail: string;
    };

/** The peer's side of a reconnection: says again what it missed, and goes on. */
export function onChannelReestablish(
  work: Work,
  channel: Live | Talking,
  remoteFeatures: Uint8Array,
  message: ChannelReestablish,
): void {
  const finding = compare(channel, message, work.env);
  // Both have signed the end of it: what else the numbers may mean decides nothing any more.
  if (channel.phase === 'closing' && finding.tag !== 'in-step') {
    work.session = { link: 'over', ...patienceOf(work.session) };
    return;
  }
  switch (finding.tag) {
    // BOLT 2 §Message Retransmission: "MUST NOT assume that previously-transmitted messages were lost"
    case 'in-step':
      work.session = { ...readySession(remoteFeatures), ...patienceOf(work.session) };
      forgetFailure(work);
      retransmit(work, channel, finding, message);
      noteOwed(work);
      return;
    case 'we-are-behind':
      // BOLT 2 §Message Retransmission: "MUST NOT broadcast its commitment transaction. SHOULD send an `error` to
      // request the peer to fail the channel."
      return stopForLostData(work, channel);
    case 'peer-is-behind':
      // BOLT 2 §Message Retransmission: "The other node should wait for that `error` to give the fallen-behind node an
      // opportunity to fix its state first". Until then nothing is said: the session stays as it is.
      breach(
        work,
        'warn',
        `${SECTION} "SHOULD send an \`error\` and fail the channel"`,
        'the peer lost data',
      );
      return;
    case 'nonsense':
      if (finding.severity === 'fail' && mayBeClosed(channel) && !work.env.mayBeStale)
        return waitForClose(work, channel);
      breach(work, finding.severity, finding.rule, finding.detail);
  }
}

/** What it said before was not for good. */
function forgetFailure(work: Work): void {
  if (work.durable?.failedAt === undefined) return;
  const { failedAt: _, ...durable } = work.durable;
  work.durable = durable;
}

export function compare({ ledger }: Core, message: ChannelReestablish, env: Env): Finding {
  // BOLT 2 §Message Retransmission: "MUST ignore `my_current_per_commitment_point`, but MAY require it to be a valid
  // point."
  const { nextCommitmentNumber, nextRevocationNumber, yourLastPerCommitmentSecret } = message;
  const local = BigInt(ledger.localNumber);
  // The number of the next commitment_signed that we would send for the first time.
  const toSign = BigInt(ledger.remoteNumber) + (ledger.unacked === null ? 1n : 2n);
  const proves = secretProves(yourLastPerCommitmentSecret, nextRevocationNumber, env);
  // Whatever else it says: ours is revoked.
  if (nextRevocationNumber > local && proves) return { tag: 'we-are-behind' };
  // At once, also where our disk may be an old one: it is what a peer says that has lost all, and would wait for it. Who
  // means harm could as well play along with the old state, and say this then.
  if (nextCommitmentNumber === 0n)
    return {
      tag: 'nonsense',
      severity: 'fail',
      rule: `${SECTION} "if \`next_commitment_number\` is zero: MUST immediately fail the channel and broadcast any relevant latest commitment transaction."`,
      detail: 'next_commitment_number is zero',
    };

  // DIVERGES from BOLT 2 §Message Retransmission: "SHOULD send an `error` and fail the channel": three times below,
  // because failing means publishing our commitment. A browser may have put an old state back without our knowing, and
  // then that commitment is revoked; and a peer's bare claim should not close a channel that works. The connection
  // ends, and the person may still force the close.
  if (nextRevocationNumber > local)
    return env.mayBeStale
      ? { tag: 'we-are-behind' }
      : {
          tag: 'nonsense',
          severity: 'disconnect',
          rule: `${SECTION} "if \`next_revocation_number\` is not equal to 1 greater than the commitment number of the last \`revoke_and_ack\` the receiving node has sent: SHOULD send an \`error\` and fail the channel."`,
          detail: `next_revocation_number ${nextRevocationNumber} without proof`,
        };
  if (!proves)
    return {
      tag: 'nonsense',
      severity: 'disconnect',
      rule: `${SECTION} "if \`your_last_per_commitment_secret\` does not match the expected values: SHOULD send an \`error\` and fail the channel."`,
      detail: 'your_last_per_commitment_secret is not ours',
    };
  if (nextCommitmentNumber > toSign)
    return env.mayBeStale
      ? { tag: 'we-are-behind' }
      : {
          tag: 'nonsense',
          severity: 'disconnect',
          rule: `${SECTION} "if \`next_commitment_number\` is not equal to the commitment number of the next \`commitment_signed\` that the receiving node would send: SHOULD send an \`error\` and fail the channel."`,
          detail: `next_commitment_number ${nextCommitmentNumber} where ${toSign} is next`,
        };
  // BOLT 2 §Message Retransmission: "if `next_commitment_number` is equal to the commitment number of the last
  // `commitment_signed` message the receiving node has sent: MUST reuse the same commitment number for its next
  // `commitment_signed`."
  const sign = ledger.unacked !== null && nextCommitmentNumber === toSign - 1n;
  // BOLT 2 §Message Retransmission: "if `next_revocation_number` is equal to the commitment number of the last
  // `revoke_and_ack` the receiving node sent, AND the receiving node hasn't already received a `closing_signed`: MUST
  // re-send the `revoke_and_ack`."
  const revoke = nextRevocationNumber === local - 1n;
  if (nextRevocationNumber < local - 1n || (nextCommitmentNumber < toSign && !sign))
    return { tag: 'peer-is-behind' };
  return { tag: 'in-step', revoke, sign };
}

function secretProves(secret: Uint8Array, nextRevocationNumber: bigint, { signer }: Env): boolean {
  if (nextRevocationNumber === 0n) return secret.every((byte) => byte === 0);
  if (nextRevocationNumber > LAST_NUMBER) return false;
  return equalBytes(secret, signer.releaseSecret(Number(nextRevocationNumber) - 1));
}

/** Commitment numbers have 48 bits. */
const LAST_NUMBER = 2n ** 48n - 1n;

function retransmit(
  work: Work,
  channel: Live | Talking,
  { revoke, sign }: { readonly revoke: boolean; readonly sign: boolean },
  message: ChannelReestablish,
): void {
  const { ledger } = channel;
  // BOLT 2 §Message Retransmission: "if `next_commitment_number` is 1 in both the `channel_reestablish` it sent and
  // received […]: MUST retransmit `channel_ready`. otherwise: MUST NOT retransmit `channel_ready`"
  if (channel.readySent && ledger.localNumber === 0 && message.nextCommitmentNumber === 1n)
    work.send(channelReady(channel, work.env));
  // BOLT 2 §Message Retransmission: "if it has previously sent a `commitment_signed` that needs to be retransmitted:
  // MUST retransmit `revoke_and_ack` and `commitment_signed` in the same relative order as initially transmitted."
  const signedFirst = ledger.unacked !== null && ledger.localNumber > ledger.unacked.sentAtLocalNumber;
  if (revoke && !signedFirst) work.send(revokeAndAck(channel, work.env));
  if (sign) {
    sayAgain(work, channel);
    for (const again of commitmentSigned(channel, work.env)) work.send(again);
  }
  if (revoke && signedFirst) work.send(revokeAndAck(channel, work.env));
  // BOLT 2 §Message Retransmission: "upon reconnection: if it has sent a previous `shutdown`: MUST retransmit
  // `shutdown`." Before what is not signed yet: BOLT 2 §shutdown: "if there are updates pending on the receiving node's
  // commitment transaction: MUST NOT send a `shutdown`."
  if (channel.phase === 'shutting-down' && channel.shutdownSent)
    sendShutdown(work, channel, channel.localScript);
  if (channel.phase === 'negotiating' || channel.phase === 'closing')
    sendShutdown(work, channel, talkOf(channel).localScript);
  sayRemovals(work, channel);
}

function sendShutdown(work: Work, { params: { channelId } }: Core, script: Uint8Array): void {
  work.send({ name: 'shutdown', channelId, script });
}
