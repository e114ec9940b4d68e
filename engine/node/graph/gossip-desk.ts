import type { NodeId } from '../../base/ids.ts';
import type { Cancel } from '../../base/ports.ts';
import { encodeUtf8 } from '../../base/utf8.ts';
import { p2wsh } from '../../bitcoin/script.ts';
import type { OutputFinding, WantedOutput } from '../../chain/funding-outputs.ts';
import { fundingScript } from '../../commitment/scripts.ts';
import { EarlyTerms } from '../../gossip/early-terms.ts';
import { GossipIntake } from '../../gossip/gossip-intake.ts';
import { GossipSync, type KnownTimes } from '../../gossip/gossip-sync.ts';
import type { Verdict } from '../../gossip/gossip-verdict.ts';
import type { UncheckedChannel } from '../../gossip/unchecked-channels.ts';
import { channelIndexOf, policyAt } from '../../gossip/graph.ts';
import { announced, type OwnGossip } from '../../gossip/own-gossip.ts';
import { PeerQueues } from '../../gossip/peer-queues.ts';
import { SIGNATURES } from '../../gossip/verify-gossip.ts';
import { type ChannelAnnouncement, type ChannelUpdate, type GossipMessage } from '../../wire/gossip.ts';
import { ALL_CHANNELS, type Init } from '../../wire/connection.ts';
import { metaOf, type WireMessage } from '../../wire/wire-message.ts';
import type { PeerConnections } from '../../peer/connections.ts';
import type { Core } from '../core.ts';
import type { Identity } from '../identity.ts';
import type { NodeOptions } from '../node-options.ts';
import { Bans } from './bans.ts';
import type { GraphDesk } from './graph-desk.ts';
import { PeerQuestions, type Question } from './peer-questions.ts';

/** Of one slice: what a phone does in a few milliseconds. Peers' other messages are served in between. */
const SLICE_SIGNATURES = 8;
const SLICE_MESSAGES = 256;
/** Changes wait a little for others; on a large map, where each batch costs some milliseconds, longer. */
const MERGE_MS = 200;
const MERGE_MS_PER_THOUSAND = 200;
/** Channels that the chain is asked about at once, at four requests each, and how long servers are left in peace then. */
const CHECKS = 40;
const CHECK_MS = 10_000;
const RETRY_MS = 60_000;
const YOUNG_MS = 1_000;
const SYNC_TICK_MS = 1_000;
/** Channels announced by one peer in a day that the chain does not have: it checks nothing then, or makes them up. */
const MOST_UNFOUNDED = 1_000;

/** Peers asked for the map besides those that the user keeps: what each names takes memory. */
const MOST_ASKED = 4;

type Listened = {
  readonly sync: GossipSync;
  readonly questions: PeerQuestions;
  /** We may speak: what belongs to channels was said. Until then questions wait. */
  begun: boolean;
  /** We asked for its gossip. */
  isAsked: boolean;
};

export type GossipCore = Pick<Core, 'height' | 'network' | 'onBug'> & {
  readonly keptPeers: { has(peerId: NodeId): boolean };
  readonly options: Pick<NodeOptions, 'clock' | 'log' | 'servers'>;
  readonly running: {
    readonly peers: Pick<PeerConnections, 'send'>;
    readonly identity: Pick<Identity, 'nodeId'>;
  } | null;
};

export type GossipDeskParts = {
  readonly core: GossipCore;
  readonly graph: Pick<GraphDesk, 'graph' | 'merge'>;
  /** What is ours to announce. */
  readonly own: () => OwnGossip;
  /** The outputs on the chain. */
  readonly find: (wanted: readonly WantedOutput[]) => Promise<readonly OutputFinding[]>;
  /** Channels announced by one peer in a day that the chain may lack. */
  readonly mostUnfounded?: number;
};

/**
 * Gossip of BOLT 7: reads what peers tell, asks them for the map where no snapshot server is set, and tells them of our
 * own public channels. Its messages are no input of the driver: nothing that it does is written with the wallet's
 * records, and nothing waits for it.
 */
