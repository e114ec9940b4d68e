import { err, ok, type Result } from '../../base/result.ts';
import { blockHeight, msat } from '../../base/units.ts';
import type { PaymentEnv } from '../../payment/env.ts';
import type { SendRequest } from '../../payment/outgoing-machine.ts';
import { feeOfRoute } from '../../payment/route.ts';
import type { LightningQuote } from '../api.ts';
import { refusalFromPayment } from '../refusal-from.ts';
import type { Refusal } from '../refusal.ts';

/** What a payment would cost by the way that it would take first. Changes nothing. */
export function quoteRequest(request: SendRequest, env: PaymentEnv): Result<LightningQuote, Refusal> {
  const { recipient, amount, maxFee } = request;
  const routes = env.findRoutes({
    ourId: env.nodeId,
    payee: recipient.nodeId,
    amount,
    maxFee,
    finalCltvExpiry: blockHeight(env.height + recipient.minFinalCltvExpiryDelta + env.config.expirySlack),
    maxCltvExpiry: blockHeight(env.height + env.config.maxCltvDelta),
    routeHints: recipient.routeHints,
    multiPart: recipient.multiPart,
    channels: env.channels(),
    avoid: { channels: new Set(), scids: new Set(), nodes: new Set() },
  });
  if (!routes.ok) return err(refusalFromPayment(routes.error));
  return ok({
    amountMsat: amount,
    feeMsat: msat(routes.value.reduce((sum, route) => sum + feeOfRoute(route), 0n)),
    maxFeeMsat: maxFee,
    payee: recipient.nodeId,
    payeeAlias: null,
  });
}
