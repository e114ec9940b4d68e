import { unreachable } from '../base/assert.ts';
import type { BlockHash, NodeId } from '../base/ids.ts';
import type { Scid } from '../base/units.ts';
import type { ChannelRefusal } from '../channel/refusal.ts';
import type { HtlcResult } from '../channel/htlc.ts';
import {
  decodeFailure,
  FAILURE_CODES,
  failureCode,
  isPermanent,
  NODE,
  type Failure,
} from '../onion/failure.ts';
import { openFailure } from '../onion/failure-onion.ts';
import type { ToldPolicy } from '../routing/route.ts';
import type { PathLesson } from '../routing/teach.ts';
import { attributedFailure, secretsOf, type Attributed } from './attributed.ts';
import { placeOfPayee } from './blinded-way.ts';
import type { Attempt, AttemptOutcome, Blame, Recipient } from './outgoing.ts';
import { isNonsense, lessonsOfAttributed, lessonsOfFailure, lessonsOfUnreadable } from './path-lessons.ts';
import { explainsRefusal, explanationOfMap, toldPolicy, type TermsNow } from './told-policy.ts';

type Failed = Extract<AttemptOutcome, { tag: 'failed' }>;

/** What became of an HTLC, and what is to be learnt from it. */
export type Verdict = {
  readonly outcome: Failed;
  readonly lessons: readonly PathLesson[];
  /** For the next attempts of this payment. */
  readonly policy: ToldPolicy | null;
  /** See `Attempt`. */
  readonly holdTimes: readonly number[];
};

const failed = (outcome: Omit<Failed, 'tag'>): Failed => ({ tag: 'failed', ...outcome });

/** Our own channel could not take it: another may. */
const ownChannel = (failure: Failed['failure']): Failed =>
  failed({ failure, blame: 'channel', hop: 0, isFinal: false });

const mute = (outcome: Failed): Verdict => ({ outcome, lessons: [], policy: null, holdTimes: [] });

/**
 * Why an HTLC that was under way did not pay.
 * @param known policies that this payment was told before: who tells another one to an HTLC that kept to it is not believed again.
 * @param termsNow of the map. LDK's nodes send no policy with a refusal; the channel_update may have come meanwhile.
 */
export function verdictOf(
  attempt: Attempt,
  recipient: Recipient,
  result: Exclude<HtlcResult, { tag: 'fulfilled' }>,
  chainHash: BlockHash,
  known: readonly ToldPolicy[] = [],
  termsNow: TermsNow = () => null,
): Verdict {
  switch (result.tag) {
    case 'failed': {
      const { reason, attributionData } = result;
      const secrets = secretsOf(attempt);
      const opened = openFailure(secrets, reason);
      const attributed = attributedFailure(secrets, reason, attributionData, opened?.hop);
      if (opened === null) return unreadable(attempt, attributed);
      const failure = decodeFailure(opened.message);
      const { hop } = opened;
      const isLast = hop === placeOfPayee(recipient, attempt.hops);
      const told = toldPolicy(failure, hop, attempt, chainHash);
      // What it told before goes before the map: a way that is looked for now would keep to that.
      const isRefused = (scid: Scid, from: NodeId): boolean =>
        scid === attempt.hops[hop + 1]?.scid && from === attempt.hops[hop]?.nodeId;
      const before = known.find(({ scid, from }) => isRefused(scid, from));
      const toldBefore = before !== undefined;
      // A part that was under way when another part was told so.
      const isEarlier = toldBefore && explainsRefusal(before, failure, hop, attempt);
      const ofMap = toldBefore ? null : explanationOfMap(failure, hop, attempt, termsNow);
      // A way that is looked for now keeps to the map, but where a hint names the channel: what that says goes before it.
      const isHinted = recipient.routeHints.some((hint) =>
        hint.some(({ scid, nodeId }) => isRefused(scid, nodeId)),
      );
      const policy = toldBefore ? null : (told ?? (isHinted ? ofMap : null));
      const isExplained = isEarlier || policy !== null || ofMap !== null;
      return {
        outcome: isLast ? byPayee(failure, hop, attempt, recipient) : byHop(failure, hop, isExplained),
        lessons: lessonsOfFailure(attempt, hop, failure, isLast || isExplained),
        policy,
        holdTimes: attributed?.holdTimes ?? [],
      };
    }
    case 'malformed':
      return mute(
        ownChannel({
          code: 'unreadable-error',
          detail: 'our peer could not read the onion',
          bolt4Code: result.failureCode,
          hop: 0,
        }),
      );
    case 'abandoned':
      if (result.cause === 'state-lost') return mute(UNKNOWN);
      return mute(
        ownChannel({
          code: result.cause === 'not-sent' ? 'peer-offline' : 'timed-out',
          detail: ABANDONED[result.cause],
        }),
      );
    default:
      return unreachable(result);
  }
}

/** Nobody signed it. Who spoiled it is not known, so the next attempt goes over none of the channels of this one. */
function unreadable(attempt: Attempt, attributed: Attributed | null): Verdict {
  const failure = { code: 'unreadable-error', detail: 'nobody on the route signed the error' } as const;
  // Of what our peer hands on it says itself that it did.
  if (attempt.hops.length === 1 || attributed?.brokenAt === 0) return mute(ownChannel(failure));
  if (attributed !== null) return spoiled(attempt, attributed);
  return {
    outcome: failed({ failure, blame: 'route', hop: 0, isFinal: false }),
    lessons: lessonsOfUnreadable(attempt),
    policy: null,
    holdTimes: [],
  };
}

