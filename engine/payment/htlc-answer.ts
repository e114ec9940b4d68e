import type { ChannelId } from '../base/ids.ts';
import type { Failure } from '../onion/failure.ts';
import { failureReason, refuse, type HtlcRefusal, type Refusable } from '../onion/refusal.ts';
import type { PaymentEffect } from './step.ts';

type HtlcName = { readonly channelId: ChannelId; readonly id: bigint };

export const fulfillPart = ({ channelId, id }: HtlcName, preimage: Uint8Array): PaymentEffect => ({
  tag: 'command',
  channelId,
  command: { tag: 'fulfill-htlc', id, preimage },
});

/** The answer to an HTLC that could not even be read. */
export const refuseHtlc = ({ channelId, id }: HtlcName, refusal: HtlcRefusal): PaymentEffect => ({
  tag: 'command',
  channelId,
  command:
    refusal.tag === 'malformed'
      ? { tag: 'fail-malformed-htlc', id, onionHash: refusal.onionHash, failureCode: refusal.failureCode }
      : { tag: 'fail-htlc', id, reason: failureReason(refusal) },
});

export const failPart = (part: HtlcName & Refusable, failure: Failure): PaymentEffect =>
  refuseHtlc(part, refuse(part, failure));
