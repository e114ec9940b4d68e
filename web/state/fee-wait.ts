import type { ChainStatus, FeeBlocks } from '../../engine/node/api.ts';
import { blocksText } from '../format/time.ts';
import { send } from '../i18n/en.ts';

const BLOCKS: FeeBlocks = { fast: 2, normal: 6, slow: 144 };
const SPEEDS = ['fast', 'normal', 'slow'] as const;

/** How long what pays for it waits for a block. */
export const WAITS: { readonly [Speed in keyof FeeBlocks]: string } = {
  fast: blocksText(BLOCKS.fast),
  normal: blocksText(BLOCKS.normal),
  slow: blocksText(BLOCKS.slow),
};

/** The same for a rate in sat/vB. Null where that is not known. */
export function rateWait(satPerVb: number, rates: ChainStatus['feerates'] | null): string | null {
  if (rates === null || satPerVb <= 0) return null;
  const speed = SPEEDS.find((one) => satPerVb >= rates[one]);
  return speed === undefined ? send.fees.longWait : WAITS[speed];
}
