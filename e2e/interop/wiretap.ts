import { PeerSession, type PeerEvent, type SessionOutput } from '../../engine/peer/session.ts';
import type { WireMessage } from '../../engine/wire/wire-message.ts';

/** A message between a node of ours and somebody else's. */
export type Said = { readonly by: 'us' | 'them'; readonly message: WireMessage };

/** What becomes of a message and of all that comes after it. */
export type Fate = 'passes' | 'is lost' | 'is the last' | { readonly becomes: WireMessage };

const NOTHING: SessionOutput = { send: [], events: [] };

/**
 * What the nodes of ours that run in this process say and hear, message by message: a relay sees only sealed bytes. A
 * message of ours is here before it is sealed, one of theirs before a node has it.
 */
export class Wiretap {
  readonly #restore: () => void;
  readonly #over = new WeakSet<PeerSession>();

  /**
   * @param fateOf where it is not `passes`, nothing more goes over that connection
   * @param last what the node of ours is told then
   */
  constructor(fateOf: (said: Said) => Fate, last: readonly PeerEvent[] = []) {
    const send = Reflect.get(PeerSession.prototype, 'send');
    const receive = Reflect.get(PeerSession.prototype, 'receive');
    const over = this.#over;
    const said = (session: PeerSession, message: WireMessage, now: number): SessionOutput => {
      if (over.has(session)) return NOTHING;
      const fate = fateOf({ by: 'us', message });
      if (fate === 'passes') return send.call(session, message, now);
      if (typeof fate === 'object') return send.call(session, fate.becomes, now);
      over.add(session);
      const sent = fate === 'is lost' ? [] : send.call(session, message, now).send;
      return { send: sent, events: last };
    };
    const heard = (session: PeerSession, bytes: Uint8Array, now: number): SessionOutput => {
      if (over.has(session)) return NOTHING;
      const output = receive.call(session, bytes, now);
      const events: PeerEvent[] = [];
      for (const event of output.events) {
        const fate = event.tag === 'message' ? fateOf({ by: 'them', message: event.message }) : 'passes';
        if (event.tag === 'message' && typeof fate === 'object')
          events.push({ ...event, message: fate.becomes });
        else if (fate !== 'is lost') events.push(event);
        if (fate === 'passes' || typeof fate === 'object') continue;
        over.add(session);
        return { send: [], events: [...events, ...last] };
      }
      return { ...output, events };
    };
    // By hand: a spy of the test runner's keeps all that was ever said, and whoever said it.
    Reflect.set(
      PeerSession.prototype,
      'send',
      function (this: PeerSession, ...args: Parameters<typeof send>) {
        return said(this, ...args);
      },
    );
    Reflect.set(
      PeerSession.prototype,
      'receive',
      function (this: PeerSession, ...args: Parameters<typeof receive>) {
        return heard(this, ...args);
      },
    );
    this.#restore = () => {
      Reflect.set(PeerSession.prototype, 'send', send);
      Reflect.set(PeerSession.prototype, 'receive', receive);
    };
  }

  stop(): void {
    this.#restore();
  }
}
