import { concatBytes } from '../../base/bytes.ts';
import type { Clock, Random } from '../../base/ports.ts';
import { timestamp } from '../../base/units.ts';
import type { Feerates } from '../../bitcoin/watch.ts';
import type { Env } from '../../channel/env.ts';
import { sha256 } from '../../crypto/hash.ts';
import { encodeUtf8 } from '../../base/utf8.ts';
import { decodeMessage, encodeMessage } from '../../wire/wire-message.ts';
import type { KeyTree } from '../../wallet/key-tree.ts';
import { ManualClock } from '../manual-clock.ts';
import { CALM, nodeIdOf } from '../two-peer-env.ts';
import type { LawChain } from './law-chain.ts';
import type { LawDisk } from './law-disk.ts';
import { LawLife } from './law-life.ts';
import { law } from './law.ts';
import type { EnvOf } from './watched-machine.ts';

export type Who = 'alice' | 'bob';
export const other = (who: Who): Who => (who === 'alice' ? 'bob' : 'alice');

/** A node over as many runs as it takes. */
export class LawNode {
  readonly who: Who;
  readonly #manual = new ManualClock();
  /** Seconds that the clock of this machine is wrong by. */
  skew = 0;
  /** No server is reached. */
  isOffline = false;
  /** What servers say now. */
  feerates: Feerates = CALM;
  /** Bytes on their way to the peer. */
  readonly outbox: Uint8Array[] = [];
  wantsHangUp = false;
  life: LawLife;
  disk: LawDisk;
  readonly #keys: KeyTree;
  readonly #chain: LawChain;
  readonly #envOf: EnvOf;
  readonly #random: Random;
  #drawn = 0;
  #connections = 0;
  #begun = false;

  constructor(who: Who, disk: LawDisk, keys: KeyTree, chain: LawChain, envOf: EnvOf) {
    this.who = who;
    this.#keys = keys;
    this.#chain = chain;
    this.#envOf = envOf;
    this.#random = (length) => {
      const parts: Uint8Array[] = [];
      for (let made = 0; made < length; made += 32) parts.push(sha256(encodeUtf8(`${who} ${this.#drawn++}`)));
      return concatBytes(...parts).subarray(0, length);
    };
    this.disk = disk;
    this.life = this.#live(disk, chain.height);
  }

  get now(): number {
    return this.#manual.now() + this.skew;
  }

  /** What a step of its channel would be given now. */
  envNow(): Env {
    return this.#envOf(this.life.height, this.life.feerates);
  }

  get isDead(): boolean {
    return this.disk.dead;
  }

  /** The process ends where it stands. */
  die(): void {
    this.disk.dead = true;
  }

  /** A new process, from what is on disk. */
  rise(): void {
    const { height } = this.life;
    law(this.disk.bugs.length === 0, 'no bug', () => String(this.disk.bugs[0]));
    this.disk = this.disk.survivor();
    this.outbox.length = 0;
    this.#begun = false;
    this.life = this.#live(this.disk, height);
  }

  pass(milliseconds: number): void {
    this.#manual.advance(milliseconds);
  }

  /** One look at the chain; without servers nothing comes of it. */
  look(): void {
    if (!this.isDead && !this.isOffline) this.life.look(this.feerates);
  }

  /** As connections do it: what was made for the one before does not go out over this one. */
  connect(): void {
    const { life } = this;
    const connection = ++this.#connections;
    life.driver.submit((turn) => {
      turn.after(() => {
        if (this.#connections === connection) this.#begun = true;
      });
      // The other one says what this one does.
      const { features } = this.envNow();
      life.router.up(turn, life.peerId, { name: 'init', globalFeatures: new Uint8Array(), features });
    });
  }

  disconnect(): void {
    this.#connections++;
    this.#begun = false;
    this.outbox.length = 0;
    const { life } = this;
    life.driver.submit((turn) => life.router.down(turn, life.peerId));
  }

  hear(bytes: Uint8Array): void {
    const { life } = this;
    const decoded = decodeMessage(bytes);
    law(decoded.ok && decoded.value.name !== 'unknown', 'messages survive the wire');
    const message = decoded.value;
    life.driver.submit((turn) => life.router.message(turn, life.peerId, message));
  }

  #live(disk: LawDisk, height: LawChain['height']): LawLife {
    const alive = (): boolean => !disk.dead;
    const clock: Clock = {
      now: () => timestamp(Math.max(0, this.now)),
      monotonicMs: () => this.#manual.monotonicMs(),
      after: (delay, run) => this.#manual.after(delay, () => alive() && run()),
    };
    return new LawLife({
      name: this.who,
      peer: other(this.who),
      disk,
      keys: this.#keys,
      chain: this.#chain,
      clock,
      random: this.#random,
      envOf: (known, feerates) => ({
        ...this.#envOf(known, feerates),
        random: this.#random,
        now: clock.now(),
      }),
      height,
      feerates: this.feerates,
      send: (message) => {
        if (alive() && this.#begun) this.outbox.push(encodeMessage(message));
      },
      hangUp: () => {
        this.wantsHangUp = true;
      },
    });
  }
}

export const idOf = (who: Who): ReturnType<typeof nodeIdOf> => nodeIdOf(who);
