import { fromHex } from '../base/bytes.ts';
import type { ChannelId, NodeId } from '../base/ids.ts';
import type { BlockHeight } from '../base/units.ts';
import { encodeUtf8 } from '../base/utf8.ts';

import { askToPublish } from '../channel/ask-to-publish.ts';
import { breaksBatch } from '../channel/batch.ts';
import { summary } from '../channel/machine.ts';
import type { ChannelMessage, Init } from '../channel/message.ts';
import { ALL_CHANNELS } from '../wire/connection.ts';
import type { ChannelUpdate } from '../wire/gossip.ts';
import type { WireMessage } from '../wire/wire-message.ts';
import type { ChannelHost, HostedChannel } from './channel-host.ts';
import { OpenRequests } from './open-requests.ts';
import type { Turn } from './turn.ts';

/** Channels of one peer that have no confirmed funding: each costs us records and watches, and the peer nothing. */
const MAX_UNFUNDED_PER_PEER = 4;
/** Of all peers: their watches take their turn with those of channels that hold money. */
const MAX_UNFUNDED = 40;

type OpenChannel = WireMessage & { readonly name: 'open_channel' };

export type PeerRouterPorts = {
  readonly channels: ChannelHost;
  readonly height: () => BlockHeight;
  /** Whether that height can be relied on: a new channel's time-outs are counted from it. */
  readonly isCurrent: () => boolean;
  readonly remoteInit: (peerId: NodeId) => Init | null;
  readonly send: (peerId: NodeId, message: WireMessage) => void;
  readonly backup: {
    readonly up: (turn: Turn, peerId: NodeId, remoteInit: Init) => void;
    readonly down: (peerId: NodeId) => void;
    /** False: nobody else is to hear it. */
    readonly heard: (turn: Turn, peerId: NodeId, message: WireMessage) => boolean;
  };
  readonly lsp: {
    /** A channel of this peer was bought, and is not there yet. */
    readonly expects: (peerId: NodeId) => boolean;
    readonly up: (peerId: NodeId) => void;
    readonly down: (peerId: NodeId) => void;
    readonly heard: (turn: Turn, peerId: NodeId, message: WireMessage) => void;
  };
  /**
   * The peer speaks of a channel that is not known here, and is told so: whether it may have been lost with a disk. Null:
   * it is told nothing.
   */
  readonly onUnknownChannel: (turn: Turn, peerId: NodeId) => boolean | null;
};

/** Hands what peers say to the channels that it is about. Each method is one input of the driver. */
export class PeerRouter {
  readonly #ports: PeerRouterPorts;
  /** Channels that LSPs open while our height is old: they wait for a look at the chain. */
  #early: readonly { readonly peerId: NodeId; readonly message: OpenChannel }[] = [];
  readonly #asked = new OpenRequests();

  constructor(ports: PeerRouterPorts) {
    this.#ports = ports;
  }

