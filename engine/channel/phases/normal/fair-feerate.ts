import { feeratePerKw, type FeeratePerKw } from '../../../base/units.ts';
import type { Feerates } from '../../../bitcoin/watch.ts';
import { ANCHORS_CAP } from '../opening/terms.ts';

/** The most that a mempool gives a reason for, with room for two that see different ones. */
export const fairFeerate = ({ urgent, dearer }: Pick<Feerates, 'urgent' | 'dearer'>): FeeratePerKw =>
  feeratePerKw(2 * Math.max(urgent, dearer?.urgent ?? 0, ANCHORS_CAP));
