import type { Refusal } from '../../../engine/node/refusal.ts';
import type { Explained } from '../explained.ts';
import { channelRefusals } from './refusals/channels.ts';
import { chainRefusals } from './refusals/chain.ts';
import { inputRefusals } from './refusals/input.ts';
import { lockRefusals } from './refusals/lock.ts';
import { lspRefusals } from './refusals/lsps.ts';
import { nodeRefusals } from './refusals/node.ts';
import { paymentRefusals } from './refusals/payments.ts';
import type { RefusalTexts } from './refusals/texts.ts';

/** One entry for every code the node can answer with: the compiler counts them. */
export const refusals: RefusalTexts<Refusal['code']> = {
  ...nodeRefusals,
  ...lockRefusals,
  ...inputRefusals,
  ...chainRefusals,
  ...channelRefusals,
  ...paymentRefusals,
  ...lspRefusals,
};

export function explainRefusal(refusal: Refusal): Explained {
  const explain = refusals[refusal.code] as (refusal: Refusal) => Explained;
  return explain(refusal);
}
