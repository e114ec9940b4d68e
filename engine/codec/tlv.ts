import { assert } from '../base/assert.ts';
import { restBytes } from './bytes.ts';
import type { Field, Infer } from './field.ts';
import type { Reader } from './reader.ts';
import type { Shape } from './shape.ts';
import type { Simplify } from './struct.ts';
import type { Writer } from './writer.ts';

/** One known record of a TLV stream. */
export type Tlv<T> = { readonly type: bigint; readonly field: Field<T> };
export type Tlvs = { readonly [name: string]: Tlv<unknown> };
export type InferTlvs<R extends Tlvs> = { readonly [K in keyof R]?: Infer<R[K]['field']> };

/** A TLV namespace: absent records are absent properties. */
export type TlvStream<T> = Field<T> & {
  readonly shape: Extract<Shape, { kind: 'struct' }>;
  readonly readInto: (reader: Reader, target: Record<string, unknown>) => void;
};

export const tlv = <T>(type: number | bigint, field: Field<T>): Tlv<T> => ({ type: BigInt(type), field });

/**
 * A stream of TLV records, to the end of its container (`sized` gives it one of its own). Unknown odd records are
 * checked for form and dropped; where they matter use `rawTlvs`.
 */
export function tlvs<R extends Tlvs>(records: R): TlvStream<Simplify<InferTlvs<R>>> {
  const ordered = Object.entries(records).sort(([, a], [, b]) => (a.type < b.type ? -1 : 1));
  const known = new Map(ordered.map(([name, record]) => [record.type, { name, field: record.field }]));
  assert(known.size === ordered.length, 'two TLV records of one type');

  const readInto = (reader: Reader, target: Record<string, unknown>): void => {
    readStream(reader, (type, length) => {
      const record = known.get(type);
      reader.field = record?.name ?? `tlv ${type}`;
      if (record !== undefined) {
        target[record.name] = reader.within(length, (inner) => record.field.read(inner));
      } else if (type % 2n === 0n) {
        // BOLT 1 §Type-Length-Value Format: "if `type` is even: MUST fail to parse the `tlv_stream`."
        reader.fail('tlv-unknown-even');
      } else {
        // "otherwise, if `type` is odd: MUST discard the next `length` bytes."
        reader.skip(length);
      }
    });
  };
  return {
    shape: {
      kind: 'struct',
      required: {},
      optional: Object.fromEntries(ordered.map(([name, record]) => [name, record.field.shape])),
    },
    readInto,
    read: (reader) => {
      const target: Record<string, unknown> = {};
      readInto(reader, target);
      return target as Simplify<InferTlvs<R>>;
    },
    write: (writer, value: Readonly<Record<string, unknown>>) => {
      for (const [name, record] of ordered) {
        const content = value[name];
        if (content !== undefined) writeRecord(writer, record, content);
      }
    },
  };
}

export type RawTlv = { readonly type: bigint; readonly value: Uint8Array };

/** Every record of a TLV stream as it stands, known or not: for what is signed, mirrored or shown whole. */
export const rawTlvs: Field<readonly RawTlv[]> = {
  shape: {
    kind: 'mapped',
    of: restBytes.shape,
    // A stream must be ordered, which arbitrary bytes are not: one record of any content stands for all.
    map: (content) => [{ type: 1n, value: content }],
    show: 'size',
  },
  read: (reader) => {
    const records: RawTlv[] = [];
    readStream(reader, (type, length) => records.push({ type, value: reader.bytes(length) }));
    return records;
  },
  write: (writer, records) => {
    let previous = -1n;
    for (const { type, value } of records) {
      assert(type > previous, 'TLV types do not increase');
      previous = type;
      writeRecord(writer, tlv(type, restBytes), value);
    }
  },
};

/** BOLT 1 §Type-Length-Value Format, §Requirements of the receiving node, but for the contents. */
function readStream(reader: Reader, onRecord: (type: bigint, length: number) => void): void {
  let previous = -1n;
  while (reader.remaining > 0) {
    reader.field = 'tlv';
    const type = reader.bigsize();
    // "if decoded `type`s are not strictly-increasing […]: MUST fail to parse the `tlv_stream`."
    if (type <= previous) reader.fail('tlv-order');
    previous = type;
    onRecord(type, reader.size());
  }
}

function writeRecord(writer: Writer, record: Tlv<unknown>, content: unknown): void {
  writer.bigsize(record.type);
  writer.sized(() => record.field.write(writer, content));
}
