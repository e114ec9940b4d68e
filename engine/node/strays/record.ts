import { put, remove, type Write } from '../../base/write.ts';
import { enumOf } from '../../codec/choices.ts';
import { encode, type Field } from '../../codec/field.ts';
import { outPoint } from '../../codec/ids.ts';
import { varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { list } from '../../codec/sequences.ts';
import { struct } from '../../codec/struct.ts';
import { blockHeight32, satVar } from '../../codec/units.ts';
import type { FormatId } from '../../commitment/params.ts';
import type { Search } from './search.ts';

/** Table `meta`. */
export const STRAYS_KEY = 'strays';

export const searchRecord: Field<Search> = record(1, {
  next: varInt,
  passes: varInt,
  again: list(blockHeight32),
  found: list(
    struct({
      keyIndex: varInt,
      // Names are appended, never moved.
      format: enumOf<FormatId>(['static-remotekey', 'anchors-zero-fee']),
      outPoint,
      amount: satVar,
      height: blockHeight32,
    }),
  ),
});

export const writeSearch = (search: Search | null): Write =>
  search === null ? remove('meta', STRAYS_KEY) : put('meta', STRAYS_KEY, encode(searchRecord, search));