// BOLT 4 §Origin node: "When the failure source cannot be identified from the return packet AND attribution_data is
// present: SHOULD use attribution_data to identify the failure source". "Blame is still only assignable to a pair of nodes
// though": to the channel between them.
function spoiled(attempt: Attempt, { brokenAt, holdTimes }: Attributed): Verdict {
  const said = (hop: number, detail: string): Failed['failure'] => ({
    code: 'unreadable-error',
    detail,
    hop,
  });
  const last = attempt.hops.length - 1;
  // All vouch for it, the payee too: it is its answer.
  if (brokenAt === null)
    return {
      outcome: failed({
        failure: said(last, 'the recipient answered with what cannot be read'),
        blame: 'nothing',
        hop: last,
        isFinal: true,
      }),
      lessons: lessonsOfAttributed(attempt, last + 1),
      policy: null,
      holdTimes,
    };
  const hop = brokenAt - 1;
  return {
    outcome: failed({
      failure: said(hop, 'the error was changed on its way'),
      blame: 'next-channel',
      hop,
      isFinal: false,
    }),
    lessons: lessonsOfAttributed(attempt, brokenAt),
    policy: null,
    holdTimes,
  };
}

/** It may have been paid: nothing is tried again. */
const UNKNOWN = failed({
  failure: { code: 'outcome-unknown', detail: 'the channel’s newest state was lost' },
  blame: 'nothing',
  hop: 0,
  isFinal: true,
});

const ABANDONED = {
  'not-sent': 'the connection was lost before the peer had it',
  'timed-out-on-chain': 'it was taken back on the chain',
  'channel-closed': 'the channel was closed',
} as const;

/** BOLT 4 §Receiving Failure Codes: "if the final node is returning the error". */
function byPayee(failure: Failure, hop: number, attempt: Attempt, recipient: Recipient): Failed {
  const bolt4Code = failureCode(failure);
  const common = { hop, blame: 'nothing' } as const;
  if (failure.name === 'incorrect_or_unknown_payment_details') {
    const arrived = attempt.hops.at(-1)?.cltvExpiry ?? 0;
    // BOLT 4: height "can be used by the sender to distinguish between sending a payment with the wrong final CLTV
    // expiry and an intermediate hop delaying the payment". A new attempt has a new expiry.
    if (failure.height + recipient.minFinalCltvExpiryDelta > arrived)
      return failed({
        ...common,
        isFinal: false,
        failure: { code: 'temporary', detail: 'blocks came faster than the payment', bolt4Code, hop },
      });
  }
  // "if the PERM bit is set: SHOULD fail the payment."
  if (isPermanent(bolt4Code)) {
    const isUnknown = bolt4Code === FAILURE_CODES.incorrect_or_unknown_payment_details;
    return failed({
      ...common,
      isFinal: true,
      failure: {
        code: isUnknown ? 'unknown-to-recipient' : 'recipient-rejected',
        detail: nameOf(failure),
        bolt4Code,
        hop,
      },
    });
  }
  // The HTLC was not what the onion says: whoever came before the payee changed it.
  const tampered =
    failure.name === 'final_incorrect_cltv_expiry' || failure.name === 'final_incorrect_htlc_amount';
  if (tampered)
    return failed({
      hop: Math.max(0, hop - 1),
      blame: hop === 0 ? 'channel' : 'node',
      isFinal: false,
      failure: { code: 'recipient-rejected', detail: nameOf(failure), bolt4Code, hop },
    });
  return failed({
    ...common,
    isFinal: false,
    failure: {
      code: failure.name === 'mpp_timeout' ? 'timed-out' : 'temporary',
      detail: nameOf(failure),
      bolt4Code,
      hop,
    },
  });
}

/** BOLT 4 §Receiving Failure Codes: "otherwise, an intermediate hop is returning the error". */
function byHop(failure: Failure, hop: number, isExplained: boolean): Failed {
  const bolt4Code = failureCode(failure);
  const isOffline = failure.name === 'unknown_next_peer';
  return failed({
    hop,
    blame: isExplained ? 'nothing' : blameOf(failure),
    isFinal: false,
    failure: { code: isOffline ? 'peer-offline' : 'temporary', detail: nameOf(failure), bolt4Code, hop },
  });
}

function blameOf(failure: Failure): Blame {
  // "if the NODE bit is set: SHOULD remove all channels connected with the erring node from consideration."
  if ((failureCode(failure) & NODE) !== 0 || isNonsense(failure)) return 'node';
  return failure.name === 'temporary_channel_failure' ? 'amount' : 'next-channel';
}

const nameOf = (failure: Failure): string =>
  failure.name === 'unknown' ? `failure ${failure.code.toString(16)}` : failure.name;

/** Why our own channel did not take an HTLC. */
export function outcomeOfRefusal(refusal: ChannelRefusal): Failed {
  const isOffline = refusal.code === 'peer-not-connected' || refusal.code === 'channel-not-ready';
  return ownChannel({ code: isOffline ? 'peer-offline' : 'temporary', detail: refusal.code });
}
