import type { OutPoint } from '../base/ids.ts';
import type { Scid } from '../base/units.ts';
import type { Confirmation } from '../bitcoin/watch.ts';

/** BOLT 7 §Definition of short_channel_id: "the most significant 3 bytes: indicating the block height" and so on. */
export const scidOf = (at: Confirmation, { index }: OutPoint): Scid =>
  ((BigInt(at.height) << 40n) | (BigInt(at.index) << 16n) | BigInt(index)) as Scid;
