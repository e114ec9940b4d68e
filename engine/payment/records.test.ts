import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { ok } from '../base/result.ts';
import { decode, encode, type Field } from '../codec/field.ts';
import { valuesOf } from '../testkit/arbitraries/field.ts';
import { ATTRIBUTED, BLINDED, INCOMING, ORDERED, OUTGOING, TAKEN_BACK } from './fixtures/stored-values.ts';
import stored from './fixtures/stored-v1.json' with { type: 'json' };
import { incomingRecord } from './incoming-record.ts';
import { outgoingRecord } from './outgoing-record.ts';

function behaves<T>(name: string, record: Field<T>, values: readonly T[], frozen: readonly string[]): void {
  describe(name, () => {
    it('reads what version 1 wrote, for ever', () => {
      expect(frozen.map((hex) => decode(record, fromHex(hex)))).toEqual(values.map(ok));
    });

    it('writes the same today', () => {
      expect(values.map((value) => toHex(encode(record, value)))).toEqual(frozen);
    });

    it('reads what it writes, whatever it is', () => {
      fc.assert(
        fc.property(valuesOf(record), (value) => {
          expect(decode(record, encode(record, value))).toEqual(ok(value));
        }),
      );
    });

    it('refuses bytes that are cut off, or of a newer version', () => {
      for (const hex of frozen) {
        const bytes = fromHex(hex);
        for (let cut = 0; cut < bytes.length; cut += 7)
          expect(decode(record, bytes.subarray(0, cut)).ok).toBe(false);
        bytes[0] = 2;
        expect(decode(record, bytes)).toMatchObject({ error: { code: 'newer-version' } });
      }
    });

    it('stays small', () => {
      expect(Math.max(...frozen.map((hex) => hex.length / 2))).toBeLessThan(800);
    });
  });
}

behaves('outgoing payments on disk', outgoingRecord, OUTGOING, stored.outgoing);
behaves('payments whose hops told how long they held them', outgoingRecord, [ATTRIBUTED], stored.attributed);
behaves('payments along blinded paths', outgoingRecord, [BLINDED], stored.blinded);
behaves('incoming payments on disk', incomingRecord, INCOMING, stored.incoming);
behaves('incoming payments that an LSP opens a channel for', incomingRecord, [ORDERED], stored.ordered);
behaves('incoming payments of which a part was taken back', incomingRecord, [TAKEN_BACK], stored.takenBack);
