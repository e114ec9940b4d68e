import { feeratePerKw, type FeeratePerKw } from '../../../base/units.ts';
import { FEERATE_FLOOR } from '../../../bitcoin/fee.ts';
import type { Feerates } from '../../../bitcoin/watch.ts';
import type { ChannelType } from '../../../wire/channel-type.ts';

/**
 * The least at which a commitment may be expected in a block within a day or so, with wide room for two that see
 * different mempools; never less than mempools take at all now. With anchors whatever is relayed will do: a child pays what
 * is missing.
 */
export const timelyFeerate = (
  { base }: Pick<ChannelType, 'base'>,
  feerates: Pick<Feerates, 'background' | 'minimum' | 'dearer'>,
): FeeratePerKw => {
  if (base === 'anchors') return FEERATE_FLOOR;
  const { background, minimum } = feerates.dearer ?? feerates;
  return feeratePerKw(Math.max(FEERATE_FLOOR, minimum, Math.floor(background / 4)));
};
