import { outPointKey, type OutPoint } from '../base/ids.ts';
import type { BlockDelta } from '../base/units.ts';
import type { Tx } from './tx.ts';

// BIP 68: "If bit (1 << 31) of the sequence number is set, then no consensus meaning is applied"; "Bit (1 << 22) determines
// if the relative lock-time is time-based or block based".
const NOT_RELATIVE = 0x8000_0000;
const IN_SECONDS = 0x0040_0000;

/**
 * Whether the input of `tx` that spends `outPoint` could be mined only so many blocks after what it spends: all that a
 * script with OP_CHECKSEQUENCEVERIFY can be spent by. The id tells of it, as it does not of a witness.
 */
export function hasWaited(tx: Tx, outPoint: OutPoint, blocks: BlockDelta): boolean {
  const key = outPointKey(outPoint);
  const sequence = tx.inputs.find((input) => outPointKey(input.outPoint) === key)?.sequence ?? NOT_RELATIVE;
  // BIP 68 casts the version to an unsigned number.
  return (
    tx.version >>> 0 >= 2 && (sequence & (NOT_RELATIVE | IN_SECONDS)) === 0 && (sequence & 0xffff) >= blocks
  );
}