  up(turn: Turn, peerId: NodeId, remoteInit: Init): void {
    // `channel_reestablish` out of a state that another tab has gone on from would have the peer close the channel.
    turn.asWriter();
    // What the peer lost it must have before `channel_reestablish`.
    this.#ports.lsp.up(peerId);
    this.#ports.backup.up(turn, peerId, remoteInit);
    for (const channel of this.#ports.channels.ofPeer(peerId))
      this.#ports.channels.deliver(turn, channel, { tag: 'connected', remoteInit });
  }

  /** The height is that of the chain again. */
  onSynced(turn: Turn): void {
    const early = this.#early;
    this.#early = [];
    for (const { peerId, message } of early) this.#onOpen(turn, peerId, message);
  }

  down(turn: Turn, peerId: NodeId): void {
    this.#early = this.#early.filter((one) => one.peerId !== peerId);
    this.#ports.backup.down(peerId);
    this.#ports.lsp.down(peerId);
    for (const channel of this.#ports.channels.ofPeer(peerId))
      this.#ports.channels.deliver(turn, channel, { tag: 'disconnected' });
  }

  message(turn: Turn, peerId: NodeId, message: WireMessage): void {
    if (!this.#ports.backup.heard(turn, peerId, message)) return;
    this.#ports.lsp.heard(turn, peerId, message);
    const { channels } = this.#ports;
    const broken = channels
      .ofPeer(peerId)
      .filter(({ state }) => breaksBatch(state, message as ChannelMessage));
    // It ends the connection, and with it whatever the message was.
    if (broken.length === 0 && message.name === 'open_channel') return this.#onOpen(turn, peerId, message);
    for (const channel of broken.length > 0 ? broken : this.#about(turn, peerId, message))
      // The types of messages about channels are exactly those that name one, which `#about` looked up.
      channels.deliver(turn, channel, { tag: 'message', message: message as ChannelMessage });
  }

  /** How often this peer asked for a channel, and how many of those it paid for; null while that is nothing to tell. */
  excess(peerId: NodeId): { readonly asked: number; readonly funded: number } | null {
    const funded = this.#ports.channels.ofPeer(peerId).filter(isFundedByPeer).length;
    return this.#asked.excess(peerId, funded);
  }

  /** The channels with this peer that it says something of by the name that the two have for it, or by its public one. */
  named(peerId: NodeId, { scid }: ChannelUpdate): readonly HostedChannel[] {
    const { channels, height } = this.#ports;
    return channels.ofPeer(peerId).filter((channel) => {
      const known = summary(channel.state, height());
      return known !== null && (known.localAlias === scid || known.scid === scid);
    });
  }

  #about(turn: Turn, peerId: NodeId, message: WireMessage): readonly HostedChannel[] {
    const { channels } = this.#ports;
    if (message.name === 'channel_update') return this.named(peerId, message);
    const id = channelNamed(message);
    if (id === null) return [];
    if ((message.name === 'error' || message.name === 'warning') && id === ALL_CHANNELS)
      return channels.ofPeer(peerId);
    const channel = channels.get(id);
    if (channel?.peerId === peerId) return [channel];
    // BOLT 2 §channel_reestablish: a peer that lost its state, or that we forgot: it can only close.
    if (message.name === 'channel_reestablish') {
      const isLost = this.#ports.onUnknownChannel(turn, peerId);
      if (isLost === null) return [];
      // The peer closes it: another tab may have opened it since.
      turn.asWriter();
      turn.after(() => {
        // "a valid point": of ours for this channel nothing is known.
        if (isLost) this.#ports.send(peerId, askToPublish(id, fromHex(peerId)));
        this.#ports.send(peerId, unknownChannel(id));
      });
    }
    return [];
  }

  #onOpen(turn: Turn, peerId: NodeId, message: OpenChannel): void {
    const { channels, remoteInit, send, isCurrent, lsp } = this.#ports;
    const id = message.temporaryChannelId;
    const init = remoteInit(peerId);
    if (init === null) return;
    this.#asked.note(peerId);
    const unfunded = [...channels.all()].filter(isUnfunded);
    const ofPeer = unfunded.filter((channel) => channel.peerId === peerId);
    // An id in use: BOLT 2 has it unique per peer, and ours are unique altogether.
    const early = this.#early.filter((one) => one.peerId === peerId);
    const crowded =
      channels.get(id) !== null ||
      early.some((one) => one.message.temporaryChannelId === id) ||
      ofPeer.length + early.length >= MAX_UNFUNDED_PER_PEER ||
      unfunded.length + this.#early.length >= MAX_UNFUNDED;
    // An LSP that woke us opens as soon as we are there; refused, it would give the payment back.
    if (!crowded && !isCurrent() && lsp.expects(peerId)) {
      this.#early = [...this.#early, { peerId, message }];
      return;
    }
    if (crowded || !isCurrent()) {
      const text = crowded ? 'too many channels at once' : 'not in step with the chain yet: try again';
      turn.after(() => send(peerId, { name: 'error', channelId: id, data: encodeUtf8(text) }));
      return;
    }
    const channel = channels.add(id, peerId);
    channels.deliver(turn, channel, { tag: 'connected', remoteInit: init });
    channels.deliver(turn, channel, { tag: 'message', message });
  }
}

function isUnfunded({ state: { durable } }: HostedChannel): boolean {
  if (durable === null) return true;
  return (
    durable.params.opener === 'remote' && durable.phase !== 'closed' && durable.active[0].confirmed === null
  );
}

const isFundedByPeer = ({ state: { durable } }: HostedChannel): boolean =>
  durable?.params.opener === 'remote' && durable.active[0].confirmed !== null;

function channelNamed(message: WireMessage): ChannelId | null {
  if ('channelId' in message) return message.channelId;
  return 'temporaryChannelId' in message ? message.temporaryChannelId : null;
}

const unknownChannel = (id: ChannelId): WireMessage => ({
  name: 'error',
  channelId: id,
  data: encodeUtf8('no such channel'),
});
