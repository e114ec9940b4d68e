import { fromHex } from '../base/bytes.ts';
import { readAttribution } from '../onion/attribution.ts';
import { failureLayers } from '../onion/failure-onion.ts';
import { session } from '../onion/session.ts';
import type { Attempt } from './outgoing.ts';

type Sent = Pick<Attempt, 'sessionKey' | 'hops'>;

/** What each hop of an attempt shares with us, our peer first. */
export const secretsOf = ({ sessionKey, hops }: Sent): readonly Uint8Array[] =>
  session(
    sessionKey,
    hops.map(({ nodeId }) => fromHex(nodeId)),
  ).hops.map(({ sharedSecret }) => sharedSecret);

/** What `attribution_data` says of a failure. */
export type Attributed = {
  /** See `Attempt`. */
  readonly holdTimes: readonly number[];
  /** All hops up to this one vouch for what came back, and it does not; null where all do. */
  readonly brokenAt: number | null;
};

/**
 * Null where there is none.
 * @param last the hop that made the failure, where it is known.
 */
export const attributedFailure = (
  secrets: readonly Uint8Array[],
  reason: Uint8Array,
  attributionData: Uint8Array | undefined,
  last?: number,
): Attributed | null =>
  attributionData === undefined
    ? null
    : readAttribution(secrets, failureLayers(secrets, reason), attributionData, last);

/** Of a way that paid. How long our peer alone held it we see ourselves. */
export function holdTimesOfSuccess(sent: Sent, attributionData: Uint8Array | undefined): readonly number[] {
  if (attributionData === undefined || sent.hops.length === 1) return [];
  const secrets = secretsOf(sent);
  const packets = secrets.map(() => new Uint8Array(0));
  return readAttribution(secrets, packets, attributionData).holdTimes;
}
