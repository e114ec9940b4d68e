import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { txIdFromBytes } from '../base/ids.ts';
import { sat } from '../base/units.ts';
import bip143 from './fixtures/bip143.json' with { type: 'json' };
import funding from './fixtures/bolt3-funding.json' with { type: 'json' };
import { MAX_MONEY, parseTx, parseTxHex } from './tx-parse.ts';
import {
  serializeStripped,
  serializeTx,
  strippedSize,
  txIdOf,
  virtualSizeOf,
  weightOf,
  withWitness,
  wtxIdOf,
  type Tx,
} from './tx.ts';

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const anyTx: fc.Arbitrary<Tx> = fc.record({
  version: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  inputs: fc.array(
    fc.record({
      outPoint: fc.record({
        txId: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(txIdFromBytes),
        index: u32,
      }),
      sequence: u32,
      scriptSig: bytes(300),
      witness: fc.array(bytes(300), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  outputs: fc.array(
    fc.record({ amount: fc.bigInt({ min: 0n, max: MAX_MONEY }).map(sat), script: bytes(300) }),
    { minLength: 1, maxLength: 4 },
  ),
  lockTime: u32,
});

const parsed = (hex: string): Tx => {
  const result = parseTxHex(hex);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
};

describe('transactions of the specifications', () => {
  const { dualFunded } = funding;
  const raw = [
    funding.funding.tx,
    funding.blocks[1]!.coinbase!,
    dualFunded.parent,
    dualFunded.unsigned,
    dualFunded.signed,
    ...bip143.cases.flatMap(({ tx, signed }) => (signed === undefined ? [tx] : [tx, signed])),
  ];
  it.each(raw)('parses and writes %.24s…', (hex) => {
    expect(toHex(serializeTx(parsed(hex)))).toBe(hex);
  });
  it('knows their ids', () => {
    expect(txIdOf(parsed(funding.funding.tx))).toBe(funding.funding.txId);
    expect(txIdOf(parsed(dualFunded.parent))).toBe(dualFunded.parentId);
    expect(txIdOf(parsed(dualFunded.unsigned))).toBe(dualFunded.txId);
    expect(txIdOf(parsed(dualFunded.signed))).toBe(dualFunded.txId);
    expect(wtxIdOf(parsed(dualFunded.unsigned))).toBe(dualFunded.txId);
    expect(wtxIdOf(parsed(dualFunded.signed))).not.toBe(dualFunded.txId);
  });
  it('weighs them: BIP 141 "base size * 3 + total size"', () => {
    const tx = parsed(dualFunded.signed);
    expect(strippedSize(tx)).toBe(dualFunded.unsigned.length / 2);
    expect(weightOf(tx)).toBe((3 * dualFunded.unsigned.length + dualFunded.signed.length) / 2);
    expect(virtualSizeOf(tx)).toBe(Math.ceil(weightOf(tx) / 4));
    expect(weightOf(parsed(dualFunded.unsigned))).toBe(2 * dualFunded.unsigned.length);
  });
});

describe('any transaction', () => {
  it('is read back as it was written, and weighs what it is long', () => {
    fc.assert(
      fc.property(anyTx, (tx) => {
        const raw = serializeTx(tx);
        expect(parseTx(raw)).toEqual({ ok: true, value: tx });
        expect(weightOf(tx)).toBe(3 * serializeStripped(tx).length + raw.length);
      }),
    );
  });
  it('is refused when a byte is missing or too many', () => {
    fc.assert(
      fc.property(anyTx, fc.nat(), (tx, cut) => {
        const raw = serializeTx(tx);
        expect(parseTx(raw.subarray(0, cut % raw.length)).ok).toBe(false);
        expect(parseTx(concatBytes(raw, Uint8Array.of(0))).ok).toBe(false);
      }),
    );
  });
  it('that is garbage never throws, and what parses is canonical', () => {
    fc.assert(
      fc.property(anyTx, fc.nat(), fc.integer({ min: 1, max: 255 }), (tx, at, flip) => {
        const raw = serializeTx(tx);
        raw[at % raw.length] = raw[at % raw.length]! ^ flip;
        const result = parseTx(raw);
        if (result.ok) expect(serializeTx(result.value)).toEqual(raw);
      }),
      { numRuns: 400 },
    );
  });
});

describe('hostile bytes', () => {
  const input = `${'11'.repeat(32)}00000000`;
  it.each([
    ['nothing', '', 'truncated'],
    ['a claim of 2^32 - 1 inputs', '02000000feffffffff', 'truncated'],
    ['a claim of 2^64 - 1 inputs', '02000000ffffffffffffffffff', 'truncated'],
    ['a count that is not minimal', `02000000fd0100${input}0000000000`, 'not-minimal'],
    ['no outputs', `0200000001${input}00ffffffff0000000000`, 'invalid'],
    ['no inputs and no witness', '02000000000000000000', 'invalid'],
    ['another flag', `02000000000201${input}00ffffffff010000000000000000000000000000`, 'invalid'],
    [
      'a witness marker without witness',
      `02000000000101${input}00ffffffff010000000000000000000000000000`,
      'invalid',
    ],
    [
      'more than 21 million bitcoin',
      `0200000001${input}00ffffffff010140075af07507000000000000`,
      'out-of-range',
    ],
  ])('%s', (_, hex, code) => {
    expect(parseTx(fromHex(hex))).toMatchObject({ ok: false, error: { code } });
  });
  it('text that is not hex', () => {
    expect(parseTxHex('<html>')).toMatchObject({ ok: false, error: { code: 'invalid', field: 'hex' } });
  });
});

describe('withWitness', () => {
  it('changes one input, and not the id', () => {
    const tx = parsed(funding.dualFunded.unsigned);
    const signed = withWitness(tx, 1, [Uint8Array.of(7)]);
    expect(signed.inputs.map(({ witness }) => witness.length)).toEqual([0, 1]);
    expect(txIdOf(signed)).toBe(txIdOf(tx));
  });
});
