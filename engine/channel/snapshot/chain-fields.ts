import { parseTx } from '../../bitcoin/tx-parse.ts';
import { serializeTx, type Tx } from '../../bitcoin/tx.ts';
import type { Confirmation } from '../../bitcoin/watch.ts';
import { longBytes } from '../../codec/bytes.ts';
import { mapped, type Field } from '../../codec/field.ts';
import { blockHash } from '../../codec/ids.ts';
import { varInt } from '../../codec/integers.ts';
import { struct } from '../../codec/struct.ts';
import { blockHeight32 } from '../../codec/units.ts';

/** A transaction as Bitcoin writes it. */
export const txField: Field<Tx> = mapped(
  longBytes,
  (bytes) => {
    const tx = parseTx(bytes);
    return tx.ok ? tx.value : null;
  },
  serializeTx,
  'size',
);

export const confirmation: Field<Confirmation> = struct({
  height: blockHeight32,
  blockHash,
  index: varInt,
});
