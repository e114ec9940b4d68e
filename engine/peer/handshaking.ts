import { unreachable } from '../base/assert.ts';
import type { Point } from '../base/ids.ts';
import {
  ACT_LENGTHS,
  answerActOne,
  answerActTwo,
  readActThree,
  writeActOne,
  type AwaitingActThree,
  type AwaitingActTwo,
  type HandshakeFailure,
  type NoiseIdentity,
  type SessionKeys,
} from '../noise/handshake.ts';

type Stage =
  | { readonly act: 1; readonly identity: NoiseIdentity; readonly ephemeral: Uint8Array }
  | { readonly act: 2; readonly awaiting: AwaitingActTwo }
  | { readonly act: 3; readonly awaiting: AwaitingActThree };

export type HandshakeProgress =
  | { readonly tag: 'waiting'; readonly send: Uint8Array | null }
  /** `rest` came after the last act, and belongs to the encrypted stream. */
  | {
      readonly tag: 'done';
      readonly send: Uint8Array | null;
      readonly keys: SessionKeys;
      readonly rest: Uint8Array;
    }
  | { readonly tag: 'failed'; readonly failure: HandshakeFailure };

/** A BOLT 8 handshake over a stream: chunks of any length in, acts out. Holds at most one act. */
export class Handshaking {
  #stage: Stage;
  #partial: Uint8Array;
  #filled = 0;

  private constructor(stage: Stage) {
    this.#stage = stage;
    this.#partial = new Uint8Array(ACT_LENGTHS[stage.act]);
  }

  /** @returns also the first act, to be sent. */
  static dialling(
    identity: NoiseIdentity,
    remoteStatic: Point,
    ephemeral: Uint8Array,
  ): { readonly handshaking: Handshaking; readonly send: Uint8Array } {
    const { next, send } = writeActOne(identity, remoteStatic, ephemeral);
    return { handshaking: new Handshaking({ act: 2, awaiting: next }), send };
  }

  static answering(identity: NoiseIdentity, ephemeral: Uint8Array): Handshaking {
    return new Handshaking({ act: 1, identity, ephemeral });
  }

  /** Not to be called again after `done` or `failed`. */
  receive(chunk: Uint8Array): HandshakeProgress {
    const used = Math.min(chunk.length, this.#partial.length - this.#filled);
    this.#partial.set(chunk.subarray(0, used), this.#filled);
    this.#filled += used;
    if (this.#filled < this.#partial.length) return { tag: 'waiting', send: null };
    return this.#onAct(this.#partial, chunk.subarray(used));
  }

  #onAct(act: Uint8Array, rest: Uint8Array): HandshakeProgress {
    const stage = this.#stage;
    switch (stage.act) {
      case 1: {
        // Act three needs our answer: whoever says more before it has one does not speak BOLT 8.
        if (rest.length > 0)
          return {
            tag: 'failed',
            failure: {
              code: 'handshake',
              act: 1,
              problem: { code: 'length', length: act.length + rest.length },
            },
          };
        const answer = answerActOne(stage.identity, stage.ephemeral, act);
        if (!answer.ok) return { tag: 'failed', failure: answer.error };
        this.#stage = { act: 3, awaiting: answer.value.next };
        this.#partial = new Uint8Array(ACT_LENGTHS[3]);
        this.#filled = 0;
        return { tag: 'waiting', send: answer.value.send };
      }
      case 2: {
        const answer = answerActTwo(stage.awaiting, act);
        if (!answer.ok) return { tag: 'failed', failure: answer.error };
        return { tag: 'done', ...answer.value, rest };
      }
      case 3: {
        const keys = readActThree(stage.awaiting, act);
        if (!keys.ok) return { tag: 'failed', failure: keys.error };
        return { tag: 'done', send: null, keys: keys.value, rest };
      }
      default:
        return unreachable(stage);
    }
  }
}
