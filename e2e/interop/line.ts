import { vi } from 'vitest';
import { PeerSession, type SessionOutput } from '../../engine/peer/session.ts';
import type { WireMessage } from '../../engine/wire/wire-message.ts';
import { until } from '../world/until.ts';

/** The message at which a line goes dead. */
export type End = {
  readonly by: 'us' | 'them';
  /** Its name, or what tells it. */
  readonly message: WireMessage['name'] | ((message: WireMessage) => boolean);
  /** It still arrives, as the last one. */
  readonly arrives: boolean;
};

const NOTHING: SessionOutput = { send: [], events: [] };

/**
 * What the nodes of ours that run in this process say and hear, message by message: a relay sees only sealed bytes. Dead, it
 * stays up and carries nothing, so that whoever is at the other end stands still where it is.
 */
export class Line {
  #end: End | null = null;
  #isDead = false;
  readonly #spies: readonly { mockRestore: () => void }[];

  constructor() {
    const send = Reflect.get(PeerSession.prototype, 'send');
    const receive = Reflect.get(PeerSession.prototype, 'receive');
    const said = (session: PeerSession, message: WireMessage, now: number): SessionOutput => {
      if (this.#isDead) return NOTHING;
      this.#isDead = this.#isEnd('us', message);
      return this.#isDead && this.#end?.arrives === false ? NOTHING : send.call(session, message, now);
    };
    const heard = (session: PeerSession, bytes: Uint8Array, now: number): SessionOutput => {
      if (this.#isDead) return NOTHING;
      const output = receive.call(session, bytes, now);
      const at = output.events.findIndex(
        (event) => event.tag === 'message' && this.#isEnd('them', event.message),
      );
      if (at < 0) return output;
      this.#isDead = true;
      return { send: [], events: output.events.slice(0, this.#end?.arrives === true ? at + 1 : at) };
    };
    this.#spies = [
      vi.spyOn(PeerSession.prototype, 'send').mockImplementation(function (this: PeerSession, ...args) {
        return said(this, ...args);
      }),
      vi.spyOn(PeerSession.prototype, 'receive').mockImplementation(function (this: PeerSession, ...args) {
        return heard(this, ...args);
      }),
    ];
  }

  /** Carries everything up to there. */
  endsAt(end: End): void {
    this.#end = end;
  }

  async ended(): Promise<void> {
    await until(() => this.#isDead, { what: 'the end of the line', everyMs: 1 });
  }

  /** Carries everything again. */
  mend(): void {
    this.#end = null;
    this.#isDead = false;
  }

  stop(): void {
    for (const spy of this.#spies) spy.mockRestore();
  }

  #isEnd(by: End['by'], message: WireMessage): boolean {
    const end = this.#end;
    if (end?.by !== by) return false;
    return typeof end.message === 'string' ? message.name === end.message : end.message(message);
  }
}
