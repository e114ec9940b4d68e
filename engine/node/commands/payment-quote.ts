import type { NodeId } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Msat } from '../../base/units.ts';
import type { SendRequest } from '../../payment/outgoing-machine.ts';
import type { RouteRefusal } from '../../payment/payment-refusal.ts';
import type { LightningQuote } from '../api.ts';
import { refusalFromPayment } from '../refusal-from.ts';
import type { PaidBy, Refusal } from '../refusal.ts';

/** What a payment would cost: `fee`, by the way that it would take first. */
export function quoteRequest(
  request: SendRequest,
  fee: Result<Msat, RouteRefusal>,
  alias: (nodeId: NodeId) => string | null,
  mayBePaid: PaidBy | null,
): Result<LightningQuote, Refusal> {
  if (!fee.ok) return err(refusalFromPayment(fee.error));
  return ok({
    amountMsat: request.amount,
    feeMsat: fee.value,
    maxFeeMsat: request.maxFee,
    payee: request.recipient.nodeId,
    payeeAlias: alias(request.recipient.nodeId),
    ...(mayBePaid === null ? {} : { mayBePaid }),
  });
}
