import type { NodeId } from '../../base/ids.ts';
import type { Cancel } from '../../base/ports.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import type { Durable } from '../../channel/state.ts';
import { MAX_PEER_STORAGE_BLOB } from '../../wire/peer-storage.ts';
import { hasChannelWith } from '../commands/peers.ts';
import type { Core } from '../core.ts';
import type { Turn } from '../turn.ts';
import {
  composeBeside,
  composeContent,
  type BackupSource,
  type FileHistory,
  type OthersPart,
} from './content.ts';
import { writeKeeper, writeOwn, type Keeper, type Own } from './records.ts';
import { OVERHEAD, type BackupSeal } from './seal.ts';

/** Which channels there are, with whom: written at once, but not once for each of several changes that come together. */
const STRUCTURE_MS = 500;
/** How far they have come: a peer need not take more than one update a minute. */
const PROGRESS_MS = 60_000;
/** What a peer takes that says that it does not take more, without saying how much. */
const SMALL = 1_024;
const SMALLEST = 512;

/** One connection with a peer, as far as our backup with it goes. */
export type KeeperSession = {
  readonly offers: boolean;
  /** The peer gave back what it had, or will not any more: only then may it be written over. */
  answered: boolean;
  /** The bytes that the peer was last sent. */
  sentTo: number | null;
  /** What other devices made of what it keeps: goes back to it beside ours. */
  others: readonly OthersPart[];
};

type Seen = { readonly structure: string; readonly ledgers: readonly unknown[] };

/** Makes our backups, and has peers keep the newest. */
export class Keepers {
  readonly #core: Core;
  readonly #seal: BackupSeal;
  readonly #sessions: ReadonlyMap<NodeId, KeeperSession>;
  readonly #kept: Map<NodeId, Keeper>;
  #own: Own;
  #seen: Seen | null = null;
  /** The last backup does not have everything. */
  #dirty = true;
  #timer: { readonly cancel: Cancel; readonly at: number } | null = null;

  constructor(
    core: Core,
    seal: BackupSeal,
    sessions: ReadonlyMap<NodeId, KeeperSession>,
    rows: { readonly own: Own; readonly keepers: readonly Keeper[] },
  ) {
    this.#core = core;
    this.#seal = seal;
    this.#sessions = sessions;
    this.#own = rows.own;
    this.#kept = new Map(rows.keepers.map((keeper) => [keeper.nodeId, keeper]));
  }

  get own(): Own {
    return this.#own;
  }

  get all(): ReadonlyMap<NodeId, Keeper> {
    return this.#kept;
  }

  /** Changes wait to be written into the next backup. */
  get isBehind(): boolean {
    return this.#dirty && this.#openChannels().length > 0;
  }

