import { put, type Write } from '../base/write.ts';
import type { Timestamp } from '../base/units.ts';
import type { Feerates } from '../bitcoin/watch.ts';
import { decode, encode } from '../codec/field.ts';
import { u32 } from '../codec/integers.ts';
import { record } from '../codec/record.ts';
import { struct } from '../codec/struct.ts';
import { tlv, tlvs } from '../codec/tlv.ts';
import { feerate32, timestamp32 } from '../codec/units.ts';

/** The last fee rates, in table `chain` under `feerates`: so that a start has figures before it has a network. */
const feeratesRecord = record(
  1,
  {
    urgent: feerate32,
    normal: feerate32,
    background: feerate32,
    minimum: feerate32,
  },
  // Odd: who does not know it goes by the rates of now.
  tlvs({
    peak: tlv(1, struct({ rate: feerate32, at: timestamp32 })),
    dearer: tlv(3, struct({ urgent: feerate32, background: feerate32, minimum: feerate32 })),
    saidAt: tlv(5, timestamp32),
    alone: tlv(7, struct({ seconds: u32, at: timestamp32 })),
  }),
);

const KEY = 'feerates';

export type KeptFeerates = {
  readonly feerates: Feerates;
  /** When servers said so; null on disks from before it was kept. */
  readonly saidAt: Timestamp | null;
  /** For how many seconds these have stood in for a second server since, and until when. Absent: they have not. */
  readonly alone?: { readonly seconds: number; readonly at: Timestamp };
};

export const feerateWrite = ({ feerates, saidAt, alone }: KeptFeerates): Write =>
  put(
    'chain',
    KEY,
    encode(feeratesRecord, {
      ...feerates,
      ...(saidAt === null ? {} : { saidAt }),
      ...(alone === undefined ? {} : { alone }),
    }),
  );

/** Null when there are none, or none that can be read: they are a cache. */
export function loadFeerates(entries: Iterable<readonly [string, Uint8Array]>): KeptFeerates | null {
  for (const [key, value] of entries) {
    if (key !== KEY) continue;
    const read = decode(feeratesRecord, value);
    if (!read.ok) return null;
    const { saidAt, alone, ...feerates } = read.value;
    return { feerates, saidAt: saidAt ?? null, ...(alone === undefined ? {} : { alone }) };
  }
  return null;
}
