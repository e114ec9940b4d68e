import type { ChannelId } from '../base/ids.ts';
import type { Timestamp } from '../base/units.ts';
import { attribute } from '../onion/attribution.ts';
import type { Failure } from '../onion/failure.ts';
import { failureOf, refuse, type HtlcRefusal, type Refusable } from '../onion/refusal.ts';
import type { PaymentEffect } from './step.ts';

type HtlcName = { readonly channelId: ChannelId; readonly id: bigint };
/** How long it was held, the payer is told, and nobody else can read it. */
type Held = HtlcName & Refusable & { readonly since: Timestamp };

/** In units of 100 milliseconds. A clock that was set back tells nothing. */
const holdTime = ({ since }: Held, now: Timestamp): number => Math.max(0, now - since) * 10;

// BOLT 2 §Removing an HTLC: "if path_key is not set in the incoming update_add_htlc: MUST initialize attribution_data
// and include it in update_fail_htlc and update_fulfill_htlc."
export const fulfillPart = (part: Held, preimage: Uint8Array, now: Timestamp): PaymentEffect => ({
  tag: 'command',
  channelId: part.channelId,
  command: {
    tag: 'fulfill-htlc',
    id: part.id,
    preimage,
    ...(part.blinding === 'inside'
      ? {}
      : { attributionData: attribute(part.sharedSecret, NO_PACKET, holdTime(part, now), null) }),
  },
});

// BOLT 4 §Hold times for successful payments: "there is no failure message that is covered by the HMACs."
const NO_PACKET = new Uint8Array(0);

/** The answer to an HTLC that could not even be read. `held`: see `attribute`. */
export const refuseHtlc = ({ channelId, id }: HtlcName, refusal: HtlcRefusal, held = 0): PaymentEffect => ({
  tag: 'command',
  channelId,
  command:
    refusal.tag === 'malformed'
      ? { tag: 'fail-malformed-htlc', id, onionHash: refusal.onionHash, failureCode: refusal.failureCode }
      : { tag: 'fail-htlc', id, ...failureOf(refusal, held) },
});

export const failPart = (part: Held, failure: Failure, now: Timestamp): PaymentEffect =>
  refuseHtlc(part, refuse(part, failure), holdTime(part, now));

/** An error that nobody on the route signed: all that can be said without having read the onion. */
export const UNREADABLE = new Uint8Array(292);