  /** After each turn: what changed that a backup should have? */
  noticed(): void {
    if (this.#core.running === null) return;
    const open = this.#openChannels();
    // Nothing to lose, and nothing that a former backup says would be wrong.
    if (open.length === 0 && this.#own.counter === 0) return;
    const structure = open
      .map(({ params: { channelId, peerId }, phase }) => {
        const address = this.#core.keptPeers.get(peerId);
        return `${channelId}/${phase}/${address?.host}:${address?.port}`;
      })
      .join(' ');
    const ledgers = open.map(({ ledger }) => ledger);
    const { structure: before, ledgers: former } = this.#seen ?? { structure: null, ledgers: [] };
    this.#seen = { structure, ledgers };
    if (structure !== before) this.#schedule(STRUCTURE_MS);
    else if (ledgers.some((ledger, i) => ledger !== former[i])) this.#schedule(PROGRESS_MS);
  }

  /** Everything, for a file. */
  export(turn: Turn, history: FileHistory): { readonly bytes: Uint8Array; readonly counter: number } {
    if (this.#dirty || this.#own.counter === 0) this.#raise(turn);
    // It is to take the place of the one before, which another tab may have made.
    turn.asWriter();
    const { counter } = this.#own;
    const content = composeContent({ ...this.#source(), history }, Number.MAX_SAFE_INTEGER);
    return { bytes: this.#seal.file(content), counter };
  }

  keepOwn(turn: Turn, own: Own): void {
    this.#own = own;
    turn.write([writeOwn(own)]);
  }

  /** What the peer gave back; 0 for nothing that is ours. */
  returned(turn: Turn, peer: NodeId, counter: number): void {
    const keeper = this.#keeper(peer);
    const at = this.#core.options.clock.now();
    this.#keep(turn, { ...keeper, returned: { counter, expected: keeper.sent?.counter ?? 0, at } });
  }

  /** Before its channels: a peer that kept something would have given it back by now. */
  nothingReturned(turn: Turn, peer: NodeId): void {
    if ((this.#kept.get(peer)?.sent ?? null) !== null) this.returned(turn, peer, 0);
  }

  /** What it keeps is another device's: of ours it has none any more. */
  lost(turn: Turn, peer: NodeId): void {
    const keeper = this.#kept.get(peer);
    if (keeper !== undefined && keeper.sent !== null) this.#keep(turn, { ...keeper, sent: null });
  }

  /** From here on the peer's copy may be written over. */
  settle(turn: Turn, peer: NodeId, session: KeeperSession): void {
    session.answered = true;
    if (this.#openChannels().length === 0) return;
    if (this.#dirty) this.#schedule(STRUCTURE_MS);
    else this.#send(turn, peer, session);
  }

  /** A peer that takes less than BOLT 1 has it take says so, and stores nothing. */
  onWarning(turn: Turn, peer: NodeId, session: KeeperSession, data: Uint8Array): void {
    const text = decodeUtf8(data) ?? '';
    const keeper = this.#kept.get(peer);
    if (keeper === undefined || session.sentTo === null || !/peer.storage/i.test(text)) return;
    const named = Number(/(\d{3,5}) bytes/.exec(text)?.[1] ?? SMALL);
    const capacity = Math.max(SMALLEST, Math.min(named, SMALL));
    if (capacity >= session.sentTo) return;
    this.#keep(turn, { ...keeper, capacity, sent: null });
    this.#send(turn, peer, session);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #schedule(delayMs: number): void {
    const { clock } = this.#core.options;
    this.#dirty = true;
    const at = clock.monotonicMs() + delayMs;
    if (this.#timer !== null && this.#timer.at <= at) return;
    this.#timer?.cancel();
    const cancel = clock.after(delayMs, () => {
      this.#timer = null;
      this.#core.driver.submit((turn) => this.#update(turn));
    });
    this.#timer = { cancel, at };
  }

  #update(turn: Turn): void {
    if (this.#core.running === null) return;
    this.#raise(turn);
    for (const [peer, session] of this.#sessions) this.#send(turn, peer, session);
  }

  /** The next backup is another one than the last. */
  #raise(turn: Turn): void {
    const device = this.#own.device ?? this.#core.options.random(16);
    this.keepOwn(turn, { ...this.#own, device, counter: this.#own.counter + 1 });
    this.#dirty = false;
  }

  #send(turn: Turn, peer: NodeId, session: KeeperSession): void {
    if (!session.offers || !session.answered || !hasChannelWith(this.#core, peer)) return;
    const { counter } = this.#own;
    const keeper = this.#keeper(peer);
    if (keeper.sent?.counter === counter && session.sentTo !== null) return;
    const size = keeper.capacity;
    const content = composeBeside(this.#source(), session.others, size - OVERHEAD);
    if (content === null) return this.lost(turn, peer);
    const blob = this.#seal.blob(content, size);
    session.sentTo = size;
    this.#keep(turn, { ...keeper, sent: { counter, at: this.#core.options.clock.now() } });
    turn.after(() => this.#core.running?.peers.send(peer, { name: 'peer_storage', blob }));
  }

  #source(): BackupSource {
    const { options, keptPeers } = this.#core;
    return {
      network: options.network,
      counter: this.#own.counter,
      at: options.clock.now(),
      peers: [...keptPeers.values()],
      channels: this.#openChannels(),
      ...(this.#own.device === undefined ? {} : { device: this.#own.device }),
    };
  }

  #openChannels(): readonly Durable[] {
    return [...this.#core.channels.all()].flatMap(({ state: { durable } }) =>
      durable === null || durable.phase === 'closed' ? [] : [durable],
    );
  }

  #keeper(peer: NodeId): Keeper {
    return (
      this.#kept.get(peer) ?? {
        nodeId: peer,
        capacity: MAX_PEER_STORAGE_BLOB,
        sent: null,
        returned: null,
      }
    );
  }

  #keep(turn: Turn, keeper: Keeper): void {
    this.#kept.set(keeper.nodeId, keeper);
    turn.write([writeKeeper(keeper)]);
  }
}
