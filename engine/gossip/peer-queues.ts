import type { NodeId } from '../base/ids.ts';
import type { GossipMessage } from '../wire/gossip.ts';

/** A message takes a kilobyte or two: what may wait of one peer, and of all. */
const MOST_OF_PEER = 5_000;
const MOST = 10_000;
/** Of what has no fixed length: honest ones are far below it, and 65 kB of each of so many are more than a phone has. */
const LONGEST = 4_096;

/** Gossip that waits to be judged. Peers take turns: one that floods keeps nobody else waiting. */
export class PeerQueues {
  readonly #queues = new Map<NodeId, Queue>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  waitingOf(peer: NodeId): number {
    const queue = this.#queues.get(peer);
    return queue === undefined ? 0 : queue.messages.length - queue.at;
  }

  /** False when there is no room, or for one that is far too long: the message is lost, and may be asked for later. */
  add(peer: NodeId, message: GossipMessage): boolean {
    if (isTooLong(message)) return false;
    if (this.#size >= MOST || this.waitingOf(peer) >= MOST_OF_PEER) return false;
    const queue = this.#queues.get(peer);
    if (queue === undefined) this.#queues.set(peer, { messages: [message], at: 0 });
    else queue.messages.push(message);
    this.#size++;
    return true;
  }

  /** The oldest of the peer whose turn it is. */
  next(): { readonly peer: NodeId; readonly message: GossipMessage } | null {
    const [first] = this.#queues;
    if (first === undefined) return null;
    const [peer, queue] = first;
    const message = queue.messages[queue.at++];
    // To the back of the row, or out of it.
    this.#queues.delete(peer);
    if (message === undefined) return this.next();
    if (queue.at < queue.messages.length) this.#queues.set(peer, compacted(queue));
    this.#size--;
    return { peer, message };
  }

  /** Nothing of this peer is of interest any more. */
  drop(peer: NodeId): void {
    this.#size -= this.waitingOf(peer);
    this.#queues.delete(peer);
  }
}

type Queue = { readonly messages: GossipMessage[]; at: number };

const compacted = (queue: Queue): Queue =>
  queue.at < 256 ? queue : { messages: queue.messages.slice(queue.at), at: 0 };

export const isTooLong = (message: GossipMessage): boolean => freeLength(message) > LONGEST;

function freeLength(message: GossipMessage): number {
  const features = 'features' in message ? message.features.length : 0;
  const addresses = 'addresses' in message ? message.addresses.length : 0;
  return features + addresses + message.extension.length;
}
