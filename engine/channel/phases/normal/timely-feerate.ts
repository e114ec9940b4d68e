import { feeratePerKw, type FeeratePerKw } from '../../../base/units.ts';
import { FEERATE_FLOOR, MOST_RAISED } from '../../../bitcoin/fee.ts';
import type { Feerates } from '../../../bitcoin/watch.ts';
import type { ChannelType } from '../../../wire/channel-type.ts';

/**
 * The least at which a commitment may be expected in a block within a day or so, with wide room for two that see
 * different mempools; never less than mempools take at all now. With anchors whatever is relayed will do: a child pays what
 * is missing.
 *
 * Where two chain servers are far apart: `to-take` an HTLC, by the middle between them, up to twice the near rates, as a
 * mistake gives one payment back; `to-stay` connected, by the lower alone, as a mistake closes the channel.
 */
export function timelyFeerate(
  { base }: Pick<ChannelType, 'base'>,
  { background, minimum, dearer }: Pick<Feerates, 'background' | 'minimum' | 'dearer'>,
  purpose: 'to-take' | 'to-stay',
): FeeratePerKw {
  if (base === 'anchors') return FEERATE_FLOOR;
  const timely = (day: number, least: number): number => Math.max(FEERATE_FLOOR, least, Math.floor(day / 4));
  const near = timely(background, minimum);
  if (dearer === undefined) return feeratePerKw(near);
  if (purpose === 'to-stay')
    return feeratePerKw(timely(background / MOST_RAISED, Math.floor(minimum / MOST_RAISED)));
  return feeratePerKw(Math.max(near, Math.min(timely(dearer.background, dearer.minimum), 2 * near)));
}
