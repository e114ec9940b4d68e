import { expect, it } from 'vitest';
import { fromHex, toHex } from '../engine/base/bytes.ts';
import { decode, encode } from '../engine/codec/field.ts';
import { identityRecord, idleRecord } from './wallet-identity.ts';

// As they stand on disks. Never made anew.
const IDENTITY =
  '01040c056c6567616c0677696e6e6572057468616e6b04796561720477617665077361757361676505776f7274680675736566756c056c6567616c0677696e6e6572057468616e6b0679656c6c6f77878386efb78845b3355bd15ea4d39ef97d179cb712b77d5c12b6be415fffeffe5f377ba02bf3f8544ab800b955e51fbff09828f682052a20faa6addbbddfb096fe6b49d2000100';
it('the identity of a wallet', () => {
  const read = decode(identityRecord, fromHex(IDENTITY));
  if (!read.ok) throw new Error(read.error.code);
  expect(read.value).toMatchObject({ network: 'regtest', wordsConfirmed: true });
  expect(read.value.words.join(' ')).toBe(
    'legal winner thank year wave sausage worth useful legal winner thank yellow',
  );
  expect(toHex(encode(identityRecord, read.value))).toBe(IDENTITY);
});

it('the minutes after which it locks', () => {
  expect(decode(idleRecord, fromHex('010500'))).toMatchObject({ ok: true, value: { minutes: 5 } });
});
