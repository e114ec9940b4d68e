import { concatBytes, fromHex } from '../../engine/base/bytes.ts';
import { encode } from '../../engine/codec/field.ts';
import { varInt } from '../../engine/codec/integers.ts';
import { sha256 } from '../../engine/crypto/hash.ts';
import { Secret } from '../../engine/crypto/secret.ts';
import { openXChaCha20Poly1305, sealXChaCha20Poly1305 } from '../../engine/crypto/xchacha20.ts';
import { OF_TWO_DEVICES } from '../../engine/node/backup/fixtures/of-two-devices.ts';
import { WITH_PAYMENTS } from '../../engine/node/backup/fixtures/with-payments.ts';
import { VERSION_1 } from '../../engine/node/backup/fixtures/version-1.ts';
import { readContent } from '../../engine/node/backup/content.ts';
import { BackupSeal } from '../../engine/node/backup/seal.ts';
import sealedDisk from '../../engine/storage/fixtures/sealed-1.json' with { type: 'json' };
import { decodeKeyring, encodeKeyring, type Keyring } from '../../engine/storage/keyring.ts';
import { openManifest, sealManifest } from '../../engine/storage/sealed/manifest.ts';
import { openRow, sealRow } from '../../engine/storage/sealed/sealed-record.ts';
import { SealKeys } from '../../engine/storage/sealed/seal-keys.ts';
import { SetSum } from '../../engine/storage/sealed/set-sum.ts';
import { countedRandom } from '../../engine/testkit/sealed-disk.ts';
import { KeyTree } from '../../engine/wallet/key-tree.ts';
import { CLEAR_DISK } from './clear-disk.ts';
import type { Target } from './target.ts';

const random = countedRandom();
const keys = new SealKeys(new Uint8Array(16).fill(1), new Secret(new Uint8Array(32).fill(2)));
const NAME = 'A'.repeat(22);

const WRAPS: Keyring['wraps'] = [
  {
    kind: 'passphrase',
    salt: new Uint8Array(16),
    logN: 15,
    r: 8,
    p: 1,
    createdAt: 1,
    sealed: new Uint8Array(72),
  },
  {
    kind: 'passkey',
    credentialId: new Uint8Array(20),
    prfSalt: new Uint8Array(32),
    label: 'key',
    createdAt: 1,
    sealed: new Uint8Array(72),
  },
  { kind: 'device', keyName: 'name', createdAt: 1, sealed: new Uint8Array(60) },
];

const keyring: Target = {
  name: 'keyring',
  weight: 2,
  corpus: [
    fromHex(sealedDisk.disk.meta.keyring),
    encodeKeyring({ walletId: new Uint8Array(16), wraps: WRAPS }),
    ...WRAPS.map((wrap) => encodeKeyring({ walletId: new Uint8Array(16), wraps: [wrap] })),
  ],
  // Its sum is no secret: whoever changes a disk makes one that fits.
  repair: (input) => {
    const body = input.subarray(0, -8);
    return concatBytes(body, sha256(body).subarray(0, 8));
  },
  read: (input) => decodeKeyring(input),
};

/** What stands behind a seal is sealed anew when it was changed, most of the time. */
const manifest: Target = {
  name: 'sealed-manifest',
  weight: 0.5,
  corpus: [0, 1, 3].map((tables) => {
    const sums = new Map(
      (['meta', 'channel', 'payment'] as const).slice(0, tables).map((table) => [table, new SetSum()]),
    );
    const sealed = sealManifest(keys, { counter: 7, sums, keyring: new Uint8Array(3) }, random);
    return openXChaCha20Poly1305(keys.seal, keys.manifestIdentity(), sealed) ?? new Uint8Array();
  }),
  repair: (input) => sealXChaCha20Poly1305(keys.seal, keys.manifestIdentity(), input, random),
  read: (input) => openManifest(keys, input, new Uint8Array(3)),
};

const rowIdentity = keys.identityOf('meta', NAME, 5);
const row: Target = {
  name: 'sealed-record',
  weight: 0.5,
  corpus: CLEAR_DISK.slice(0, 12).flatMap(({ key, value }) => {
    const sealed = sealRow(keys, { key, value, version: 5, table: 'meta', name: NAME }, random);
    const plain = openXChaCha20Poly1305(keys.seal, rowIdentity, sealed.subarray(1));
    return plain === null ? [sealed] : [sealed, plain];
  }),
  repair: (input) =>
    concatBytes(encode(varInt, 5), sealXChaCha20Poly1305(keys.seal, rowIdentity, input, random)),
  read: (input) => openRow(keys, 'meta', NAME, input),
};

const words = new KeyTree(new Secret(new Uint8Array(64).fill(3)), 'regtest');
const seal = new BackupSeal(words, 'regtest', random);
const CONTENTS = [...Object.values(VERSION_1), WITH_PAYMENTS, OF_TWO_DEVICES].map(fromHex);

/** Files that anybody may hand over, and copies that peers give back. */
const backup: Target = {
  name: 'backup-file',
  weight: 0.5,
  corpus: [...CONTENTS, ...CONTENTS.slice(0, 2).map((content) => seal.file(content))],
  repair: (input) => seal.blob(input, input.length + 41 + (input.length % 3)),
  read: (input) => seal.open(input),
};

/** The same behind the seal, at the speed that coverage wants. */
const content: Target = {
  name: 'backup-content',
  weight: 3,
  corpus: CONTENTS,
  read: (input) => readContent(input),
};

export const sealedTargets: readonly Target[] = [keyring, manifest, row, backup, content];
