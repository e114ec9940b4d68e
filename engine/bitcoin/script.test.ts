import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '../base/bytes.ts';
import { dustLimitOf } from './dust.ts';
import { compareOutputs } from './output-order.ts';
import {
  p2pkh,
  p2pkhOfHash,
  p2sh,
  p2shOfHash,
  p2tr,
  p2wpkh,
  p2wsh,
  pushData,
  pushNumber,
  script,
  witnessProgram,
} from './script.ts';
import { isShutdownScript, scriptForm } from './script-form.ts';
import { sat } from '../base/units.ts';

const zeros = (length: number): Uint8Array => new Uint8Array(length);
const key = fromHex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798');

describe('pushes', () => {
  it.each([
    [0, '00'],
    [1, '51'],
    [16, '60'],
    [17, '0111'],
    [127, '017f'],
    [128, '028000'],
    [144, '029000'],
    [255, '02ff00'],
    [256, '020001'],
    [500, '02f401'],
    [32767, '02ff7f'],
    [32768, '03008000'],
    [500_000, '0320a107'],
    [8_388_608, '0400008000'],
    [2 ** 31 - 1, '04ffffff7f'],
    [2 ** 32 - 1, '05ffffffff00'],
  ])('number %i is %s', (value, hex) => {
    expect(toHex(pushNumber(value))).toBe(hex);
  });
  it.each([
    [0, '00'],
    [1, '01'],
    [75, '4b'],
    [76, '4c4c'],
    [255, '4cff'],
    [256, '4d0001'],
    [520, '4d0802'],
  ])('%i bytes start with %s', (length, head) => {
    expect(toHex(pushData(zeros(length)))).toBe(head + '00'.repeat(length));
  });
  it('are refused where script would not take them', () => {
    expect(() => pushData(zeros(521))).toThrow();
    expect(() => pushNumber(-1)).toThrow();
    expect(() => pushNumber(1.5)).toThrow();
  });
});

describe('output scripts', () => {
  it('have the bytes of their BIPs', () => {
    // BIP 141 and BIP 173 §Examples: the key of secret 1.
    expect(toHex(p2wpkh(key))).toBe('0014751e76e8199196d454941c45d1b3a323f1433bd6');
    expect(toHex(p2wsh(script(key, 0xac)))).toBe(
      '00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262',
    );
    expect(toHex(p2pkh(key))).toBe('76a914751e76e8199196d454941c45d1b3a323f1433bd688ac');
    expect(toHex(p2sh(p2wpkh(key)))).toBe('a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487');
    expect(toHex(p2tr(key.slice(1)))).toBe(`5120${toHex(key.slice(1))}`);
  });
  it('are told apart', () => {
    expect(scriptForm(p2wpkh(key))).toMatchObject({ tag: 'witness', version: 0 });
    expect(scriptForm(p2tr(key.slice(1)))).toEqual({ tag: 'witness', version: 1, program: key.slice(1) });
    expect(scriptForm(witnessProgram(16, zeros(2)))).toMatchObject({ tag: 'witness', version: 16 });
    expect(scriptForm(p2pkh(key)).tag).toBe('p2pkh');
    expect(scriptForm(p2shOfHash(zeros(20)))).toEqual({ tag: 'p2sh', hash: zeros(20) });
    expect(scriptForm(fromHex('6a')).tag).toBe('op-return');
    for (const other of ['', '51', '5101', '510100', `0029${'00'.repeat(41)}`, '00140000'])
      expect(scriptForm(fromHex(other)).tag).toBe('other');
  });
});

describe('BOLT 2 shutdown -- scriptpubkey forms', () => {
  const plain = { anySegwit: false, simpleClose: false };
  const anySegwit = { ...plain, anySegwit: true };
  const simpleClose = { ...plain, simpleClose: true };
  const opReturn = (...parts: number[]): Uint8Array => {
    const length = parts.at(-1) ?? 0;
    return concatBytes(Uint8Array.of(0x6a, ...parts), zeros(length));
  };
  it.each([
    ['p2wpkh', witnessProgram(0, zeros(20)), [true, true, true]],
    ['p2wsh', witnessProgram(0, zeros(32)), [true, true, true]],
    ['version 0 of another length', witnessProgram(0, zeros(16)), [false, false, false]],
    ['p2tr', p2tr(zeros(32)), [false, true, false]],
    ['version 16, 2 bytes', witnessProgram(16, zeros(2)), [false, true, false]],
    ['version 1, 40 bytes', witnessProgram(1, zeros(40)), [false, true, false]],
    ['version 1, 41 bytes', script(0x51, zeros(41)), [false, false, false]],
    ['version 1, 1 byte', fromHex('510100'), [false, false, false]],
    ['p2pkh', p2pkhOfHash(zeros(20)), [false, false, false]],
    ['p2sh', p2shOfHash(zeros(20)), [false, false, false]],
    ['OP_RETURN 5', opReturn(5), [false, false, false]],
    ['OP_RETURN 6', opReturn(6), [false, false, true]],
    ['OP_RETURN 75', opReturn(75), [false, false, true]],
    ['OP_RETURN PUSHDATA1 75', opReturn(76, 75), [false, false, false]],
    ['OP_RETURN PUSHDATA1 76', opReturn(76, 76), [false, false, true]],
    ['OP_RETURN PUSHDATA1 80', opReturn(76, 80), [false, false, true]],
    ['OP_RETURN PUSHDATA1 81', opReturn(76, 81), [false, false, false]],
    ['OP_RETURN with bytes behind', concatBytes(opReturn(6), zeros(1)), [false, false, false]],
    ['nothing', zeros(0), [false, false, false]],
  ])('%s', (_, bytes, expected) => {
    expect([plain, anySegwit, simpleClose].map((options) => isShutdownScript(bytes, options))).toEqual(
      expected,
    );
  });
});

describe('BOLT 3 §Dust Limits', () => {
  it.each([
    ['p2pkh', p2pkhOfHash(zeros(20)), 546],
    ['p2sh', p2shOfHash(zeros(20)), 540],
    ['p2wpkh', witnessProgram(0, zeros(20)), 294],
    ['p2wsh', witnessProgram(0, zeros(32)), 330],
    ['the longest unknown segwit', witnessProgram(2, zeros(40)), 354],
    ['p2a', fromHex('51024e73'), 240],
    ['OP_RETURN', fromHex('6a0100'), 0],
  ])('%s', (_, bytes, amount) => {
    expect(dustLimitOf(bytes)).toBe(BigInt(amount));
  });
});

describe('BIP 69 outputs', () => {
  const output = (amount: number, hex: string): { amount: ReturnType<typeof sat>; script: Uint8Array } => ({
    amount: sat(amount),
    script: fromHex(hex),
  });
  it('are sorted by amount, then script, then length', () => {
    const sorted = [
      output(1, 'ff'),
      output(2, '00'),
      output(2, '0000'),
      output(2, '01'),
      output(400_057_456, '76a9144a5fba237213a062f6f57978f796390bdcf8d01588ac'),
      output(40_000_000_000, '76a9145be32612930b8323add2212a4ec03c1562084f8488ac'),
    ];
    expect([...sorted].reverse().sort(compareOutputs)).toEqual(sorted);
    expect(compareOutputs(output(3, 'aa'), output(3, 'aa'))).toBe(0);
  });
});
