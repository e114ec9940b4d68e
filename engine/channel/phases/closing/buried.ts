import type { Confirmation } from '../../../bitcoin/watch.ts';
import type { Env } from '../../env.ts';

/**
 * Deep enough to be taken as final.
 * DIVERGES from BOLT 5 §General Nomenclature: "at least 100 deep" is "far greater than the longest known Bitcoin
 * fork": because a wallet should not show money as pending for most of a day, `irrevocableDepth` is less.
 */
export const isBuried = (at: Confirmation | null, { height, config }: Env): boolean =>
  at !== null && height - at.height + 1 >= config.irrevocableDepth;
