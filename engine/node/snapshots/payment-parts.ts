import type { NodeId, PaymentId } from '../../base/ids.ts';
import { isMadeUp } from '../../payment/blinded-way.ts';
import { arriving, type Attempt } from '../../payment/outgoing.ts';
import type { PaymentHop, PaymentPart } from '../api.ts';
import type { Core } from '../core.ts';

/** The HTLCs of an outgoing payment, the first of them first; null when there is no such payment. */
export function paymentParts(
  core: Pick<Core, 'payments'>,
  id: string,
  alias: (nodeId: NodeId) => string | null,
): readonly PaymentPart[] | null {
  const attempts = core.payments.attempts(id as PaymentId);
  return attempts?.map((attempt) => partOf(attempt, alias)) ?? null;
}

function partOf(attempt: Attempt, alias: (nodeId: NodeId) => string | null): PaymentPart {
  const { number, channelId, hops, outcome, holdTimes = [] } = attempt;
  const failed = outcome.tag === 'failed' ? outcome : null;
  return {
    number,
    state: outcome.tag,
    channelId,
    amountMsat: arriving(attempt),
    feeMsat: hops[0].amount - arriving(attempt),
    hops: hops.map(({ nodeId, scid, amount }, i): PaymentHop => ({
      nodeId,
      alias: alias(nodeId),
      shortChannelId: scid === null || isMadeUp(scid) ? null : scid,
      amountMsat: amount,
      feeMsat: amount - (hops[i + 1]?.amount ?? amount),
      heldMs: heldMs(holdTimes[i]),
    })),
    stoppedAt: failed === null || failed.blame === 'route' ? null : stopOf(failed),
    failure: failed?.failure ?? null,
  };
}

/** Who said no, is the last that had it. −1: our own channel did not send it. */
const stopOf = ({ blame, hop, failure }: Extract<Attempt['outcome'], { tag: 'failed' }>): number =>
  failure.hop ?? (blame === 'channel' ? -1 : hop);

/** They tell it in units of 100 milliseconds. 0: not told. */
const heldMs = (units: number | undefined): number | null =>
  units === undefined || units === 0 ? null : 100 * units;
