import type { OrderDetails } from '../../engine/node/api.ts';
import { room } from '../i18n/en.ts';

type StageWords = { readonly title: string; readonly text: (lsp: string, wait: string) => string };

/** Where an order stands, in words: the same in the list and on its own page. */
export function orderStage(order: OrderDetails): StageWords {
  const { stage, namedChannel } = order;
  const words = room.order;
  if (stage === 'undelivered' && namedChannel !== null) return words.named[namedChannel];
  if ((stage === 'lapsed' || stage === 'unpaid') && order.cancellationId !== null) return words.cancelling;
  if (stage === 'confirming' && order.isFeeTooLow) return words.notTaken;
  if (order.way === 'elsewhere') return room.elsewhere.stages[stage] ?? words.stages[stage];
  if (stage === 'refunded' && (order.refundedSat ?? order.totalSat) < order.totalSat) return words.partBack;
  return words.stages[stage];
}
