import { equalBytes } from '../../base/bytes.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Cancel } from '../../base/ports.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import type { Init } from '../../channel/message.ts';
import { isInBlock } from '../../channel/funded.ts';
import type { Durable } from '../../channel/state.ts';
import { combined, supports } from '../../wire/features.ts';
import { MAX_PEER_STORAGE_BLOB } from '../../wire/peer-storage.ts';
import type { WireMessage } from '../../wire/wire-message.ts';
import type { PaymentHistory } from '../../payment/payment-history.ts';
import type { RestoredBackup } from '../backup-api.ts';
import { hasChannelWith } from '../commands/peers.ts';
import type { Core } from '../core.ts';
import type { Turn } from '../turn.ts';
import { adopt, hasUnknown } from './adopt.ts';
import { composeContent, type BackupContent } from './content.ts';
import { Guests, type GuestPorts } from './guests.ts';
import { writeKeeper, writeOwn, type BackupRows, type Keeper, type Own } from './records.ts';
import { BackupSeal, OVERHEAD } from './seal.ts';

/** Which channels there are, with whom: written at once, but not once for each of several changes that come together. */
const STRUCTURE_MS = 500;
/** How far they have come: a peer need not take more than one update a minute. */
const PROGRESS_MS = 60_000;
/** What a peer takes that says that it does not take more, without saying how much. */
const SMALL = 1_024;
const SMALLEST = 512;
/** In a file, the newest: some hundred bytes each. */
const MOST_PAYMENTS = 2_000;

/** One connection with a peer, as far as backups go. */
type Session = {
  readonly offers: boolean;
  /** The peer gave back what it had, or will not any more: only then may it be written over. */
  answered: boolean;
  returned: boolean;
  sentTo: number | null;
  /** It has channels that another device may run: it is not listened to any more. */
  left: boolean;
  /** As well, but channels of ours with it go on. */
  shared: boolean;
};

type Seen = { readonly structure: string; readonly ledgers: readonly unknown[] };

/** Keeps backups of our channels with peers, and peers' with us; takes back what a backup brings. */
export class BackupDesk {
  readonly guests: Guests;
  readonly #core: Core;
  readonly #seal: BackupSeal;
  readonly #keepers: Map<NodeId, Keeper>;
  readonly #sessions = new Map<NodeId, Session>();
  readonly #waiting = new Map<NodeId, Set<(restored: RestoredBackup | null) => void>>();
  #own: Own;
  #seen: Seen | null = null;
  /** The last backup does not have everything. */
  #dirty = true;
  #timer: { readonly cancel: Cancel; readonly at: number } | null = null;

  constructor(core: Core, rows: BackupRows) {
    const { network, random } = core.options;
    this.#core = core;
    this.#seal = new BackupSeal(core.keys, network, random);
    this.#own = rows.own;
    this.#keepers = new Map(rows.keepers.map((keeper) => [keeper.nodeId, keeper]));
    this.guests = new Guests(
      {
        clock: core.options.clock,
        driver: core.driver,
        channelWith: (peer) => channelWith(core, peer),
      },
      rows.guests,
    );
  }

  get own(): Own {
    return this.#own;
  }

  get keepers(): ReadonlyMap<NodeId, Keeper> {
    return this.#keepers;
  }

  /** Changes wait to be written into the next backup. */
  get isBehind(): boolean {
    return this.#dirty && this.#openChannels().length > 0;
  }

  /** Whether the peer says that it keeps backups; null while it is not connected. */
  offers(peer: NodeId): boolean | null {
    return this.#sessions.get(peer)?.offers ?? null;
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

  /** Before the channels are told of the connection. */
  up(turn: Turn, peer: NodeId, remoteInit: Init): void {
    const features = combined(remoteInit.globalFeatures, remoteInit.features);
    this.#sessions.set(peer, {
      offers: supports(features, 'option_provide_storage'),
      answered: !hasChannelWith(this.#core, peer),
      returned: false,
      sentTo: null,
      left: false,
      shared: false,
    });
    const blob = this.guests.blobOf(peer);
    // BOLT 1 §Peer storage: "MUST send `peer_storage_retrieval` again after reconnection, after exchanging `init`
    // messages."
    if (blob !== null) this.#say(turn, peer, { name: 'peer_storage_retrieval', blob });
  }

  down(peer: NodeId): void {
    this.#sessions.delete(peer);
    this.#answer(peer, null);
  }

  /** Every message, before whoever else it is for. False: it is for nobody. */
  heard(turn: Turn, peer: NodeId, message: WireMessage): boolean {
    const session = this.#sessions.get(peer);
    if (session === undefined) return true;
    if (!session.left) this.#heard(turn, peer, session, message);
    return !session.left;
  }

