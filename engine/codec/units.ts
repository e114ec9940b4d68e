import type {
  BlockDelta,
  BlockHeight,
  FeeratePerKw,
  Msat,
  Sat,
  Scid,
  Seconds,
  Timestamp,
} from '../base/units.ts';
import { limited, type Field } from './field.ts';
import { bigsize, tu64, u16, u32, u64, varInt } from './integers.ts';

/** The same encoding for a branded number. Only for fields whose whole range the brand admits. */
const branded = <T>(field: Field<bigint> | Field<number>): Field<T> => field as unknown as Field<T>;

// BOLT 1 §Fundamental Types: "When used to encode amounts, the previous fields MUST comply with the upper bound of 21
// million BTC" (said of the truncated integers)
const MAX_SAT = 0x000775f05a074000n;
const MAX_MSAT = 0x1d24b2dfac520000n;
const upTo = (field: Field<bigint>, max: bigint): Field<bigint> =>
  limited(field, (value) => value <= max, { kind: 'bigint', min: 0n, max });

export const msatU64: Field<Msat> = branded(u64);
export const satU64: Field<Sat> = branded(u64);
export const msatTu64: Field<Msat> = branded(upTo(tu64, MAX_MSAT));
export const satTu64: Field<Sat> = branded(upTo(tu64, MAX_SAT));
/** One to nine bytes: for our own records. */
export const msatVar: Field<Msat> = branded(bigsize);
/** One to nine bytes: for our own records. */
export const satVar: Field<Sat> = branded(bigsize);

export const scid: Field<Scid> = branded(u64);
export const blockHeight32: Field<BlockHeight> = branded(u32);
export const blockDelta16: Field<BlockDelta> = branded(u16);
export const feerate32: Field<FeeratePerKw> = branded(u32);
export const timestamp32: Field<Timestamp> = branded(u32);
export const seconds32: Field<Seconds> = branded(u32);
/** Past 2106: for our own records. */
export const timestampVar: Field<Timestamp> = branded(varInt);