export class GossipDesk {
  readonly #parts: GossipDeskParts;
  readonly #queues = new PeerQueues();
  readonly #peers = new Map<NodeId, Listened>();
  readonly #early = new EarlyTerms();
  readonly #bans: Bans;
  readonly #intake: GossipIntake;
  #working = false;
  #checking = false;
  #stopped = false;
  #merging: Cancel | null = null;
  #tick: Cancel | null = null;

  constructor(parts: GossipDeskParts) {
    this.#parts = parts;
    const { core, graph } = parts;
    this.#bans = new Bans(core.options.clock.now);
    this.#intake = new GossipIntake({
      graph: () => graph.graph,
      now: () => core.options.clock.now(),
      height: () => core.height,
    });
  }

  /** Messages of these families are for `heard`. */
  static concerns(message: WireMessage): boolean {
    const family = metaOf(message)?.family;
    return family === 'gossip' || family === 'gossip-query';
  }

  static isGossip(message: WireMessage): message is GossipMessage {
    return metaOf(message)?.family === 'gossip';
  }

  /** A connection is up. */
  up(peerId: NodeId, remoteInit: Init): void {
    const { genesisHash: chainHash } = this.#parts.core.network;
    const sync = new GossipSync({ chainHash, features: remoteInit.features, known: this.#knownTo(peerId) });
    const questions = new PeerQuestions(chainHash);
    this.#peers.set(peerId, { sync, questions, begun: false, isAsked: false });
  }

  /** What belongs to channels was said: now the rest may be. */
  async begin(peerId: NodeId): Promise<void> {
    const { core, graph } = this.#parts;
    const listened = this.#peers.get(peerId);
    if (listened === undefined) return;
    listened.begun = true;
    for (const question of listened.questions.kept()) this.#answer(peerId, listened, question);
    const servers = await core.options.servers();
    if (this.#stopped || this.#peers.get(peerId) !== listened || this.#bans.has(peerId)) return;
    const asked = [...this.#peers.values()].filter(({ isAsked }) => isAsked).length;
    const isChosen = core.keptPeers.has(peerId) || asked < MOST_ASKED;
    listened.isAsked = isChosen && servers.ok && (servers.value.snapshots ?? []).length === 0;
    if (!listened.isAsked) return;
    let newest = 0;
    for (const at of graph.graph.policies.updatedAt) if (at > newest) newest = at;
    this.#say(peerId, listened.sync.begin(core.options.clock.now(), newest));
    this.#tickSoon();
  }

  down(peerId: NodeId): void {
    this.#peers.delete(peerId);
  }

  /** @param isOfOurs it is about a channel between the two of us */
  heard(peerId: NodeId, message: WireMessage, isOfOurs = false): void {
    if (this.#stopped) return;
    switch (message.name) {
      case 'channel_announcement':
      case 'channel_update':
      case 'node_announcement':
        if (this.#bans.has(peerId)) return;
        if (isOfOurs && message.name === 'channel_update') this.#keepEarly(peerId, message);
        // What finds no room is asked for again when there is some.
        if (this.#queues.add(peerId, message)) this.#workSoon();
        return;
      case 'reply_channel_range': {
        const fault = this.#peers.get(peerId)?.sync.onRange(message) ?? null;
        if (fault !== null) this.#warn(peerId, fault);
        return this.#tickSoon();
      }
      case 'reply_short_channel_ids_end':
        this.#peers.get(peerId)?.sync.onIdsEnd(message);
        return this.#tickSoon();
      case 'query_channel_range':
      case 'query_short_channel_ids':
      case 'gossip_timestamp_filter': {
        const listened = this.#peers.get(peerId);
        if (listened === undefined) return;
        if (listened.begun) this.#answer(peerId, listened, message);
        else listened.questions.keep(message);
        return;
      }
      default:
        return;
    }
  }

  #answer(peerId: NodeId, { questions }: Listened, question: Question): void {
    const reply = questions.reply(question, this.#parts.own(), this.#parts.core.options.clock.now());
    if (reply.tag === 'say') this.#say(peerId, reply.messages);
    else this.#warn(peerId, reply.text);
  }

  /**
   * Tells every peer what is new about our channels. BOLT 7 §gossip_timestamp_filter: "SHOULD send gossip messages as it
   * generates them regardless of `timestamp`."
   */
  tell(own: OwnGossip): void {
    const { running } = this.#parts.core;
    // Our own map has it too; it is judged like everybody's.
    for (const message of announced(own))
      if (
        running !== null &&
        GossipDesk.isGossip(message) &&
        this.#queues.add(running.identity.nodeId, message)
      )
        this.#workSoon();
    for (const [peerId, { begun }] of this.#peers) if (begun) this.#say(peerId, announced(own));
  }

  stop(): void {
    this.#stopped = true;
    this.#merging?.();
    this.#tick?.();
  }

  #knownTo(peerId: NodeId): KnownTimes {
    return (scid) => {
      const { graph } = this.#parts.graph;
      const channel = channelIndexOf(graph, scid);
      if (channel < 0) return this.#intake.knows(scid, peerId) ? NEVER_OLDER : null;
      return [policyAt(graph, channel, 0)?.updatedAt ?? 0, policyAt(graph, channel, 1)?.updatedAt ?? 0];
    };
  }

  #workSoon(): void {
    if (this.#working || this.#stopped) return;
    this.#working = true;
    const { core } = this.#parts;
    // Without a height nothing is deep enough: what came waits for the first look at the chain.
    const delayMs = core.height === 0 ? SYNC_TICK_MS : 0;
    core.options.clock.after(delayMs, () => {
      this.#working = false;
      if (this.#stopped) return;
      try {
        if (core.height > 0) this.#slice();
      } catch (error) {
        core.onBug(error);
      }
      if (this.#queues.size > 0) this.#workSoon();
      else this.#tickSoon();
    });
  }

  #slice(): void {
    let signatures = 0;
    for (let count = 0; count < SLICE_MESSAGES && signatures < SLICE_SIGNATURES; count++) {
      const next = this.#queues.next();
      if (next === null) break;
      const { peer, message } = next;
      const verdict = this.#intake.judge(message, peer);
      // What is ignored was so before its signatures were looked at, but for this.
      if (verdict.tag !== 'ignored' || verdict.why === 'unclaimed') signatures += SIGNATURES[message.name];
      this.#act(peer, message, verdict);
    }
    this.#mergeSoon();
    void this.#check();
  }

  #act(peer: NodeId, message: GossipMessage, verdict: Verdict): void {
    if (verdict.tag === 'breach') return this.#ban(peer, verdict.rule, verdict.detail);
    if (verdict.tag === 'taken' && message.name === 'channel_announcement') this.#sayEarly(message);
    // BOLT 7 §query_short_channel_ids: "MAY send this if it receives a `channel_update` for a `short_channel_id` for which
    // it has no `channel_announcement`."
    if (verdict.tag === 'ignored' && verdict.why === 'unknown-channel' && message.name === 'channel_update') {
      const listened = this.#peers.get(peer);
      if (listened?.isAsked === true) listened.sync.want(message.scid);
    }
  }

  #keepEarly(peer: NodeId, update: ChannelUpdate): void {
    const isKnown = channelIndexOf(this.#parts.graph.graph, update.scid) >= 0;
    if (!isKnown) this.#early.keep(peer, update);
  }

  /** The channel is announced: what its other end said before that is judged now, unless it is announced as of others. */
  #sayEarly(announcement: ChannelAnnouncement): void {
    const early = this.#early.take(announcement);
    if (early !== null) this.heard(early.peer, early.update);
  }

  #mergeSoon(): void {
    if (this.#intake.changes.size === 0 || this.#merging !== null || this.#stopped) return;
    const { graph, core } = this.#parts;
    const delayMs = MERGE_MS + (MERGE_MS_PER_THOUSAND * graph.graph.channels.count) / 1_000;
    this.#merging = core.options.clock.after(delayMs, () => {
      graph
        .merge(this.#intake.take())
        .catch((error: unknown) => core.onBug(error))
        .finally(() => {
          this.#merging = null;
          this.#mergeSoon();
        });
    });
  }

  /** Asks the chain about what was announced, some at a time. */
  async #check(): Promise<void> {
    const { core, find } = this.#parts;
    if (this.#checking || this.#intake.unchecked.size === 0) return;
    this.#checking = true;
    const batch = this.#intake.toCheck(CHECKS);
    // What is too young for us comes of age with the next blocks.
    if (batch.length === 0) return this.#checkAfter(YOUNG_MS);
    const findings = await find(
      batch.map(({ announcement: { scid, bitcoinKey1, bitcoinKey2 } }) => ({
        scid,
        script: p2wsh(fundingScript(bitcoinKey1, bitcoinKey2)),
      })),
    ).catch((error: unknown) => {
      core.onBug(error);
      return [];
    });
    if (this.#stopped) return;
    let unknown = findings.length === 0;
    for (const [index, channel] of batch.entries()) {
      const finding = findings[index] ?? { tag: 'unknown' };
      unknown ||= finding.tag === 'unknown';
      this.#intake.onChecked(channel, finding);
      if (finding.tag === 'unfounded') this.#onUnfounded(channel);
    }
    this.#mergeSoon();
    this.#checkAfter(unknown ? RETRY_MS : batch.length < CHECKS ? 0 : CHECK_MS);
  }

  #checkAfter(delayMs: number): void {
    this.#parts.core.options.clock.after(delayMs, () => {
      this.#checking = false;
      if (!this.#stopped) void this.#check();
    });
  }

  /** That came to nothing: there may be a channel of that name, with other keys, of which others know. */
  #askOthers({ from, announcement: { scid } }: UncheckedChannel): void {
    for (const [peerId, { isAsked, sync }] of this.#peers) if (isAsked && peerId !== from) sync.want(scid);
    this.#tickSoon();
  }

  /** The chain has no such channel. */
  #onUnfounded(channel: UncheckedChannel): void {
    const { from } = channel;
    this.#askOthers(channel);
    const { mostUnfounded = MOST_UNFOUNDED } = this.#parts;
    if (this.#bans.has(from) || this.#bans.countFault(from) <= mostUnfounded) return;
    this.#ban(
      from,
      'BOLT 7 §channel_announcement: "if the `short_channel_id`\'s output does NOT correspond to a P2WSH […] OR the output is spent: MUST ignore the message."',
      'many channels that the chain does not have',
    );
  }

  /** Asks on, where there is room for answers. */
  #tickSoon(): void {
    if (this.#tick !== null || this.#stopped) return;
    this.#tick = this.#parts.core.options.clock.after(SYNC_TICK_MS, () => {
      this.#tick = null;
      if (this.#stopped) return;
      let isOver = true;
      for (const [peerId, { sync, isAsked }] of this.#peers) {
        if (!isAsked || this.#bans.has(peerId)) continue;
        const hasRoom = this.#queues.waitingOf(peerId) === 0 && !this.#intake.unchecked.isFullFor(peerId);
        const query = hasRoom ? sync.next(this.#parts.core.options.clock.now()) : null;
        if (query !== null) this.#say(peerId, [query]);
        isOver &&= sync.isDone;
      }
      if (!isOver) this.#tickSoon();
    });
  }

  /**
   * DIVERGES from BOLT 7 §channel_update "SHOULD send a `warning` and close the connection": the connection stays, as a
   * channel with money in it may need it. What the peer gossips is not read any more.
   */
  #ban(peerId: NodeId, rule: string, detail: string): void {
    const { options } = this.#parts.core;
    options.log('warn', 'gossip', 'a rule was broken', { peer: peerId, rule, detail });
    this.#queues.drop(peerId);
    this.#bans.add(peerId);
    // While it waited, those who had named the channel were not asked for it.
    for (const channel of this.#intake.unchecked.dropFrom(peerId)) this.#askOthers(channel);
    this.#warn(peerId, detail);
  }

  /** BOLT 1 §warning: an id of zeros for what is about no channel. */
  #warn(peerId: NodeId, text: string): void {
    this.#say(peerId, [{ name: 'warning', channelId: ALL_CHANNELS, data: encodeUtf8(text) }]);
  }

  #say(peerId: NodeId, messages: readonly WireMessage[]): void {
    for (const message of messages) this.#parts.core.running?.peers.send(peerId, message);
  }
}

const NEVER_OLDER = [0xffff_ffff, 0xffff_ffff] as const;
