import { describe, expect, it } from 'vitest';
import { readDatetime, readMsat, readOutPoint, readSat, readScid, readWhole } from './scalars.ts';

describe('what LSPS0 writes values as', () => {
  // bLIP 50 §Monetary Amounts: "Monetary amounts MUST be encoded as JSON strings containing the decimal text representation";
  // "LSPS implementations SHOULD internally use an unsigned 64-bit number"
  // bLIP 50 §Monetary Amounts: "Monetary amounts MUST be expressed in either millisatoshi or satoshi"
  it('amounts: decimal text of 64 bits', () => {
    expect(readMsat('18446744073709551615')).toBe(2n ** 64n - 1n);
    for (const bad of ['18446744073709551616', '-1', '1.0', ' 1', '0x1', '', '1e3', 1, null, undefined])
      expect(readMsat(bad)).toBeNull();
  });

  it('satoshis: no more than there are', () => {
    expect(readSat('2100000000000000')).toBe(2_100_000_000_000_000n);
    for (const bad of ['2100000000000001', '-1', '1.5', '', 1, null]) expect(readSat(bad)).toBeNull();
  });

  // bLIP 50 §Outpoints: "It MUST be encoded as a JSON string in the `txid:output_index` format"
  // bLIP 50 §Transaction IDs: "MUST be encoded as a 64 character HEX string"
  // bLIP 50 §Output Index: "It is a maximum of 16 bits"
  it('outpoints: txid:index, in capitals too', () => {
    expect(readOutPoint(`${'Ab'.repeat(32)}:65535`)).toEqual({ txId: 'ab'.repeat(32), index: 65_535 });
    for (const bad of [`${'ab'.repeat(32)}:65536`, `${'ab'.repeat(31)}:0`, 'ab'.repeat(32), ':0', 5, null])
      expect(readOutPoint(bad)).toBeNull();
  });

  // bLIP 50 §Datetimes: "MUST be encoded as a JSON string containing the ISO 8601 format"
  it('times: ISO 8601 in any of the forms that are written', () => {
    expect(readDatetime('2023-02-23T08:47:30.511Z')).toBe(1_677_142_050);
    expect(readDatetime('2035-05-20T08:30:45Z')).toBe(2_063_262_645);
    expect(readDatetime('2035-05-20T08:30:45+00:00')).toBe(2_063_262_645);
    for (const bad of ['2023-02-23', '2023-13-23T08:47:30.511Z', 'now', '1677142050', 1_677_142_050, null])
      expect(readDatetime(bad)).toBeNull();
  });

  // bLIP 50 §Short Channel Identifiers: "SCIDs MUST be encoded as a JSON string"
  it('short channel ids', () => {
    expect(readScid('539268x845x1')).toBe(0x083a_8400_034d_0001n);
    for (const bad of ['16777216x0x0', '0x16777216x0', '0x0x65536', '1x2', '1x2x3x4', '-1x2x3', 5])
      expect(readScid(bad)).toBeNull();
  });

  // bLIP 50 §Proportional / Parts-per-million: "MUST be encoded as JSON integral numbers"
  // bLIP 50 §On-chain Feerates: "MUST be encoded as JSON integral numbers"
  it('whole numbers', () => {
    expect(readWhole(1_200, 2_000)).toBe(1_200);
    for (const bad of [2_001, -1, 1.5, Number.NaN, '1', 2 ** 53]) expect(readWhole(bad, 2_000)).toBeNull();
  });
});