  #heard(turn: Turn, peer: NodeId, session: Session, message: WireMessage): void {
    if (message.name === 'peer_storage') this.guests.take(turn, peer, message.blob);
    else if (message.name === 'peer_storage_retrieval') this.#onReturned(turn, peer, session, message.blob);
    // BOLT 1 §Peer storage: "`peer_storage_retrieval` should not be sent after `channel_reestablish`"
    else if (message.name === 'channel_reestablish') this.#onNothingReturned(turn, peer, session);
    else if (message.name === 'warning') this.#onWarning(turn, peer, session, message.data);
  }

  /** Everything, for a file. */
  export(turn: Turn): { readonly bytes: Uint8Array; readonly counter: number } {
    if (this.#dirty || this.#own.counter === 0) this.#raise(turn);
    const { counter } = this.#own;
    return {
      bytes: this.#seal.file(
        this.#content(Number.MAX_SAFE_INTEGER, this.#core.payments.history(MOST_PAYMENTS)),
      ),
      counter,
    };
  }

  /** A file that could not be written is none: see `file` of the details. @param counter of a backup that was made */
  saved(turn: Turn, counter: number): void {
    const newest = Math.max(counter, this.#own.file?.counter ?? 0);
    this.#keepOwn(turn, { ...this.#own, file: { counter: newest, at: this.#core.options.clock.now() } });
    turn.after(() => this.#core.changed());
  }

  open(bytes: Uint8Array): ReturnType<BackupSeal['open']> {
    return this.#seal.open(bytes);
  }

  /**
   * The person says that no other device runs with these words: what one made before that, and what is asked for now, is
   * taken over.
   */
  beAlone(turn: Turn, at: BackupContent['at'] | null = null): void {
    const now = this.#core.options.clock.now();
    // Its clock may be ahead of ours.
    this.#keepOwn(turn, { ...this.#own, aloneSince: at !== null && at > now ? at : now });
    this.#core.endAlarm('runs-elsewhere');
  }

  /** Whether its channels may be run by another device with these words, for all that is known here. */
  isElsewhere(content: BackupContent): boolean {
    const { device, at } = content;
    const { device: ours, aloneSince } = this.#own;
    // One from before devices had names may be our own.
    if (device === undefined || (ours !== undefined && equalBytes(device, ours))) return false;
    return (aloneSince === undefined || at > aloneSince) && hasUnknown(this.#core, content);
  }

  /**
   * A peer speaks of a channel that is not known here. After a restore, or where its copy is of another device, that may
   * run it still: true, and the peer is not answered, for it would close the channel.
   */
  mayRunElsewhere(turn: Turn, peer: NodeId): boolean {
    const { restoring, strays } = this.#core;
    if (this.#sessions.get(peer)?.shared === true) return true;
    if (this.#own.aloneSince !== undefined || !(restoring || strays !== null)) return false;
    this.#leaveAlone(turn, peer);
    return true;
  }

  /** Channels of ours that it is further on in, whoever made it: what we have of them may be revoked. */
  stopOld(turn: Turn, content: BackupContent): void {
    adopt(this.#core, turn, content, false);
  }

  /** From a file, or from a peer. */
  take(turn: Turn, content: BackupContent): RestoredBackup {
    const adopted = adopt(this.#core, turn, content);
    const { sent = [], received = [] } = content;
    turn.write(this.#core.payments.adopt({ sent, received }));
    if (content.counter > this.#own.counter) this.#keepOwn(turn, { ...this.#own, counter: content.counter });
    return { ...adopted, madeAt: content.at };
  }

  /** Calls back once: with what the peer's backup brought, or null when the peer has none, or is gone. */
  whenAnswered(peer: NodeId, tell: (restored: RestoredBackup | null) => void): Cancel {
    const waiting = this.#waiting.get(peer) ?? new Set();
    this.#waiting.set(peer, waiting.add(tell));
    return () => waiting.delete(tell);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.guests.stop();
  }

  #onReturned(turn: Turn, peer: NodeId, session: Session, blob: Uint8Array): void {
    // Once a connection: each costs the opening of 64 KiB.
    if (session.returned) return;
    session.returned = true;
    const opened = this.#seal.open(blob);
    if (opened.ok && this.#waiting.has(peer)) this.beAlone(turn, opened.value.at);
    if (opened.ok && this.isElsewhere(opened.value)) {
      this.stopOld(turn, opened.value);
      return this.#leaveAlone(turn, peer);
    }
    const restored = opened.ok ? this.take(turn, opened.value) : null;
    if (!opened.ok)
      this.#core.options.log('warn', 'backup', 'what a peer gave back is not ours', {
        nodeId: peer,
        why: opened.error,
      });
    this.#note(turn, peer, opened.ok ? opened.value.counter : 0);
    this.#answer(peer, restored);
    this.#settle(turn, peer, session);
  }

  #onNothingReturned(turn: Turn, peer: NodeId, session: Session): void {
    if (session.answered || session.shared) return;
    if (!session.returned && (this.#keepers.get(peer)?.sent ?? null) !== null) this.#note(turn, peer, 0);
    this.#answer(peer, null);
    this.#settle(turn, peer, session);
  }

  /** A peer that takes less than BOLT 1 has it take says so, and stores nothing. */
  #onWarning(turn: Turn, peer: NodeId, session: Session, data: Uint8Array): void {
    const text = decodeUtf8(data) ?? '';
    const keeper = this.#keepers.get(peer);
    if (keeper === undefined || session.sentTo === null || !/peer.storage/i.test(text)) return;
    const named = Number(/(\d{3,5}) bytes/.exec(text)?.[1] ?? SMALL);
    const capacity = Math.max(SMALLEST, Math.min(named, SMALL));
    if (capacity >= session.sentTo) return;
    this.#keep(turn, { ...keeper, capacity, sent: null });
    this.#send(turn, peer, session);
  }

  #note(turn: Turn, peer: NodeId, counter: number): void {
    const keeper = this.#keeper(peer);
    const at = this.#core.options.clock.now();
    this.#keep(turn, { ...keeper, returned: { counter, expected: keeper.sent?.counter ?? 0, at } });
  }

  /** From here on the peer's copy may be written over. */
  #settle(turn: Turn, peer: NodeId, session: Session): void {
    session.answered = true;
    if (this.#openChannels().length === 0) return;
    if (this.#dirty) this.#schedule(STRUCTURE_MS);
    else this.#send(turn, peer, session);
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
    this.#keepOwn(turn, { ...this.#own, device, counter: this.#own.counter + 1 });
    this.#dirty = false;
  }

  #keepOwn(turn: Turn, own: Own): void {
    this.#own = own;
    turn.write([writeOwn(own)]);
  }

  /** Nothing is asked of it, written over there, or answered: its channels are those of another device. */
  #leaveAlone(turn: Turn, peer: NodeId): void {
    const session = this.#sessions.get(peer);
    this.#answer(peer, null);
    if (!this.#core.alarms.some(({ code, detail }) => code === 'runs-elsewhere' && detail === peer))
      this.#core.alarm(turn, 'runs-elsewhere', peer);
    // Ours must go on: a payment in one of them would expire.
    const isShared = hasChannelWith(this.#core, peer);
    if (session !== undefined) session[isShared ? 'shared' : 'left'] = true;
    if (isShared) return;
    // One node has one connection with a peer: it is the other device's.
    turn.after(() => this.#core.running?.peers.release(peer));
  }

  #send(turn: Turn, peer: NodeId, session: Session): void {
    if (!session.offers || !session.answered || !hasChannelWith(this.#core, peer)) return;
    const { counter } = this.#own;
    const keeper = this.#keeper(peer);
    if (keeper.sent?.counter === counter && session.sentTo !== null) return;
    const size = keeper.capacity;
    const blob = this.#seal.blob(this.#content(size - OVERHEAD), size);
    session.sentTo = size;
    this.#keep(turn, { ...keeper, sent: { counter, at: this.#core.options.clock.now() } });
    this.#say(turn, peer, { name: 'peer_storage', blob });
  }

  #content(room: number, history?: PaymentHistory): Uint8Array {
    const { options, keptPeers } = this.#core;
    return composeContent(
      {
        network: options.network,
        counter: this.#own.counter,
        at: options.clock.now(),
        peers: [...keptPeers.values()],
        channels: this.#openChannels(),
        ...(this.#own.device === undefined ? {} : { device: this.#own.device }),
        ...(history === undefined ? {} : { history }),
      },
      room,
    );
  }

  #openChannels(): readonly Durable[] {
    return [...this.#core.channels.all()].flatMap(({ state: { durable } }) =>
      durable === null || durable.phase === 'closed' ? [] : [durable],
    );
  }

  #keeper(peer: NodeId): Keeper {
    return (
      this.#keepers.get(peer) ?? {
        nodeId: peer,
        capacity: MAX_PEER_STORAGE_BLOB,
        sent: null,
        returned: null,
      }
    );
  }

  #keep(turn: Turn, keeper: Keeper): void {
    this.#keepers.set(keeper.nodeId, keeper);
    turn.write([writeKeeper(keeper)]);
  }

  #say(turn: Turn, peer: NodeId, message: WireMessage): void {
    turn.after(() => this.#core.running?.peers.send(peer, message));
  }

  #answer(peer: NodeId, restored: RestoredBackup | null): void {
    const waiting = this.#waiting.get(peer);
    this.#waiting.delete(peer);
    for (const tell of waiting ?? []) tell(restored);
  }
}

function channelWith({ channels }: Core, peer: NodeId): ReturnType<GuestPorts['channelWith']> {
  const open = channels
    .ofPeer(peer)
    .flatMap(({ state: { durable } }) => (durable === null || durable.phase === 'closed' ? [] : durable));
  if (open.length === 0) return 'none';
  return open.some(isInBlock) ? 'funded' : 'pending';
}
