import { equalBytes } from '../../base/bytes.ts';
import type { NodeId } from '../../base/ids.ts';
import type { Cancel } from '../../base/ports.ts';
import type { Timestamp } from '../../base/units.ts';
import type { Init } from '../../channel/message.ts';
import { combined, supports } from '../../wire/features.ts';
import type { WireMessage } from '../../wire/wire-message.ts';
import type { Alarm } from '../alarm.ts';
import type { RestoredBackup } from '../backup-api.ts';
import { hasChannelWith } from '../commands/peers.ts';
import type { Core } from '../core.ts';
import { movesOf } from '../snapshots/payments.ts';
import type { Turn } from '../turn.ts';
import { adopt, hasUnknown } from './adopt.ts';
import { partsOf, type BackupContent, type BackupPart, type OthersPart } from './content.ts';
import { channelWith, Guests } from './guests.ts';
import { Keepers, type KeeperSession } from './keepers.ts';
import { writeMoves, type BackupRows, type Moves } from './records.ts';
import { BackupSeal } from './seal.ts';

/** In a file, the newest: some hundred bytes each. */
const MOST_PAYMENTS = 2_000;

/** Seconds that the clock of who made an invoice may be ahead of ours. */
const CLOCKS_DIFFER = 60;

/** One connection with a peer, as far as backups go. */
type Session = KeeperSession & {
  returned: boolean;
  /** What it keeps is of a later version of this program, and stays. */
  fromLater: boolean;
  /**
   * Whose its channels are, for all that was heard: `others`, of another device, and the peer is not listened to any
   * more; `shared`, of another device as well, and ours go on.
   */
  channels: 'ours' | 'shared' | 'others';
};

/** Why a peer is not answered, or what it keeps not written over: the alarm that says so. */
type LeftAlone = Extract<Alarm['code'], 'runs-elsewhere' | 'backup-from-later'>;

/** What a peer's backup brought; null where it has none for us. */
type PeerAnswer = RestoredBackup | 'newer-version' | null;

/** Keeps backups of our channels with peers, and peers' with us; takes back what a backup brings. */
export class BackupDesk {
  readonly guests: Guests;
  readonly keepers: Keepers;
  readonly #core: Core;
  readonly #seal: BackupSeal;
  readonly #sessions = new Map<NodeId, Session>();
  readonly #waiting = new Map<NodeId, Set<(answer: PeerAnswer) => void>>();

  constructor(core: Core, rows: BackupRows) {
    const { network, random } = core.options;
    this.#core = core;
    this.#seal = new BackupSeal(core.keys, network, random);
    this.keepers = new Keepers(core, this.#seal, this.#sessions, rows);
    this.guests = new Guests(
      {
        clock: core.options.clock,
        driver: core.driver,
        channelWith: (peer) => channelWith(core, peer),
      },
      rows.guests,
    );
  }

  /** Whether the peer says that it keeps backups; null while it is not connected. */
  offers(peer: NodeId): boolean | null {
    return this.#sessions.get(peer)?.offers ?? null;
  }

  /** Before the channels are told of the connection. */
  up(turn: Turn, peer: NodeId, remoteInit: Init): void {
    const features = combined(remoteInit.globalFeatures, remoteInit.features);
    this.#sessions.set(peer, {
      offers: supports(features, 'option_provide_storage'),
      answered: !hasChannelWith(this.#core, peer),
      returned: false,
      fromLater: false,
      sentTo: null,
      others: [],
      channels: 'ours',
    });
    const blob = this.guests.blobOf(peer);
    // BOLT 1 §Peer storage: "MUST send `peer_storage_retrieval` again after reconnection, after exchanging `init`
    // messages."
    if (blob !== null)
      turn.after(() => this.#core.running?.peers.send(peer, { name: 'peer_storage_retrieval', blob }));
  }

  down(peer: NodeId): void {
    this.#sessions.delete(peer);
    this.#answer(peer, null);
  }

  /** Every message, before whoever else it is for. False: it is for nobody. */
  heard(turn: Turn, peer: NodeId, message: WireMessage): boolean {
    const session = this.#sessions.get(peer);
    if (session === undefined) return true;
    if (session.channels !== 'others') this.#heard(turn, peer, session, message);
    return session.channels !== 'others';
  }

  #heard(turn: Turn, peer: NodeId, session: Session, message: WireMessage): void {
    if (message.name === 'peer_storage') this.guests.take(turn, peer, message.blob);
    else if (message.name === 'peer_storage_retrieval') this.#onReturned(turn, peer, session, message.blob);
    // BOLT 1 §Peer storage: "`peer_storage_retrieval` should not be sent after `channel_reestablish`"
    else if (message.name === 'channel_reestablish') this.#onNothingReturned(turn, peer, session);
    else if (message.name === 'warning') this.keepers.onWarning(turn, peer, session, message.data);
  }

