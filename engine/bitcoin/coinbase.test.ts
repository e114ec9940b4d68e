import { expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { txId } from '../base/ids.ts';
import { sat } from '../base/units.ts';
import { isCoinbaseOf } from './coinbase.ts';
import type { Tx } from './tx.ts';

const coinbase = (scriptSig: string, from = '00'.repeat(32), index = 0xffff_ffff): Tx => ({
  version: 1,
  inputs: [
    {
      outPoint: { txId: txId(from), index },
      sequence: 0xffff_ffff,
      scriptSig: fromHex(scriptSig),
      witness: [],
    },
  ],
  outputs: [{ amount: sat(1), script: new Uint8Array(0) }],
  lockTime: 0,
});

it.each([
  // Block 840,000 of mainnet begins so.
  ['0340d10c192f5669614254432f', 840_000, true],
  ['0340d10c192f5669614254432f', 840_001, false],
  ['0340d10c', 840_000, true],
  ['0340d1', 840_000, false],
  ['', 1, false],
  // Bitcoin Core's regtest: OP_1 and more.
  ['5100', 1, true],
  ['0101', 1, false],
  ['011164', 17, true],
  // Not as short as it could be.
  ['0440d10c00', 840_000, false],
])('scriptSig %s says height %i: %s', (scriptSig, height, is) => {
  expect(isCoinbaseOf(coinbase(scriptSig), height)).toBe(is);
});

it('a transaction that spends something is none', () => {
  expect(isCoinbaseOf(coinbase('0340d10c', '11'.repeat(32)), 840_000)).toBe(false);
  expect(isCoinbaseOf(coinbase('0340d10c', undefined, 0), 840_000)).toBe(false);
  const { inputs, ...rest } = coinbase('0340d10c');
  expect(isCoinbaseOf({ ...rest, inputs: [...inputs, ...inputs] }, 840_000)).toBe(false);
});
