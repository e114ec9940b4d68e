import { base64urlnopad } from '@scure/base';
import { concatBytes } from '../../base/bytes.ts';
import { encodeUtf8 } from '../../base/utf8.ts';
import type { Table } from '../../base/write.ts';
import { hkdfSha256, hmacSha256Under } from '../../crypto/hash.ts';
import type { Secret } from '../../crypto/secret.ts';

/** 128 bits: two keys of one table never share a name, and a name tells nothing of its key. */
const NAME_LENGTH = 16;
/** See `SetSum`. */
export const MARK_LENGTH = 16;

/** The keys of one wallet's disk, one for each purpose, and what is made with them. */
export class SealKeys {
  /** Seals records and the manifest. */
  readonly seal: Uint8Array;
  readonly walletId: Uint8Array;
  readonly #names: (bytes: Uint8Array) => Uint8Array;
  readonly #marks: (bytes: Uint8Array) => Uint8Array;

  /** `dataKey`: 32 random bytes; read here and not kept. `walletId`: 16 bytes. */
  constructor(walletId: Uint8Array, dataKey: Secret) {
    const derive = (purpose: string): Uint8Array =>
      hkdfSha256(walletId, dataKey.expose(), encodeUtf8(`leyden at rest: ${purpose}`), 32);
    this.walletId = walletId;
    this.seal = derive('records');
    this.#names = hmacSha256Under(derive('names'));
    this.#marks = hmacSha256Under(derive('set'));
  }

  /** Under which name a row stands on disk: 22 characters. */
  nameOf(table: Table, key: string): string {
    return base64urlnopad.encode(this.#names(encodeUtf8(`${table}\0${key}`)).subarray(0, NAME_LENGTH));
  }

  /** What a record adds to the sum of its table. */
  markOf(table: Table, name: string, version: number): Uint8Array {
    return this.#marks(encodeUtf8(`${table}\0${name}\0${version}`)).subarray(0, MARK_LENGTH);
  }

  /** What a record is, in front of what it holds: it opens as nothing else. */
  identityOf(table: Table, name: string, version: number): Uint8Array {
    return concatBytes(this.walletId, encodeUtf8(`record 1\0${table}\0${name}\0${version}`));
  }

  /** The same for the manifest. */
  manifestIdentity(): Uint8Array {
    return concatBytes(this.walletId, encodeUtf8('manifest 1'));
  }

  wipe(): void {
    this.seal.fill(0);
  }
}
