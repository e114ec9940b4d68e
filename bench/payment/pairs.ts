import { startLdkPair } from '../ldk/ldk-pair.ts';
import { startNodePair } from '../node/node-pair.ts';
import type { PaymentPair } from '../pair.ts';
import { eachSide, type BySide } from '../paired.ts';

/** Fresh pairs of nodes, so that no bench meets what another left behind. */
export const startPairs = (): Promise<BySide<PaymentPair>> =>
  eachSide((side) => (side === 'leyden' ? startNodePair() : startLdkPair()));