  /** Everything, for a file. */
  export(turn: Turn): ReturnType<Keepers['export']> {
    const { payments } = this.#core;
    return this.keepers.export(turn, { ...payments.history(MOST_PAYMENTS), moves: movesOf(this.#core) });
  }

  /** A file that could not be written is none: see `file` of the details. @param counter of a backup that was made */
  saved(turn: Turn, counter: number): void {
    const { own } = this.keepers;
    const newest = Math.max(counter, own.file?.counter ?? 0);
    this.keepers.keepOwn(turn, { ...own, file: { counter: newest, at: this.#core.options.clock.now() } });
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
    this.keepers.keepOwn(turn, { ...this.keepers.own, aloneSince: at !== null && at > now ? at : now });
    this.#core.endAlarm('runs-elsewhere');
  }

  /**
   * From a file, or from a peer. Null: another device may run it still, and what is not known here is left to that; but
   * channels of ours that it is further on in are stopped, whoever made it: what we have of them may be revoked.
   */
  restore(turn: Turn, content: BackupContent, others = this.#othersIn(content)): RestoredBackup | null {
    const adopted = { found: 0, stopped: 0, known: 0 };
    let { counter } = this.keepers.own;
    for (const part of partsOf(content)) {
      const isOthers = others.some((one) => one === part);
      const { found, stopped, known } = adopt(this.#core, turn, part, !isOthers);
      adopted.found += found;
      adopted.stopped += stopped;
      adopted.known += known;
      if (!isOthers && part.counter > counter) ({ counter } = part);
    }
    if (adopted.found > 0) this.markRestored(turn);
    if (counter > this.keepers.own.counter) this.keepers.keepOwn(turn, { ...this.keepers.own, counter });
    if (others.length > 0) return null;
    const { sent = [], received = [], moves } = content;
    turn.write(this.#core.payments.adopt({ sent, received }));
    if (moves !== undefined) this.#learn(turn, moves);
    return { ...adopted, madeAt: content.at };
  }

  /** What was paid until now, nobody here knows all of. */
  markRestored(turn: Turn): void {
    this.keepers.keepOwn(turn, { ...this.keepers.own, restoredAt: this.#core.options.clock.now() });
  }

  /**
   * A device of old may have paid what was asked for then, and have lost that with its disk: no backup is so new that it has
   * every payment, and those that peers keep have none.
   */
  mayHavePaid(askedAt: Timestamp): boolean {
    const { restoredAt } = this.keepers.own;
    // It is dated once the chain was looked through.
    return this.#core.restoring || (restoredAt !== undefined && askedAt < restoredAt + CLOCKS_DIFFER);
  }

  #learn(turn: Turn, { opened, closed }: Moves): void {
    const { moves } = this.#core;
    const known = {
      opened: new Set([...moves.opened, ...opened]),
      closed: new Set([...moves.closed, ...closed]),
    };
    this.#core.moves = known;
    turn.write([writeMoves({ opened: [...known.opened], closed: [...known.closed] })]);
  }

  /** What other devices made whose channels they may run, for all that is known here. */
  #othersIn(content: BackupContent): readonly OthersPart[] {
    const { aloneSince } = this.keepers.own;
    return partsOf(content).filter(
      (part): part is OthersPart =>
        // One from before devices had names may be our own.
        part.device !== undefined &&
        !this.#isOurs(part) &&
        (aloneSince === undefined || part.at > aloneSince) &&
        hasUnknown(this.#core, part),
    );
  }

  #isOurs({ device }: BackupPart): boolean {
    const ours = this.keepers.own.device;
    return device !== undefined && ours !== undefined && equalBytes(device, ours);
  }

  /**
   * A peer speaks of a channel that is not known here. After a restore, or where its copy is of another device, that may
   * run it still: true, and the peer is not answered, for it would close the channel.
   */
  mayRunElsewhere(turn: Turn, peer: NodeId): boolean {
    const { restoring, strays } = this.#core;
    if (this.#sessions.get(peer)?.channels === 'shared') return true;
    if (this.keepers.own.aloneSince !== undefined || !(restoring || strays !== null)) return false;
    this.#leaveAlone(turn, peer);
    return true;
  }

  /** Since the node started, or until the person says that no other device runs; null where nothing is. */
  whyLeftAlone(peer: NodeId): LeftAlone | null {
    const told = (['backup-from-later', 'runs-elsewhere'] as const).find((why) => this.#isTold(why, peer));
    return told ?? null;
  }

  #isTold(why: LeftAlone, peer: NodeId): boolean {
    return this.#core.alarms.some(({ code, detail }) => code === why && detail === peer);
  }

  /** Calls back once: with what the peer's backup brought, or null when the peer has none, or is gone. */
  whenAnswered(peer: NodeId, tell: (answer: PeerAnswer) => void): Cancel {
    const waiting = this.#waiting.get(peer) ?? new Set();
    this.#waiting.set(peer, waiting.add(tell));
    return () => waiting.delete(tell);
  }

  stop(): void {
    this.keepers.stop();
    this.guests.stop();
  }

  #onReturned(turn: Turn, peer: NodeId, session: Session, blob: Uint8Array): void {
    // Once a connection: each costs the opening of 64 KiB.
    if (session.returned) return;
    session.returned = true;
    const opened = this.#seal.open(blob);
    if (!opened.ok && opened.error === 'newer-version') {
      // It may have channels that nobody else knows of: written over, they would be gone.
      session.fromLater = true;
      session.answered = false;
      this.keepers.lost(turn, peer);
      this.#answer(peer, 'newer-version');
      return this.#leaveAlone(turn, peer, 'backup-from-later');
    }
    if (!opened.ok) {
      this.#core.options.log('warn', 'backup', 'what a peer gave back is not ours', {
        nodeId: peer,
        why: opened.error,
      });
      this.keepers.returned(turn, peer, 0);
      this.#answer(peer, null);
      return this.keepers.settle(turn, peer, session);
    }
    const parts = partsOf(opened.value);
    const last = parts.reduce((latest, { at }) => (at > latest ? at : latest), opened.value.at);
    if (this.#waiting.has(peer)) this.beAlone(turn, last);
    session.others = this.#othersIn(opened.value);
    const restored = this.restore(turn, opened.value, session.others);
    const given = parts.find((part) => this.#isOurs(part)) ?? (restored === null ? null : opened.value);
    if (given === null) this.keepers.lost(turn, peer);
    else this.keepers.returned(turn, peer, given.counter);
    if (restored === null) this.#leaveAlone(turn, peer);
    else this.#answer(peer, restored);
    if (session.channels !== 'others') this.keepers.settle(turn, peer, session);
  }

  #onNothingReturned(turn: Turn, peer: NodeId, session: Session): void {
    if (session.answered || session.fromLater) return;
    if (!session.returned) this.keepers.nothingReturned(turn, peer);
    this.#answer(peer, null);
    this.keepers.settle(turn, peer, session);
  }

  /** Nothing is asked of it, written over there, or answered: its channels are those of another device. */
  #leaveAlone(turn: Turn, peer: NodeId, why: LeftAlone = 'runs-elsewhere'): void {
    const session = this.#sessions.get(peer);
    this.#answer(peer, null);
    if (!this.#isTold(why, peer)) this.#core.alarm(turn, why, peer);
    // Ours must go on: a payment in one of them would expire.
    const isShared = hasChannelWith(this.#core, peer);
    if (session !== undefined) session.channels = isShared ? 'shared' : 'others';
    if (isShared) return;
    // One node has one connection with a peer: it is the other device's.
    turn.after(() => this.#core.running?.peers.release(peer));
  }

  #answer(peer: NodeId, answer: PeerAnswer): void {
    const waiting = this.#waiting.get(peer);
    this.#waiting.delete(peer);
    for (const tell of waiting ?? []) tell(answer);
  }
}
