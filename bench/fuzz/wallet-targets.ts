import { base64 } from '@scure/base';
import { assert } from '../../engine/base/assert.ts';
import { feeratePerKw, sat, timestamp } from '../../engine/base/units.ts';
import { serializeTx } from '../../engine/bitcoin/tx.ts';
import { concatBytes, fromHex } from '../../engine/base/bytes.ts';
import { txId } from '../../engine/base/ids.ts';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { decode } from '../../engine/codec/field.ts';
import { Secret } from '../../engine/crypto/secret.ts';
import { messageSigner, signMessage } from '../../engine/node/message-signature.ts';
import { KeyTree } from '../../engine/wallet/key-tree.ts';
import { loadWallet } from '../../engine/wallet/open-wallet.ts';
import { completePsbt, createPsbt, inspectPsbt, signPsbt } from '../../engine/wallet/psbt.ts';
import { psbtOfFile } from '../../web/state/psbt-file.ts';
import { identityRecord } from '../../workers/wallet-identity.ts';
import { CLEAR_DISK, rowsOf } from './clear-disk.ts';
import { textOf } from './text.ts';
import type { Target } from './target.ts';

const identity = decode(identityRecord, rowsOf(CLEAR_DISK, 'meta').get('identity') ?? new Uint8Array());
const loaded = loadWallet(rowsOf(CLEAR_DISK, 'wallet'), 'regtest');
assert(identity.ok && loaded.ok && loaded.value !== null, 'the disk of version 1 is read');
const keys = new KeyTree(new Secret(identity.value.seed), 'regtest');

const created = createPsbt(
  loaded.value,
  {
    address: 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080',
    amount: sat(100_000),
    feerate: feeratePerKw(1_000),
  },
  timestamp(1_780_000_000),
);
assert(created.ok, 'the wallet of version 1 has coins');
const { state, psbt } = created.value;
const signed = signPsbt(state, keys, psbt);
const unsignedBytes = base64.decode(psbt);

const reserved = state.reservations.get(created.value.txId);
assert(reserved !== undefined, 'what was made is set aside');
const { tx } = reserved;

const compactSize = (size: number): Uint8Array => {
  const bytes = [size & 0xff, (size >> 8) & 0xff, size >> 16, 0];
  if (size < 0xfd) return Uint8Array.of(size);
  return Uint8Array.from(size <= 0xffff ? [0xfd, ...bytes.slice(0, 2)] : [0xfe, ...bytes]);
};
const KEY_HASH = Uint8Array.from([0, 20, ...new Uint8Array(20)]);
const row = (key: readonly number[], value: Uint8Array): Uint8Array =>
  concatBytes(compactSize(key.length), Uint8Array.from(key), compactSize(value.length), value);
const END = Uint8Array.of(0);

/** BIP 174, by hand: a library takes its time. With coins of others, outputs to others, and rows that nobody knows. */
function grownPsbt(coins: number, outputs: number, rows: number): Uint8Array {
  const theirs = { amount: sat(1_000), script: KEY_HASH };
  const whole = {
    ...tx,
    inputs: [
      ...tx.inputs,
      ...Array.from({ length: coins }, (_, index) => ({
        outPoint: { txId: txId('cd'.repeat(32)), index },
        sequence: 0,
        scriptSig: new Uint8Array(),
        witness: [],
      })),
    ],
    outputs: [...tx.outputs, ...Array.from({ length: outputs }, () => theirs)],
  };
  const shown = row([1], concatBytes(fromHex('e803000000000000'), compactSize(KEY_HASH.length), KEY_HASH));
  return concatBytes(
    fromHex('70736274ff'),
    row([0], serializeTx(whole)),
    ...Array.from({ length: rows }, (_, i) => row([0xf0, i & 0xff, i >> 8], new Uint8Array(4))),
    END,
    ...tx.inputs.map(() => END),
    ...Array.from({ length: coins }, () => concatBytes(shown, END)),
    ...whole.outputs.map(() => END),
  );
}

const psbtTarget: Target = {
  name: 'psbt',
  weight: 0.5,
  corpus: [
    unsignedBytes,
    encodeUtf8(psbt),
    ...(signed.ok ? [base64.decode(signed.value.psbt)] : []),
    grownPsbt(2, 1, 2),
  ],
  longest: 250_000,
  grown: [
    (times) => grownPsbt(times, 0, 0),
    (times) => grownPsbt(0, times, 0),
    (times) => grownPsbt(0, 0, times),
    (times) => encodeUtf8(`${psbt}${' \n'.repeat(times)}`),
    (times) => encodeUtf8('\n'.repeat(times) + psbt),
    (times) => encodeUtf8(`cHNidP8${'A'.repeat(times)}`),
  ],
  read: (input) => {
    const text = psbtOfFile(input);
    const summary = inspectPsbt(state, text);
    return summary.ok ? [summary, completePsbt(state, text), signPsbt(state, keys, text)] : summary;
  },
};

const signature = signMessage('a', new Uint8Array(32).fill(1));
const messageTarget: Target = {
  name: 'message-signature',
  weight: 0.5,
  corpus: [encodeUtf8(signature)],
  read: (input) => messageSigner('a', textOf(input)),
};

export const walletTargets: readonly Target[] = [psbtTarget, messageTarget];
