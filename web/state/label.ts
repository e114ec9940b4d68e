import type { LongestLabel } from '../../engine/node/api.ts';

/** Of a label, as the engine takes it. */
export const LONGEST_LABEL: LongestLabel = 200;
