import { assert } from '../base/assert.ts';
import { TAG_LENGTH } from '../crypto/chacha20.ts';
import { CipherState } from './cipher-state.ts';
import type { SessionKeys } from './handshake.ts';

/** BOLT 8 §Lightning Message Specification: "The maximum size of any Lightning message MUST NOT exceed 65535 bytes." */
export const MAX_MESSAGE_LENGTH = 65_535;
const HEADER_LENGTH = 2 + TAG_LENGTH;

/** A tag was wrong: somebody changed the stream. Nothing that follows can be read. */
export type TransportFailure = { readonly code: 'decrypt'; readonly part: 'length' | 'message' };
export type Received = {
  /** Whole messages, in order; also those that came before a failure. */
  readonly messages: readonly Uint8Array[];
  readonly failure: TransportFailure | null;
};

/**
 * An encrypted session after its handshake: messages to bytes, and arbitrary chunks of bytes to whole messages.
 * Holds at most one incomplete message, 65,569 bytes.
 */
export class Transport {
  readonly #sending: CipherState;
  readonly #receiving: CipherState;
  /** Null: the next part is a header. */
  #bodyLength: number | null = null;
  /** The part that a chunk ended in the middle of, and how much of it is here. */
  #partial: Uint8Array | null = null;
  #filled = 0;
  #failure: TransportFailure | null = null;

  constructor(keys: SessionKeys) {
    this.#sending = new CipherState(keys.sendKey, keys.chainingKey);
    this.#receiving = new CipherState(keys.receiveKey, keys.chainingKey);
  }

  /** @throws {Bug} when `message` is longer than 65,535 bytes. */
  seal(message: Uint8Array): Uint8Array {
    assert(message.length <= MAX_MESSAGE_LENGTH, 'message too long');
    // Two bytes ahead of the header put the body at a multiple of four, where the cipher is fastest.
    const packet = new Uint8Array(2 + HEADER_LENGTH + message.length + TAG_LENGTH);
    const length = Uint8Array.of(message.length >> 8, message.length & 0xff);
    this.#sending.seal(length, packet.subarray(2, 2 + HEADER_LENGTH));
    this.#sending.seal(message, packet.subarray(2 + HEADER_LENGTH));
    return packet.subarray(2);
  }

  /** `chunk` may be reused by the caller afterwards. After a failure nothing more is read. */
  receive(chunk: Uint8Array): Received {
    const messages: Uint8Array[] = [];
    let at = 0;
    while (this.#failure === null) {
      const part = this.#take(chunk, at);
      if (part === null) break;
      at += part.used;
      const message = this.#open(part.bytes);
      if (message !== null) messages.push(message);
    }
    return { messages, failure: this.#failure };
  }

  /** The next whole part, without a copy when it lies in the chunk; null when the chunk ends first. */
  #take(chunk: Uint8Array, at: number): { readonly bytes: Uint8Array; readonly used: number } | null {
    const needed = this.#bodyLength ?? HEADER_LENGTH;
    const here = chunk.length - at;
    if (this.#partial === null) {
      if (here >= needed) return { bytes: chunk.subarray(at, at + needed), used: needed };
      if (here === 0) return null;
      this.#partial = new Uint8Array(needed);
      this.#filled = 0;
    }
    const used = Math.min(here, needed - this.#filled);
    this.#partial.set(chunk.subarray(at, at + used), this.#filled);
    this.#filled += used;
    if (this.#filled < needed) return null;
    const bytes = this.#partial;
    this.#partial = null;
    return { bytes, used };
  }

  #open(part: Uint8Array): Uint8Array | null {
    const plain = this.#receiving.open(part);
    if (plain === null) {
      this.#failure = { code: 'decrypt', part: this.#bodyLength === null ? 'length' : 'message' };
      return null;
    }
    if (this.#bodyLength !== null) {
      this.#bodyLength = null;
      return plain;
    }
    this.#bodyLength = (((plain[0] ?? 0) << 8) | (plain[1] ?? 0)) + TAG_LENGTH;
    return null;
  }
}
