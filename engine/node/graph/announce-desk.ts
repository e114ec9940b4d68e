import type { ChannelId, NodeId } from '../../base/ids.ts';
import { timestamp, type Timestamp } from '../../base/units.ts';
import { encodeUtf8 } from '../../base/utf8.ts';
import { publicChannel, type PublicChannel } from '../../channel/public-channel.ts';
import type { Durable } from '../../channel/state.ts';
import { sha256d } from '../../crypto/hash.ts';
import type { OwnGossip } from '../../gossip/own-gossip.ts';
import { DEFAULT_FEATURES, featuresFor } from '../../wire/features.ts';
import { signedBytes, type NodeAnnouncement } from '../../wire/gossip.ts';
import type { ChannelHostPorts, HostedChannel } from '../channel-host.ts';
import type { NodeOptions } from '../node-options.ts';

const ALIAS_BYTES = 32;

export type AnnounceParts = {
  readonly channels: () => Iterable<HostedChannel>;
  readonly env: ChannelHostPorts['env'];
  readonly options: Pick<NodeOptions, 'clock' | 'announcement'>;
  /** Null while the node does not run: nothing can be signed. */
  readonly identity: () => {
    readonly nodeId: NodeId;
    readonly signAsNode: (hash: Uint8Array) => Uint8Array;
  } | null;
  readonly tell: (own: OwnGossip) => void;
};

type Made = {
  readonly from: Pick<Durable, 'announcement' | 'relay' | 'updatedAt'>;
  readonly made: PublicChannel;
};

/** What there is to tell the network of ourselves: our public channels, and our name where one was given. */
export class AnnounceDesk {
  readonly #parts: AnnounceParts;
  readonly #made = new Map<ChannelId, Made>();
  readonly #told = new Map<ChannelId, PublicChannel>();
  #node: NodeAnnouncement | null = null;

  constructor(parts: AnnounceParts) {
    this.#parts = parts;
  }

  /** Signed once for each change of what it says. */
  own(): OwnGossip {
    const identity = this.#parts.identity();
    if (identity === null) return { channels: [], node: null };
    const channels = [...this.#public().values()];
    return { channels, node: channels.length === 0 ? null : this.#nodeOf(identity) };
  }

  /** Something may have changed: tells the peers what they do not know yet. */
  look(): void {
    if (this.#parts.identity() === null) return;
    const all = this.#public();
    const news = [...all].filter(([id, made]) => this.#told.get(id) !== made);
    if (news.length === 0) return;
    for (const [id, made] of news) this.#told.set(id, made);
    const { node } = this.own();
    this.#parts.tell({ channels: news.map(([, made]) => made), node });
  }

  #public(): ReadonlyMap<ChannelId, PublicChannel> {
    const found = new Map<ChannelId, PublicChannel>();
    for (const channel of this.#parts.channels()) {
      const made = channel.frozen ? null : this.#channel(channel);
      if (made !== null) found.set(channel.id, made);
    }
    return found;
  }

  #channel(channel: HostedChannel): PublicChannel | null {
    const { durable } = channel.state;
    if (durable?.phase !== 'normal' || durable.announcement === null) return null;
    const known = this.#made.get(channel.id);
    if (
      known?.from.announcement === durable.announcement &&
      known.from.relay === durable.relay &&
      known.from.updatedAt === durable.updatedAt
    )
      return known.made;
    const env = this.#parts.env(channel, { moreToCome: false, isTaken: () => false });
    const made = publicChannel(durable, env);
    if (made !== null) this.#made.set(channel.id, { from: durable, made });
    return made;
  }

  /** Null unless the node was given a name: a wallet that nobody is to look up needs none. */
  #nodeOf(identity: NonNullable<ReturnType<AnnounceParts['identity']>>): NodeAnnouncement | null {
    const { announcement, clock } = this.#parts.options;
    if (announcement === undefined) return null;
    this.#node ??= sign(identity, clock.now(), announcement);
    return this.#node;
  }
}

function sign(
  { nodeId, signAsNode }: NonNullable<ReturnType<AnnounceParts['identity']>>,
  now: Timestamp,
  { alias, color }: NonNullable<NodeOptions['announcement']>,
): NodeAnnouncement {
  const unsigned: NodeAnnouncement = {
    name: 'node_announcement',
    signature: new Uint8Array(64),
    // BOLT 7 §node_announcement: "MUST set `features` according to BOLT #9"
    features: featuresFor('N', DEFAULT_FEATURES),
    // "MUST set `timestamp` to be greater than that of any previous `node_announcement` it has previously created. MAY
    // base it on a UNIX timestamp." One is made in each run of the node, with that run's time.
    timestamp: timestamp(now),
    nodeId,
    color: Uint8Array.of(color >> 16, (color >> 8) & 0xff, color & 0xff),
    alias: aliasBytes(alias),
    // A tab can be dialled by nobody.
    addresses: new Uint8Array(),
    extension: new Uint8Array(),
  };
  return { ...unsigned, signature: signAsNode(sha256d(signedBytes(unsigned))) };
}

/** "MUST set `alias` to a valid UTF-8 string, with any `alias` trailing-bytes equal to 0." Cut between characters. */
function aliasBytes(alias: string): Uint8Array {
  const bytes = new Uint8Array(ALIAS_BYTES);
  let at = 0;
  for (const character of alias) {
    const encoded = encodeUtf8(character);
    if (at + encoded.length > ALIAS_BYTES) break;
    bytes.set(encoded, at);
    at += encoded.length;
  }
  return bytes;
}
