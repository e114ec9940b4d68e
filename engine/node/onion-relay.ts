import type { NodeId } from '../base/ids.ts';
import type { Clock } from '../base/ports.ts';
import type { Scid } from '../base/units.ts';
import { openOnionMessage } from '../onion/onion-message.ts';
import type { NodeEcdh } from '../onion/session.ts';
import type { OnionMessage } from '../wire/onion-message.ts';
import { Allowance, type Rate } from './allowance.ts';

/**
 * In messages of the usual size; a large one counts for as many as it is long. What friends may is what a wallet on a
 * phone can give away: a few kilobytes a second at most, and some milliseconds of work.
 */
const OF_FRIEND: Rate = { burst: 50, perSecond: 2 };
const OF_ALL_FRIENDS: Rate = { burst: 100, perSecond: 5 };
/** Of who has no channel with us, which costs nothing: never a large one. */
const OF_STRANGER: Rate = { burst: 10, perSecond: 0.5 };
const OF_ALL_STRANGERS: Rate = { burst: 20, perSecond: 1 };

/** BOLT 4: "SHOULD set `onion_message_packet` `len` to 1366 or 32834." */
const USUAL_LENGTH = 1_366;
const LONGEST = 32_834;
/** A path may name us several times in a row, to look longer than it is. */
const MOST_OWN_LAYERS = 8;

export type OnionRelayPorts = {
  readonly ourId: NodeId;
  readonly ecdh: NodeEcdh;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Has an open channel with us. */
  readonly isFriend: (peerId: NodeId) => boolean;
  /** Is connected, and says that it takes onion messages. */
  readonly takes: (peerId: NodeId) => boolean;
  /** At the other end of the channel that others know by this name. */
  readonly peerOf: (scid: Scid) => NodeId | null;
  readonly send: (peerId: NodeId, message: OnionMessage) => void;
};

/**
 * Relays onion messages between those who are connected. They are no input of the driver: nothing of them is kept, and
 * what is too much, or is not right, is dropped without a word. BOLT 4 §Onion Messages: "there is no error returned".
 */
export class OnionRelay {
  readonly #ports: OnionRelayPorts;
  readonly #friends: Allowance<NodeId>;
  readonly #strangers: Allowance<NodeId>;

  constructor(ports: OnionRelayPorts) {
    this.#ports = ports;
    const now = (): number => ports.clock.monotonicMs();
    this.#friends = new Allowance(OF_FRIEND, OF_ALL_FRIENDS, now);
    this.#strangers = new Allowance(OF_STRANGER, OF_ALL_STRANGERS, now);
  }

  /** @returns why it was dropped; null: it was sent on. Not logged: who sends many could wash all else out of the log. */
  heard(from: NodeId, message: OnionMessage): string | null {
    const { ourId, ecdh, isFriend, takes, peerOf, send } = this.#ports;
    const { length } = message.packet;
    if (length > LONGEST) return 'too long';
    const cost = Math.ceil(length / USUAL_LENGTH);
    const allowance = isFriend(from) ? this.#friends : this.#strangers;
    let current = message;
    for (let layer = 0; layer < MOST_OWN_LAYERS; layer++) {
      // BOLT 4: "MAY rate-limit messages by dropping them." Each layer costs us the same again.
      if (!allowance.take(from, cost)) return 'too many';
      const opened = openOnionMessage(current, ecdh);
      if (opened.tag === 'ignored') return opened.why;
      // Nothing of ours is read by onion message yet: we have no offers, and ask for no invoices.
      if (opened.tag === 'arrived') return 'it is for us';
      const to = 'nodeId' in opened.next ? opened.next.nodeId : peerOf(opened.next.scid);
      if (to !== ourId) {
        if (to === null || !takes(to)) return 'the next node is not connected';
        send(to, opened.message);
        return null;
      }
      current = opened.message;
    }
    return 'too many layers for us';
  }
}
