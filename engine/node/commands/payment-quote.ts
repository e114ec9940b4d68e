import type { NodeId } from '../../base/ids.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { PaymentEnv } from '../../payment/env.ts';
import type { SendRequest } from '../../payment/outgoing-machine.ts';
import { quoteFee } from '../../payment/plan.ts';
import type { LightningQuote } from '../api.ts';
import { refusalFromPayment } from '../refusal-from.ts';
import type { PaidBy, Refusal } from '../refusal.ts';

/** What a payment would cost by the way that it would take first. Changes nothing. */
export function quoteRequest(
  request: SendRequest,
  env: PaymentEnv,
  alias: (nodeId: NodeId) => string | null,
  mayBePaid: PaidBy | null,
): Result<LightningQuote, Refusal> {
  const fee = quoteFee(request, env);
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
