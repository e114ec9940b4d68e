import { assert } from '../../base/assert.ts';
import { concatBytes, equalBytes } from '../../base/bytes.ts';
import type { Network } from '../../base/network.ts';
import type { Random } from '../../base/ports.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { encodeUtf8 } from '../../base/utf8.ts';
import { isFromLater } from '../../codec/decode-error.ts';
import { hkdfSha256 } from '../../crypto/hash.ts';
import { Secret } from '../../crypto/secret.ts';
import { SEAL_LENGTH, openXChaCha20Poly1305, sealXChaCha20Poly1305 } from '../../crypto/xchacha20.ts';
import type { KeyTree } from '../../wallet/key-tree.ts';
import { readContent, type BackupContent } from './content.ts';

/**
 * Of the container: what it is sealed with. A peer's copy has none higher, whatever files come to have: what cannot be opened
 * there is nobody's, and is written over.
 */
const VERSION = 1;
/** What is added to the content: the version, the seal. */
export const OVERHEAD = 1 + SEAL_LENGTH;

/** So that a person's file can be told from any other. */
const FILE_MARK = encodeUtf8('leyden backup\n');
/** A file's size tells nothing finer than this many bytes. */
const FILE_STEP = 16_384;

/** Why bytes are no backup of these words. */
export type NoBackup = 'not-a-backup' | 'newer-version' | 'other-words' | 'other-network' | 'damaged';

/** Seals backups, from the words alone: whoever has them can open every one. */
export class BackupSeal {
  readonly #keys: KeyTree;
  #derived: Secret | null = null;
  readonly #aad: Uint8Array;
  readonly #network: Network;
  readonly #random: Random;

  constructor(keys: KeyTree, network: Network, random: Random) {
    this.#keys = keys;
    this.#aad = encodeUtf8(`leyden backup ${VERSION}`);
    this.#network = network;
    this.#random = random;
  }

  /** Derived when it is first needed: the steps to it cost a tenth of a second while the fast curve is not there. */
  get #key(): Secret {
    if (this.#derived !== null) return this.#derived;
    const root = this.#keys.backupKey();
    this.#derived = new Secret(
      hkdfSha256(new Uint8Array(), root.expose(), encodeUtf8('leyden backup channels'), 32),
    );
    root.wipe();
    return this.#derived;
  }

  /** Exactly `size` bytes. */
  blob(content: Uint8Array, size: number): Uint8Array {
    const room = size - OVERHEAD;
    assert(content.length <= room, 'the content has no room');
    const padded = new Uint8Array(room);
    padded.set(content);
    const sealed = sealXChaCha20Poly1305(this.#key.expose(), this.#aad, padded, this.#random);
    return concatBytes(Uint8Array.of(VERSION), sealed);
  }

  file(content: Uint8Array): Uint8Array {
    const size = Math.ceil((content.length + OVERHEAD) / FILE_STEP) * FILE_STEP;
    return concatBytes(FILE_MARK, this.blob(content, size));
  }

  /** A file or a blob. */
  open(bytes: Uint8Array): Result<BackupContent, NoBackup> {
    const isFile = equalBytes(bytes.subarray(0, FILE_MARK.length), FILE_MARK);
    const blob = isFile ? bytes.subarray(FILE_MARK.length) : bytes;
    if (blob.length < OVERHEAD) return err('not-a-backup');
    if (blob[0] !== VERSION)
      return err(isFile && (blob[0] ?? 0) > VERSION ? 'newer-version' : 'not-a-backup');
    const plain = openXChaCha20Poly1305(this.#key.expose(), this.#aad, blob.subarray(1));
    // A cut file, a changed one and one of other words look the same from outside.
    if (plain === null) return err(isFile ? 'other-words' : 'not-a-backup');
    const content = readContent(plain);
    if (!content.ok) return err(isFromLater(content.error.code) ? 'newer-version' : 'damaged');
    // Test networks share their keys: a backup of one is not one of another.
    return content.value.network === this.#network ? ok(content.value) : err('other-network');
  }
}
