import { startLdkPair } from '../ldk/ldk-pair.ts';
import { inMemory } from '../node/in-memory.ts';
import { startNodePair } from '../node/node-pair.ts';
import type { PaymentPair } from '../pair.ts';
import type { Side } from '../paired.ts';

/** Fresh nodes, so that no bench meets what another left behind. */
export const startPair = (side: Side): Promise<PaymentPair> =>
  side === 'leyden' ? startNodePair(inMemory) : startLdkPair();
